"""Makes jobs of borg's archives. An archive was saved, but it does not say whether all files could be read."""

import re
from datetime import UTC
from typing import Any, Final

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.names import job_id, raw_hidden, raw_text, reference, undated
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS, Job
from jobreport.runner.command_lines.redact_words import redact_command
from jobreport.runner.redact import redact
from jobreport.runner.text import clean, shorten
from jobreport.runner.tools import made
from jobreport.runner.tools.borg import Borg

_SHORT: Final = 12
"""So many digits of a repository's ID are in the ID of a job; its reference has all."""
_CHECKPOINT: Final = re.compile(r"\.checkpoint(?:\.\d+)?$")
"""How the name ends of what a backup has saved so far. It goes when that comes to its end."""
_NUMBERS: Final = re.compile(r"\d{5}|\d[-_.:]\d")
"""What a name has that is another one each time, beside dates of a usual form."""


class _Archive(msgspec.Struct):
    id: str
    name: str
    start: str
    end: str = ""
    hostname: str = ""
    username: str = ""
    comment: str = ""
    command_line: list[str] | str = ""


def time_of(record: Any) -> int:
    """Returns when an archive was begun (ticks). Raises UnreadableRecordError."""
    return _ticks(record.get("start"))


def job_of(repository: str, record: Any, text: str) -> Job | None:
    """Returns the job of an archive of the repository with this ID; None for one that is only a checkpoint of a backup
    that goes on, or was broken off. `text` is its record as it came.

    Raises UnreadableRecordError.
    """
    try:
        one = msgspec.convert(record, _Archive)
    except msgspec.ValidationError as error:
        raise UnreadableRecordError(f"an archive is not as it should be: {error}") from None
    if not one.id:
        raise UnreadableRecordError("an archive has no ID")
    if _CHECKPOINT.search(one.name):
        return None
    start = _ticks(one.start)
    what, host = _what(one), clean(one.hostname)
    hidden = _hidden(record, one)
    said = [f"archive {one.name}", redact(one.comment)]
    return Job(
        job_id=job_id("borg", repository[:_SHORT], one.id),
        reference=reference("borg", repository, one.id),
        made=made.borg(one.name, one.hostname),
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        state=JobState.Successful,
        start=start,
        finish=max(start, _ticks(one.end)) if one.end else start,
        successful=1,
        total=1,
        comments=shorten(clean("\n".join(filter(None, said))), TEXT_LIMITS["comments"]),
        description=f"borg backup of {what or 'standard input'} on {host}"[: TEXT_LIMITS["description"]],
        plan=_plan(clean(one.name))[: TEXT_LIMITS["plan"]],
        resource=f"{host}:{what}"[: TEXT_LIMITS["resource"]],
        raw=raw_hidden(hidden, text if hidden == record else raw_text(hidden)),
    )


def _hidden(record: dict[str, Any], one: _Archive) -> dict[str, Any]:
    """Returns the record without the secrets that somebody gave to borg as an argument, whose words are known here."""
    words = one.command_line
    return record if isinstance(words, str) else record | {"command_line": redact_command(words)}


def _what(one: _Archive) -> str:
    """Returns what is backed up, from the command that made the archive."""
    words = one.command_line.split() if isinstance(one.command_line, str) else one.command_line
    return clean(Borg().subject(["borg", *words[1:]]).resource) if words else ""


def _plan(name: str) -> str:
    """Returns the name of what repeats: that of the archive without its date; empty if it has none, or if other numbers
    are left in it.
    """
    bare = undated(name)
    repeats = bare != name and any(map(str.isalpha, bare)) and not _NUMBERS.search(bare)
    return bare if repeats else ""


def _ticks(time: Any) -> int:
    """Returns a time as borg tells it where the time zone is UTC; from version 1.4 on it tells a zone, too."""
    try:
        return ticks.from_iso(time, zone=UTC)
    except (ValueError, TypeError):
        raise UnreadableRecordError(f"an archive has no time of a kind that is known: {time!r}"[:200]) from None
