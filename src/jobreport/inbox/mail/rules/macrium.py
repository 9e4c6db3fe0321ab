"""Reads the mails of Macrium Reflect and Site Manager about a backup, as its templates write them."""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import agreed, job, labelled, lines, state_of
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType
from jobreport.runner.tools.reading import one_object

_SUBJECT: Final = re.compile(
    r"(?:(?P<machine>[\w.+-]{1,64}) ?(?:\((?P<plan>[^()]{1,128})\))? ?)?"
    r"Macrium Reflect ?- ?(?P<kind>Backup|Clone|Image|Restore) "
    r"(?P<word>with Warnings|Completed with Errors|\w{1,30})",
    re.IGNORECASE,
)
_MANAGER: Final = re.compile(
    r"Notification ?- ?(?P<kind>Backup) (?P<word>\w{1,30}) on computer (?P<machine>\S{1,64})", re.IGNORECASE
)
_WORDS: Final = {
    "success": JobState.Successful,
    "successful": JobState.Successful,
    "succeeded": JobState.Successful,
    "failure": JobState.Failed,
    "failed": JobState.Failed,
    "fail": JobState.Failed,
    "warning": JobState.Exception,
    "with warnings": JobState.Exception,
    "completed with errors": JobState.Exception,
    "aborted": JobState.Failed,
    "cancelled": JobState.Stopped,
    "canceled": JobState.Stopped,
}
_MARKS: Final = {"success :)": JobState.Successful, "failed :(": JobState.Failed, "warning :|": JobState.Exception}
_LABELS: Final = {
    "computer": "machine",
    "computer name": "machine",
    "backup definition": "plan",
    "definition": "plan",
    "errors": "errors",
    "warnings": "warnings",
}
_ABORTED: Final = re.compile(r"(?:Error: ?)?(?:Backup|Clone|Image) (aborted|cancelled|canceled|failed)", re.IGNORECASE)
_ENDED: Final = re.compile(
    r"(?:Backup|Image|Clone|Image of .{1,100}?:?) completed (successfully|with (?:errors|warnings))", re.IGNORECASE
)
_SHOWN: Final = 5


def _found(mail: Mail) -> re.Match[str] | None:
    return _SUBJECT.search(mail.subject[:400]) or _MANAGER.search(mail.subject[:400])


def _matches(mail: Mail) -> bool:
    return _found(mail) is not None or "Macrium" in mail.subject


def _read(mail: Mail) -> Reading:
    if (found := _found(mail)) is None:
        raise UnreadableError("the subject does not say of a backup of Macrium Reflect how it ended")
    text = lines(mail)
    values = labelled(text, _LABELS)
    named = found.groupdict()
    aborted = [line for line in text if _ABORTED.match(line)]
    said, doubt = agreed(_WORDS.get(found["word"].casefold()), _by_text(text, aborted))
    if found["word"].casefold() not in _WORDS:
        said = None
    counted = [f"{values[name]} {name}" for name in ("errors", "warnings") if values.get(name, "0").strip("0 ")]
    state, comment = state_of(said, f"{found['kind']} {found['word']}", doubt, *counted)
    done = job(
        state,
        comment,
        *aborted[:_SHOWN],
        type=JobType.Restore if found["kind"].casefold() == "restore" else JobType.Backup,
        plan=named.get("plan") or values.get("plan", "").strip("'\" "),
        resource=named.get("machine") or values.get("machine", ""),
        description=f"Macrium Reflect {found['kind'].lower()}",
        counts=one_object(state),
    )
    return Reading(jobs=(done,))


def _by_text(text: Sequence[str], aborted: Sequence[str]) -> JobState | None:
    """Returns how the backup ended by the text, by a mark of the template or by its log; None if it tells nothing."""
    if aborted:
        word = _ABORTED.match(aborted[0])
        return JobState.Stopped if word and word[1].lower().startswith("cancel") else JobState.Failed
    for line in text:
        if (mark := line.casefold()) in _MARKS:
            return _MARKS[mark]
    for line in text:
        if ended := _ENDED.search(line):
            return JobState.Successful if ended[1].lower() == "successfully" else JobState.Exception
    return None


RULE: Final = Rule(
    name="macrium",
    sender="Macrium Reflect 7 and 8, and Site Manager",
    languages="English",
    wording="subjects and marks of its own templates, which users show in public",
    in_words=True,
    matches=_matches,
    read=_read,
)
