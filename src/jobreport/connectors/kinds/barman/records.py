"""Makes jobs of the backups that barman lists and shows. Pure.

Only a backup that is done has times. For one that runs or failed, the start is read from its ID, which is in the local
time of barman's machine. The error of a failed backup is not in the list, only in its details.
"""

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final, TypeVar

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.names import Statuses, job_id, raw_hidden, raw_text, reference
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import INT64_MAX, Job
from jobreport.origins.barman import STATUSES
from jobreport.runner.redact import redact
from jobreport.runner.text import clean, shorten
from jobreport.runner.tools import made
from jobreport.runner.tools.reading import one_object

R = TypeVar("R")
_STATUSES: Final = Statuses(STATUSES)
_ID: Final = re.compile(r"\d{8}T\d{6}", re.ASCII)
_SHOWN: Final = 60
_NO_END: Final = "barman does not tell when it ended: it was first seen ended then"
_GONE: Final = (
    "its process is gone, and barman goes on to say {}: it was killed, or its machine was; it was first seen gone then"
)
_NO_LOGS: Final = "copied; it waits for the write-ahead logs without which it cannot be restored"


class Listed(msgspec.Struct, frozen=True):
    """A backup as `list-backups` has it."""

    backup_id: str
    status: str
    end_time_timestamp: int | str | None = None
    size_bytes: int | None = None
    backup_type: str | None = None

    @property
    def ended(self) -> int:
        """When it ended (ticks); 0: that is not told."""
        return _of_epoch(self.end_time_timestamp)


class Base(msgspec.Struct, frozen=True):
    """What is told of a backup's files."""

    begin_time_timestamp: int | str | None = None
    end_time_timestamp: int | str | None = None
    backup_size_bytes: int | None = None
    disk_usage_bytes: int | None = None  # its name in older versions


class Shown(msgspec.Struct, frozen=True):
    """A backup as `show-backup` has it."""

    backup_id: str
    status: str
    system_id: int | str | None = None
    error: str | None = None
    backup_type: str | None = None
    base_backup_information: Base | None = None


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What we know of a backup besides barman's own record: its `server`; the `system` under which it was first
    reported; when it was first seen as ended (ticks); and whether the process that made it is gone.
    """

    server: str
    system: str
    first_seen: int
    gone: bool = False


def understood(record: object, kind: type[R], server: str) -> R:
    """Returns what a record of a server says, as `Listed` or `Shown`. Raises UnreadableRecordError."""
    try:
        return msgspec.convert(record, kind)
    except msgspec.ValidationError as error:
        raise UnreadableRecordError(f"a backup of {server} cannot be read: {error}") from None


def began(backup_id: str, zone: tzinfo | None, server: str) -> int:
    """Returns when a backup began by its ID (ticks). Raises UnreadableRecordError."""
    if _ID.fullmatch(backup_id):
        try:
            return ticks.from_datetime(_moment(backup_id, zone))
        except (ValueError, OverflowError, OSError):
            pass
    raise UnreadableRecordError(f"the ID {backup_id[:_SHOWN]!r} of a backup of {server} is no time")


def was_twice(backup_id: str, zone: tzinfo | None) -> bool:
    """Returns whether clocks showed the time of an ID twice, since they were put back: then IDs have no order."""
    return _moment(backup_id, zone).utcoffset() != _moment(backup_id, zone, again=True).utcoffset()


def _moment(backup_id: str, zone: tzinfo | None, *, again: bool = False) -> datetime:
    """Returns the time of an ID; `again`: the second one, where there are two. Raises ValueError and OverflowError."""
    moment = datetime.strptime(backup_id, "%Y%m%dT%H%M%S").replace(fold=again)  # noqa: DTZ007 - the zone comes next
    return moment.replace(tzinfo=zone) if zone else moment.astimezone()


def job_of(shown: Shown, observed: Observed, zone: tzinfo | None, raw: Mapping[str, Any]) -> Job:
    """Returns the job of a backup. Raises UnreadableRecordError."""
    base = shown.base_backup_information or Base()
    start = _of_epoch(base.begin_time_timestamp) or began(shown.backup_id, zone, observed.server)
    end = _of_epoch(base.end_time_timestamp)
    state, note = _STATUSES.read(shown.status, ended=bool(end))
    notes = [note]
    if observed.gone:
        state = JobState.Failed
        notes.append(_GONE.format(shown.status))
    elif shown.status == "WAITING_FOR_WALS":
        notes.append(_NO_LOGS)
    elif state.finished and not end:
        notes.append(_NO_END)
    notes.append(redact(shown.error or ""))  # last, where people look for it
    counts = one_object(state) if state.finished else None
    # A standby has the system of its primary, and both may be backed up in the same second.
    key = ("barman", observed.system, observed.server, shown.backup_id)
    name = shown.backup_type or "full"
    return Job(
        job_id=job_id(*key),
        reference=reference(*key),
        made=made.barman(observed.server, shown.backup_id),
        service=ServiceType.Common,
        type=JobType.Backup,
        state=state,
        start=start,
        finish=max(start, end or observed.first_seen) if state.finished else 0,
        failed=counts.failed if counts else 0,
        successful=counts.successful if counts else 0,
        total=counts.total if counts else 0,
        size=min(max(0, base.backup_size_bytes or base.disk_usage_bytes or 0), INT64_MAX),
        comments=shorten(clean("\n".join(filter(None, notes))), 4096),
        description=f"barman: {name} backup"[:1024],
        plan=observed.server[:256],
        resource=observed.server[:1024],
        raw=raw_hidden(raw, raw_text(raw)),
    )


def _of_epoch(seconds: int | str | None) -> int:
    """Returns the ticks of a time in seconds since 1970, which newer versions write as text; 0 for none."""
    try:
        return ticks.check(ticks.UNIX_EPOCH + int(float(seconds)) * ticks.PER_SECOND) if seconds else 0
    except (ValueError, OverflowError):
        return 0
