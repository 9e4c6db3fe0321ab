"""The kind `jobreport`: reads what speaks the job-report API: the publisher's cloud, or another Jobreport.

Another Jobreport is asked by its search, which tells all that a list can show. Where there is none, generation 2 is
asked, service by service; and where that is not there either, generation 1.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from jobreport.client import JobReportClient, JobReportError, RequestRefusedError, SignInRefusedError
from jobreport.connectors.base import CannotReadError, Kind, Look, Page, Right, Stream
from jobreport.connectors.kinds.another_jobreport.generations import ByGeneration1, ByGeneration2, BySearch, Generation
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.sees import Sees

_BATCH: Final = 500
"""So many jobs are handed on together."""
_OVERLAP: Final = 2 * ticks.PER_DAY
_BACK: Final = 30 * ticks.PER_DAY
"""Jobs are found by their start only. So once a day it is asked so far back for what was told late, or corrected."""
_ABSENT: Final = (404, 405)
_MAY_NOT: Final = 403
_NEXT: Final = ticks.YEAR_2200 - 1
"""No job starts so late: what is asked for from then on is only whether it may be asked for."""
_RIGHT: Final = Right(name="PlatformBackup.Read.All or PlatformBackup.ReadWrite.All", without="all of its jobs")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    url: str
    client_id: str
    client_secret_file: str = ""
    certificate: str = ""
    certificate_key: str = ""
    their_tenant: str = ""
    token_url: str = ""
    scope: str = ""
    ca_file: str = ""

    def __post_init__(self) -> None:
        if not _is_address(self.url):
            raise ValueError("url must be an address such as https://jobs.example.com, without a user")
        if self.token_url and not _is_address(self.token_url):
            raise ValueError("token_url must be an address such as https://id.example.com/token, without a user")
        if not self.client_id:
            raise ValueError("client_id must not be empty")
        if bool(self.client_secret_file) == bool(self.certificate):
            raise ValueError("it must have one of client_secret_file and certificate")

    @property
    def whose(self) -> str:
        """Whose jobs they are, in words that no other endpoint has."""
        host = urlsplit(self.url).netloc.lower()
        return f"{host}/{self.their_tenant}" if self.their_tenant else host


KEYS: Final = {
    "url": "The address of the endpoint, such as https://jobs.example.com.",
    "client_id": "The app registration there, which may read.",
    "client_secret_file": "A file with its client secret; or else a certificate.",
    "certificate": "A PEM file with its certificate, and with its private key unless that has a file of its own.",
    "certificate_key": "The PEM file with the private key.",
    "their_tenant": "Whose jobs, if the app may read those of several tenants.",
    "token_url": "The token endpoint; by default url with /connect/token.",
    "scope": "The permissions to ask for; by default all that were granted.",
    "ca_file": "A PEM file with the authorities that its certificate may come from; by default the usual ones.",
}


class Endpoint:
    """One app registration at one endpoint."""

    def __init__(self, client: JobReportClient, whose: str) -> None:
        self._whose = whose
        self._ways: tuple[Generation, ...] = (
            BySearch(client, whose),
            ByGeneration2(client, whose),
            ByGeneration1(client, whose),
        )

    def streams(self) -> list[Stream]:
        """Returns its only list."""
        return [Stream(name="jobs", overlap=_OVERLAP)]

    def rights(self) -> list[Right]:
        """Asks whether the newest jobs can be read."""
        try:
            self._first(_NEXT)
        except SignInRefusedError as error:
            if error.status != _MAY_NOT:
                raise CannotReadError(str(error)) from None
            return [msgspec.structs.replace(_RIGHT, held=False)]
        except JobReportError as error:
            raise CannotReadError(str(error)) from None
        return [msgspec.structs.replace(_RIGHT, held=True)]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the jobs that started since, and each that had not ended."""
        before = look.state if isinstance(look.state, dict) else {"far": look.now}
        is_far = look.now - before["far"] >= ticks.PER_DAY
        try:
            way, jobs, batch = self._first(min(look.since, look.now - _BACK) if is_far else look.since)
            told: set[str] = set()
            while batch:
                ids = {job.job_id for job in batch}
                if len(batch) == _BATCH and ids <= told:  # a few may come twice, where others came meanwhile
                    raise CannotReadError(f"its jobs come again after {len(told):,}, so the list has no end")
                told |= ids
                yield Page(jobs=batch)
                batch = list(islice(jobs, _BATCH))
            for job in look.unfinished:
                if job.job_id not in told:
                    now = way.again(job)
                    yield Page(jobs=[now]) if now else Page(gone=[job.job_id])
            yield Page(state={"far": look.now} if is_far else before)
        except JobReportError as error:
            raise CannotReadError(str(error)) from None

    def _first(self, since: int) -> tuple[Generation, Iterator[Job], list[Job]]:
        """Returns the first way in which it can be asked, the jobs that come, and the first of them.

        Raises the errors of the client, and CannotReadError if there is no such way.
        """
        for way in self._ways:
            jobs = (job for job in way.jobs(since) if not self._came_back(job))
            try:
                return way, jobs, list(islice(jobs, _BATCH))
            except RequestRefusedError as error:
                if error.status not in _ABSENT:
                    raise
        raise CannotReadError("there is no job report at this address, of either generation")

    def _came_back(self, job: Job) -> bool:
        """Whether a job was read from there, by whoever reads us: it would come and go for ever, longer each time."""
        return f":{self._whose}:" in job.job_id.removeprefix(self._whose)


@contextmanager
def _open(settings: Settings) -> Iterator[Endpoint]:
    try:
        secret = _secret(settings.client_secret_file)
        trusted = ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else None
        client = JobReportClient(
            settings.url,
            settings.client_id,
            secret,
            certificate=_certificate(settings),
            token_url=settings.token_url or None,
            scope=settings.scope or None,
            tenant=settings.their_tenant or None,
            ssl_context=trusted,
        )
    except (OSError, UnicodeDecodeError) as error:
        file = getattr(error, "filename", None) or settings.client_secret_file or settings.ca_file
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise CannotReadError(f"{file} cannot be read: {reason}") from None
    except JobReportError as error:
        raise CannotReadError(str(error)) from None
    with client:
        yield Endpoint(client, settings.whose)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _secret(file: str) -> str | None:
    return Path(file).read_text("utf-8").rstrip("\r\n") if file else None


def _certificate(settings: Settings) -> str | tuple[str, str] | None:
    if settings.certificate and settings.certificate_key:
        return settings.certificate, settings.certificate_key
    return settings.certificate or None


KIND: Final = Kind(
    name="jobreport",
    about="the publisher's cloud, or another Jobreport",
    sees=Sees.RUNS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    rights=[_RIGHT],
)
