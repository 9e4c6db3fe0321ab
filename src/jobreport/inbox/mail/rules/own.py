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
    """A table `[[rule]]`. Each of these fields is a regular expression, `find` several.

    The rule reads a mail if `sender` (in the file: `from`), `subject` and `body` are each found in that part of the
    mail; an empty one is not looked for. The expressions of `find` are looked for in the body, too, but a mail is read
    even if they are not found. `each` is found once for each job, if a mail tells of several.
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
        self._required = [
            (key, _expression(table, text, key))
            for key, text in (("from", settings.sender), ("subject", settings.subject), ("body", settings.body))
            if text
        ]
        if not self._required:
            raise table.error("must say which mails it reads, by at least one of from, subject and body")
        self._optional = [_expression(table, text, "find", number) for number, text in enumerate(settings.find)]
        self._each = _expression(table, settings.each, "each") if settings.each else None
        for key, expression in (*(("find", one) for one in self._optional), ("each", self._each)):
            if expression is not None and not expression.groups:
                raise table.error("has an expression without a named group, such as (?<plan>.+)", key)
        every = [*(one for _, one in self._required), *self._optional, *([self._each] if self._each else [])]
        if not any("state" in one.groups for one in every):
            raise table.error("must say where the state is, by a group (?<state>…) in one of its expressions")

    def read(self, mail: Mail, budget: Budget | None = None) -> Reading | None:
        """Returns the jobs that a mail tells; None if this rule does not read the mail.

        Raises UnreadableError if it cannot be read, or if that takes longer than the time that is left in `budget`, by
        default the time for one mail.
        """
        try:
            return self._read(mail, budget or Budget())
        except SlowError:
            raise UnreadableError(f"the rule {self.name} takes longer than {SECONDS:.0f} s at this mail") from None

    def _read(self, mail: Mail, budget: Budget) -> Reading | None:
        text = mail.text
        places = {"from": mail.sender, "subject": mail.subject, "body": text}
        must = []
        for place, expression in self._required:
            if (found := expression.named(places[place], budget)) is None:
                return None
            must.append(found)
        may = [expression.named(text, budget) or {} for expression in self._optional]
        # If several expressions find a field, `find` counts before `body`, then `subject`, and last `from`.
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
            # If `each` finds a state, only that one counts; otherwise the state of the whole mail does.
            job = self._job([part], whole) if "state" in part else self._job([part, *whole])
            # With the same key, all jobs of the mail would be stored as one.
            own = job.key if "key" in part or not job.key else f"{job.key}/{number}"
            yield msgspec.structs.replace(job, key=own)

    def _job(self, found: Sequence[dict[str, str]], beside: Sequence[dict[str, str]] = ()) -> ReportedJob:
        """Returns the job with the fields in `found`. What is missing is taken from `beside`, but no state."""
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
