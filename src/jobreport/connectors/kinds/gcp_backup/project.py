"""Reads the backups of a Google project: jobs of Backup and DR from its log, and backup runs of Cloud SQL.

Backup and DR has no list of jobs. They are entries of a log, which is kept for a month and which the project may be
configured not to keep. So an empty log is reported as "no data", not as "no jobs".
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.http_client import Answered, DeniedError, HttpServer
from jobreport.connectors.kinds.gcp_backup.records import event_of, job_of, run_of
from jobreport.connectors.kinds.gcp_backup.rights import ENTRIES, LOGS, RUNS
from jobreport.connectors.kinds.gcp_backup.settings import APPLIANCES, DATABASES, JOBS, Settings
from jobreport.connectors.paging import Answer, walk
from jobreport.connectors.refusals import readable
from jobreport.model import ticks
from jobreport.model.job import Job

T = TypeVar("T")
_PAGE: Final = 1000
_RUNS_PAGE: Final = 500
_RUNS_KEPT: Final = 7 * ticks.PER_DAY
"""Cloud SQL keeps seven automated backups of an instance, unless it is told otherwise: one a day."""
_LOGS: Final = {
    JOBS: "backupdr.googleapis.com%2Fbdr_backup_restore_jobs",
    APPLIANCES: "backupdr.googleapis.com%2Fbackup_recovery_appliance_events",
}
_READS: Final[dict[str, Callable[[bytes], Job]]] = {JOBS: job_of, APPLIANCES: event_of}
_DISABLED: Final = b"SERVICE_DISABLED"
_NAMED: Final = 50
"""So many jobs are named in one question."""


class _Entries(msgspec.Struct, rename="camel"):
    entries: tuple[msgspec.Raw, ...] = ()
    next_page_token: str = ""


class _Names(msgspec.Struct, rename="camel"):
    log_names: tuple[str, ...] = ()
    next_page_token: str = ""


class _Runs(msgspec.Struct, rename="camel"):
    items: tuple[msgspec.Raw, ...] = ()
    next_page_token: str = ""


class _Named(msgspec.Struct, rename="camel"):
    job_id: str = ""


class _Told(msgspec.Struct, rename="camel"):
    json_payload: _Named = msgspec.field(default_factory=_Named)


class Project:
    """One project. `logging` and `sql` are the servers that are asked."""

    def __init__(self, logging: HttpServer, sql: HttpServer, settings: Settings) -> None:
        self._logging, self._sql, self._settings = logging, sql, settings
        self._project = settings.project

    def streams(self) -> list[Stream]:
        """Returns the lists that are read."""
        kept = self._settings.remembers * ticks.PER_SECOND
        return [
            Stream(name=name, whole=name == DATABASES, remembers=_RUNS_KEPT if name == DATABASES else kept)
            for name in self._settings.lists
        ]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives what the log has since, and how the jobs stand that had not ended; or all backup runs."""
        return self._runs() if stream.name == DATABASES else self._jobs(stream.name, look)

    def rights(self) -> Iterator[Right]:
        """Asks for each right by the question that needs it."""
        lists = self._settings.lists
        for log in filter(_LOGS.__contains__, lists):
            yield self._held(ENTRIES, log, partial(self._entries, log, "", "", 1))
        if set(lists) & _LOGS.keys():
            yield self._held(LOGS, "", partial(self._names, ""))
        if DATABASES in lists:
            yield self._held(RUNS, DATABASES, partial(self._page_of_runs, "", 1))

    def _held(self, right: Right, stream: str, ask: Callable[[], object]) -> Right:
        try:
            ask()
        except DeniedError:
            return msgspec.structs.replace(right, held=False, stream=stream)
        except CannotReadError:  # why, the streams tell
            return msgspec.structs.replace(right, held=None, stream=stream)
        return msgspec.structs.replace(right, held=True, stream=stream)

    def _jobs(self, log: str, look: Look) -> Iterator[Page]:
        unsure = None
        try:
            self._require_entries(log)
        except DeniedError as error:
            unsure = error
        waiting = {job.reference: job for job in look.unfinished}
        since = f'timestamp>="{ticks.to_iso(look.since)}"'
        for page in self._listed(log, since):
            for job in page.jobs:
                unsure = None
                waiting.pop(job.reference, None)
            yield page
        if unsure is not None:
            raise CannotReadError(f"the log of {log} has nothing new, and that may be all that it ever has: {unsure}")
        yield from self._again(log, list(waiting.values()))

    def _again(self, log: str, waiting: Sequence[Job]) -> Iterator[Page]:
        """Gives what the log still has of jobs that had not ended."""
        for first in range(0, len(waiting), _NAMED):
            some = {job.reference: job for job in waiting[first : first + _NAMED]}
            names = " OR ".join(f'"{_name(job)}"' for job in some.values())
            for page in self._listed(log, f"jsonPayload.jobId=({names})"):
                for job in page.jobs:
                    some.pop(job.reference, None)
                yield page
            yield Page(gone=[job.job_id for job in some.values()])

    def _listed(self, log: str, which: str) -> Iterator[Page]:
        clock = 0

        def ask(token: Hashable | None) -> Answer[msgspec.Raw]:
            nonlocal clock
            answered = self._entries(log, which, str(token or ""), _PAGE)
            clock = answered.clock
            told = _understood(answered, _Entries)
            return Answer(told.entries, told.next_page_token or None)

        for records in walk(ask, f"the log of {log} of {self._project}"):
            jobs, refused = readable(records, lambda raw: _READS[log](bytes(raw)))
            yield Page(jobs=jobs, refused=refused, clock=clock)

    def _entries(self, log: str, which: str, token: str, most: int) -> Answered:
        named = f'logName="projects/{self._project}/logs/{_LOGS[log]}"'
        document = {
            "resourceNames": [f"projects/{self._project}"],
            "filter": f"{named} AND {which}" if which else named,
            "orderBy": "timestamp asc",
            "pageSize": most,
        }
        what = f"{ENTRIES.name} in {self._project}"
        with _Telling("logging.googleapis.com", self._project):
            return self._logging.post("v2/entries:list", what, document | ({"pageToken": token} if token else {}))

    def _require_entries(self, log: str) -> None:
        """Raises CannotReadError if nothing is in the log as far back as it is kept."""
        wanted = f"projects/{self._project}/logs/{_LOGS[log]}"

        def ask(token: Hashable | None) -> Answer[str]:
            told = _understood(self._names(str(token or "")), _Names)
            return Answer(told.log_names, told.next_page_token or None)

        if not any(wanted in names for names in walk(ask, f"the logs of {self._project}")):
            raise CannotReadError(
                f"{self._project} has no log of {log}: either nothing ran for as long as logs are kept, or its sink "
                "leaves them out (lists can leave out what is not there)"
            )

    def _names(self, token: str) -> Answered:
        what = f"{LOGS.name} in {self._project}"
        with _Telling("logging.googleapis.com", self._project):
            return self._logging.get(f"v2/projects/{self._project}/logs", what, pageSize=_PAGE, pageToken=token or None)

    def _runs(self) -> Iterator[Page]:
        clock = 0

        def ask(token: Hashable | None) -> Answer[msgspec.Raw]:
            nonlocal clock
            answered = self._page_of_runs(str(token or ""), _RUNS_PAGE)
            clock = answered.clock
            told = _understood(answered, _Runs)
            return Answer(told.items, told.next_page_token or None)

        for records in walk(ask, f"the backup runs of {self._project}"):
            jobs, refused = readable(records, lambda raw: run_of(bytes(raw), self._project))
            yield Page(jobs=jobs, refused=refused, clock=clock)

    def _page_of_runs(self, token: str, most: int) -> Answered:
        # "-" stands for all instances.
        path = f"v1/projects/{quote(self._project, safe=':')}/instances/-/backupRuns"
        what = f"{RUNS.name} in {self._project}"
        with _Telling("sqladmin.googleapis.com", self._project):
            return self._sql.get(path, what, maxResults=most, pageToken=token or None)


class _Telling:
    """Tells an API that is not switched on from a right that is missing: Google answers both alike."""

    def __init__(self, api: str, project: str) -> None:
        self._api, self._project = api, project

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DeniedError) and _DISABLED in error.body:
            raise CannotReadError(f"{self._api} is not enabled in {self._project}") from None


def _understood(answered: Answered, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answered.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CannotReadError(f"Google's answer is not understood: {str(error)[:200]}") from None


def _name(job: Job) -> str:
    """Returns Google's own ID of a job, by its record, or by our ID of it where another told of it since."""
    try:
        told = msgspec.json.decode(job.raw, type=_Told).json_payload.job_id
    except (msgspec.DecodeError, RecursionError):
        told = ""
    return (told or job.job_id.rpartition(":")[2]).replace("\\", "\\\\").replace('"', '\\"')
