"""The three ways in which an endpoint that speaks the job report can be asked for jobs."""

from collections.abc import Hashable, Iterator
from typing import Any, Final, Protocol

from jobreport.client import JobDetails, JobReportClient, RequestRefusedError
from jobreport.connectors.kinds.another_jobreport.jobs import (
    from_generation1,
    from_generation2,
    from_search,
    their_id,
)
from jobreport.connectors.names import job_id
from jobreport.connectors.paging import Answer, walk
from jobreport.model.catalog import GENERATION_1_SERVICES, GENERATION_1_TYPES, ServiceType
from jobreport.model.job import Job

_PAGE: Final = 1000
_UNKNOWN: Final = 400


class Generation(Protocol):
    """A way to ask. Both methods raise the errors of the client."""

    def jobs(self, since: int) -> Iterator[Job]:
        """Gives each job that started at or after this time (ticks), to the last."""

    def again(self, job: Job) -> Job | None:
        """Returns a job as it is now; None if it is not there any more.

        It is searched by its ID, to the end: any number of others may have the same text.
        """


class BySearch:
    """Another Jobreport: `GET /api/search`."""

    def __init__(self, client: JobReportClient, whose: str) -> None:
        self._client, self._whose = client, whose

    def jobs(self, since: int) -> Iterator[Job]:
        """Gives each job, with all that a list can show."""

        return self._found(start_time=since)

    def again(self, job: Job) -> Job | None:
        """Returns a job as it is now."""
        theirs = their_id(job, self._whose)
        wanted = job_id(self._whose, theirs)
        return next((one for one in self._found(search_text=theirs) if one.job_id == wanted), None)

    def _found(self, **question: Any) -> Iterator[Job]:
        def ask(token: Hashable | None) -> Answer[JobDetails]:
            skiptoken = None if token is None else str(token)
            page = self._client.search(**question, page_size=_PAGE, skiptoken=skiptoken)
            return Answer(page.jobs, page.next_link or None)

        for items in walk(ask, "its jobs"):
            yield from (from_search(item, self._whose) for item in items)


class ByGeneration2:
    """Generation 2: `GET /backup/vm/jobs`, for each service."""

    def __init__(self, client: JobReportClient, whose: str) -> None:
        self._client, self._whose = client, whose

    def jobs(self, since: int) -> Iterator[Job]:
        """Gives the jobs of each service."""
        for service in ServiceType:
            try:
                for item in self._client.iter_jobs(service_type=service, start_time=since, page_size=_PAGE):
                    yield from_generation2(item, service, self._whose)
            except RequestRefusedError as error:
                # A service that it does not know has no jobs there.
                if error.status != _UNKNOWN or service in GENERATION_1_SERVICES:
                    raise

    def again(self, job: Job) -> Job | None:
        """Returns a job as it is now."""
        theirs = their_id(job, self._whose)
        every = self._client.iter_jobs(search_text=theirs, service_type=job.service, page_size=_PAGE)
        return next((from_generation2(item, job.service, self._whose) for item in every if item.job_id == theirs), None)


class ByGeneration1:
    """Generation 1: `POST /api/public/jobreport`. Which services have jobs is asked first, then each type of these."""

    def __init__(self, client: JobReportClient, whose: str) -> None:
        self._client, self._whose = client, whose

    def jobs(self, since: int) -> Iterator[Job]:
        """Gives the jobs of each service, by type; last those whose type has no code in generation 1."""
        for service in GENERATION_1_SERVICES:
            left = self._client.report(service_type=service, start_time=since, page_size=1).total_count
            if not left:
                continue
            told: set[str] = set()
            for kind in GENERATION_1_TYPES:
                if left <= len(told):
                    break
                for item in self._client.iter_report(service_type=service, job_type=kind, start_time=since):
                    told.add(item.job_id)
                    yield from_generation1(item, service, kind, self._whose)
            if len(told) < left:
                for item in self._client.iter_report(service_type=service, start_time=since):
                    if item.job_id not in told:
                        yield from_generation1(item, service, None, self._whose)

    def again(self, job: Job) -> Job | None:
        """Returns a job as it is now."""
        theirs = their_id(job, self._whose)
        every = self._client.iter_report(search_text=theirs, service_type=job.service)
        kind = job.type if job.type in GENERATION_1_TYPES else None
        return next(
            (from_generation1(item, job.service, kind, self._whose) for item in every if item.job_id == theirs),
            None,
        )
