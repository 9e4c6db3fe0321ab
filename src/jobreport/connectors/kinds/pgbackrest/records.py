"""Makes jobs of what `pgbackrest info` prints. Pure.

The command ends with 0 even if it could not read a repository: only the status code of each repository tells. A backup
with damaged pages ends with 0, too, and its stanza stays "ok": only the backup's own `error` tells.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from jobreport.connectors.base import CannotReadError, UnreadableRecordError
from jobreport.connectors.names import job_id, raw_json, reference
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import INT64_MAX, Job
from jobreport.runner.text import clean
from jobreport.runner.tools import made
from jobreport.runner.tools.reading import one_object

_COMPLETE: Final = frozenset({0, 2})  # ok; no valid backups
_NO_NAME: Final = "[invalid]"
"""The name that pgBackRest gives to a stanza where it could not even list which there are."""
_KIND: Final = {"full": "full", "diff": "differential", "incr": "incremental"}
_DAMAGED: Final = (
    "pages with wrong checksums were backed up as they are; which files they are in says "
    "pgbackrest info --stanza={} --set={} --repo={}"
)


class Status(msgspec.Struct, frozen=True):
    """How a stanza, or a repository of it, was found."""

    code: int
    message: str = ""


class Repository(msgspec.Struct, frozen=True):
    """A repository of a stanza."""

    key: int
    status: Status


class Database(msgspec.Struct, frozen=True, rename="kebab"):
    """A database cluster that a stanza has, or had before an upgrade."""

    id: int
    system_id: int
    repo_key: int = 1


class Stanza(msgspec.Struct, frozen=True):
    """A stanza. Versions before there could be several repositories name none."""

    name: str
    status: Status
    repo: tuple[Repository, ...] = ()
    db: tuple[Database, ...] = ()
    backup: tuple[msgspec.Raw, ...] = ()


class Cluster(msgspec.Struct, frozen=True, rename="kebab"):
    """Which database cluster a backup is of, and in which repository it is."""

    id: int
    repo_key: int = 1


class Times(msgspec.Struct, frozen=True):
    """When a backup began and ended, in seconds since 1970."""

    start: int
    stop: int


class Size(msgspec.Struct, frozen=True):
    """How much a backup is, in bytes, when it is restored."""

    size: int = 0


class Logs(msgspec.Struct, frozen=True):
    """The first write-ahead log without which a backup cannot be restored."""

    start: str | None = None


class Backup(msgspec.Struct, frozen=True):
    """A backup of a stanza in a repository."""

    label: str
    type: str
    timestamp: Times
    database: Cluster
    info: Size = Size()
    archive: Logs = Logs()
    error: bool | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The backups of one stanza in one repository. `systems` are the IDs of the database systems, by their number in
    the stanza. `unreadable` says why pgBackRest could not read it; empty: it could.
    """

    stanza: str
    repository: int
    unreadable: str
    systems: Mapping[int, int]
    backups: tuple[msgspec.Raw, ...]

    @property
    def name(self) -> str:
        """What this part is called."""
        return f"{self.stanza}: repo {self.repository}"


class _Where(msgspec.Struct, frozen=True):
    database: Cluster = Cluster(id=0)


def parts(answer: bytes) -> Iterator[Part]:
    """Gives each stanza in each repository. Raises CannotReadError if this is no answer, or if pgBackRest could not
    list its stanzas.
    """
    try:
        stanzas = msgspec.json.decode(answer, type=list[Stanza])
    except msgspec.MsgspecError as error:
        raise CannotReadError(f"pgBackRest printed no list of stanzas in JSON: {error}") from None
    for stanza in stanzas:
        if stanza.name == _NO_NAME:
            first = next((one.status for one in stanza.repo), stanza.status)
            raise CannotReadError(f"pgBackRest cannot list its stanzas: {_words(first)}")
        where: dict[int, list[msgspec.Raw]] = {}
        for raw in stanza.backup:
            where.setdefault(_repository(raw), []).append(raw)
        named = stanza.repo or (Repository(1, stanza.status),)
        beside = sorted(where.keys() - {one.key for one in named})  # none of its backups may be left out
        for repository in (*named, *(Repository(key, stanza.status) for key in beside)):
            key, status = repository.key, repository.status
            yield Part(
                stanza=stanza.name,
                repository=key,
                unreadable="" if status.code in _COMPLETE else _words(status),
                systems={one.id: one.system_id for one in stanza.db if one.repo_key == key},
                backups=tuple(where.get(key, ())),
            )


def _repository(raw: msgspec.Raw) -> int:
    try:
        return msgspec.json.decode(raw, type=_Where).database.repo_key
    except msgspec.MsgspecError:
        return 1  # where it is read, what is wrong with it is told


def _words(status: Status) -> str:
    """Returns the first line of a message: behind it is advice, or what was found instead of a file of its own."""
    return clean(status.message.partition("\n")[0]) or f"status {status.code}"


def time_of(record: Any) -> int:
    """Returns when a backup ended (ticks). Raises UnreadableRecordError."""
    return _time(_understood(record).timestamp.stop)


def job_of(part: Part, host: str, record: Any, text: str) -> Job:
    """Returns the job of a backup, which was started on `host`; `text` is its record as it came. Raises
    UnreadableRecordError.
    """
    backup = _understood(record)
    if not (system := part.systems.get(backup.database.id)):
        raise UnreadableRecordError(f"the backup {backup.label} of {part.name} is of a database that is not listed")
    # A restored cluster, and a machine that was copied, keep the system's ID, and the clock may give both one label.
    key = ("pgbackrest", system, part.stanza, backup.label, part.repository, backup.archive.start or "")
    start = _time(backup.timestamp.start)
    state = JobState.Exception if backup.error else JobState.Successful
    counts = one_object(state)
    return Job(
        job_id=job_id(*key),
        reference=reference(*key),
        made=made.pgbackrest(part.stanza, host, start),
        service=ServiceType.Common,
        type=JobType.Backup,
        state=state,
        start=start,
        finish=max(start, _time(backup.timestamp.stop)),
        failed=counts.failed,
        successful=counts.successful,
        total=counts.total,
        size=min(max(0, backup.info.size), INT64_MAX),
        comments=_DAMAGED.format(part.stanza, backup.label, part.repository) if backup.error else "",
        cause="damaged" if backup.error else "",
        description=f"pgBackRest: {_KIND.get(backup.type, backup.type)} backup"[:1024],
        plan=part.stanza[:256],
        resource=f"{part.stanza[:1000]}, repo {part.repository}",
        raw=raw_json(text.encode()),
    )


def _understood(record: Any) -> Backup:
    try:
        return msgspec.convert(record, Backup)
    except msgspec.ValidationError as error:
        raise UnreadableRecordError(f"a backup of pgBackRest's cannot be read: {error}") from None


def _time(seconds: int) -> int:
    return ticks.UNIX_EPOCH + max(0, min(seconds, _LAST)) * ticks.PER_SECOND


_LAST: Final = (ticks.YEAR_2200 - ticks.UNIX_EPOCH) // ticks.PER_SECOND - 1
