"""Reads mails by a rule of `jobreport.toml`: regular expressions, whose named groups are the fields of a job."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from jobreport.configuration.file import Table
from jobreport.inbox.fields import FieldReader, FieldSettings, check_name
from jobreport.inbox.mail.message import Mail
from jobreport.inbox.patterns import SECONDS, Budget, Pattern, SlowError
from jobreport.inbox.report import MAX_JOBS, Reading, ReportedJob, UnreadableError

_SHOWN: Final = 60


class RuleSettings(FieldSettings, frozen=True, kw_only=True):
    """A table `[[rule]]`. A mail is its own if `sender` (`from`), `subject` and `body` are found, as far as they are
    given. What `find` has may be missing in a mail. `each` finds every one of several jobs.
    """

    sender: str = msgspec.field(name="from", default="")
    subject: str = ""
    body: str = ""
    find: tuple[str, ...] = ()
    each: str = ""


class OwnRule:
    """Reads mails by one rule. Raises ConfigurationError if the table cannot be one."""

    def __init__(self, table: Table) -> None:
        settings = table.read(RuleSettings)
        self.name = table.name
        self._reader = FieldReader(table, settings)
        self._must = [
            (key, _expression(table, text, key))
            for key, text in (("from", settings.sender), ("subject", settings.subject), ("body", settings.body))
            if text
        ]
        if not self._must:
            raise table.error("must say which mails it reads, by at least one of from, subject and body")
        self._may = [_expression(table, text, "find", number) for number, text in enumerate(settings.find)]
        self._each = _expression(table, settings.each, "each") if settings.each else None
        for key, expression in (*(("find", one) for one in self._may), ("each", self._each)):
            if expression is not None and not expression.groups:
                raise table.error("has an expression without a named group, such as (?<plan>.+)", key)
        every = [*(one for _, one in self._must), *self._may, *([self._each] if self._each else [])]
        if not any("state" in one.groups for one in every):
            raise table.error("must say where the state is, by a group (?<state>…) in one of its expressions")

    def read(self, mail: Mail, budget: Budget | None = None) -> Reading | None:
        """Returns the jobs that a mail tells; None if it is no mail of this rule's. Raises UnreadableError, also if
        the time that is left in `budget` is over; by default that of one mail.
        """
        try:
            return self._read(mail, budget or Budget())
        except SlowError:
            raise UnreadableError(f"the rule {self.name} takes longer than {SECONDS:.0f} s at this mail") from None

    def _read(self, mail: Mail, budget: Budget) -> Reading | None:
        text = mail.text
        places = {"from": mail.sender, "subject": mail.subject, "body": text}
        must = []
        for place, expression in self._must:
            if (found := expression.named(places[place], budget)) is None:
                return None
            must.append(found)
        may = [expression.named(text, budget) or {} for expression in self._may]
        # What is told nearest to the job counts; the address of the sender least.
        whole = [*may, *reversed(must)]
        if self._each is None:
            return Reading(jobs=(self._job(whole),))
        jobs = tuple(self._jobs(self._each.every(text, budget), whole))
        if not jobs:
            raise UnreadableError(f"each of the rule {self.name} finds nothing in it")
        return Reading(jobs=jobs)

    def _jobs(self, parts: Iterator[dict[str, str]], whole: Sequence[dict[str, str]]) -> Iterator[ReportedJob]:
        for number, part in enumerate(parts, 1):
            if number > MAX_JOBS:
                raise UnreadableError(f"each of the rule {self.name} finds more than the {MAX_JOBS:,} jobs of a mail")
            job = self._job([part], whole) if "state" in part else self._job([part, *whole])
            # One key for all would make them one job.
            own = job.key if "key" in part or not job.key else f"{job.key}/{number}"
            yield msgspec.structs.replace(job, key=own)

    def _job(self, found: Sequence[dict[str, str]], beside: Sequence[dict[str, str]] = ()) -> ReportedJob:
        """Returns the job of what is `found`; what is missing there is looked for `beside`, but for the state."""
        words = list(dict.fromkeys(one["state"] for one in found if "state" in one))
        doubt = ""
        if len({self._reader.state_of(word)[0] for word in words}) > 1:
            doubt = f"the mail tells several states: {', '.join(repr(word[:_SHOWN]) for word in words[:5])}"

        def find(name: str) -> Any:
            return next((one[name] for one in (*found, *beside) if name in one), None)

        nothing = f"the rule {self.name} finds no state in it"
        return self._reader.job(words[0] if words else "", find, nothing=nothing, doubt=doubt)


def _expression(table: Table, text: str, *path: str | int) -> Pattern:
    try:
        expression = Pattern(text, in_lines=True)
    except ValueError as error:
        raise table.error(str(error), *path) from None
    for name in expression.groups:
        check_name(table, name, *path)
    return expression
