"""Every call of the API, written once, as flows that both clients run."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, TypeVar, Unpack
from urllib.parse import quote

import httpx
import msgspec

from jobreport.client.answers import read, refused
from jobreport.client.errors import UnexpectedAnswerError
from jobreport.client.flow import Ask, Flow, Items, Walk
from jobreport.client.question import (
    EXPORT_KEYWORDS,
    SERIES_KEYWORDS,
    SUMMARY_KEYWORDS,
    ExportQuestion,
    Pairs,
    Question,
    ReportQuestion,
    SeriesQuestion,
    SummaryQuestion,
    body_of,
    pairs_of,
)
from jobreport.client.report import ReportedJob, ReportPage
from jobreport.client.retrying import retried
from jobreport.client.sending import sent
from jobreport.client.sign_in import SignIn
from jobreport.contract.connectors_answer import ConnectorsAnswer
from jobreport.contract.expectation import ExpectationDocument
from jobreport.contract.generation2 import JobItem, JobsPage
from jobreport.contract.incidents_answer import IncidentChange, IncidentItem, IncidentList, IncidentsChanged
from jobreport.contract.job_details import DetailsPage
from jobreport.contract.job_document import job_to_wire
from jobreport.contract.parameters import JOB_ID, TENANT_HEADER
from jobreport.contract.series_answer import SeriesDetail, SeriesItem, SeriesList
from jobreport.contract.summary import Summary
from jobreport.contract.tenants_answer import TenantsSummary
from jobreport.model.job import Job
from jobreport.model.write_result import WriteResult

T = TypeVar("T")
P = TypeVar("P", JobsPage, SeriesList, IncidentList)
Asked: TypeAlias = list[tuple[str, str]]
"""The pairs of a query string."""

WALKED_PAGE_SIZE: Final = 1000
"""The page size of calls that fetch every page: there are few requests, and each answer is small."""
FILE_SECONDS: Final = 900.0
"""The read timeout of an export, in seconds: an XLSX file is complete before its first byte is sent."""
_MAX_REPEATED: Final = 2048
"""The longest query string, in bytes, that is sent again together with its skiptoken."""
_STALE: Final = 100
"""So many pages of generation 1 in a row may have nothing new: jobs that come meanwhile move small pages."""
_JSON: Final = {"Content-Type": "application/json", "Accept": "application/json, application/problem+json"}


class Calls:
    """The calls of one app to one server."""

    def __init__(
        self, url: str, client_id: str, sign_in: SignIn, retries: int, tenant: str | None, timeout: float
    ) -> None:
        self.url, self.client_id = url, client_id
        self._sign_in, self._retries, self._timeout = sign_in, retries, timeout
        self._headers = _JSON | ({TENANT_HEADER: tenant} if tenant else {})

    def find(self, parameters: Pairs = (), /, **question: Unpack[Question]) -> Flow[JobsPage]:
        """A page of jobs by the query language (`GET /backup/vm/jobs`).

        The keywords are the query language's parameters; `parameters` are more of them, as the pairs of a query
        string. `next_link` of the page is the `skiptoken` of the next one, and empty on the last.
        """
        return self._get_jobs([*parameters, *pairs_of(question)])

    def iter_jobs(self, parameters: Pairs = (), /, **question: Unpack[Question]) -> Walk[JobItem]:
        """Every job that matches, fetched page by page (of 1,000 jobs, unless `page_size` says otherwise).

        By `skiptoken`: a job that is there from the start to the end, matches and keeps its place is given exactly
        once, while others come, change and go. `page_number` or `skiptoken` say where it begins.
        """
        pairs = [*parameters, *pairs_of({"page_size": WALKED_PAGE_SIZE, **question})]
        return self._pages(pairs, self._get_jobs, lambda page: page.jobs)

    def search(self, parameters: Pairs = (), /, **question: Unpack[Question]) -> Flow[DetailsPage]:
        """A page of jobs with the plan, the resource and all else that a list can show (`GET /api/search`).

        The parameters and the keywords are those of `find`. The publisher's own cloud does not have this call.
        """
        pairs = [*parameters, *pairs_of(question)]
        return self._call(Ask("GET", f"{self.url}/api/search", {"params": pairs}), DetailsPage)

    def history(self, job_id: str) -> Flow[dict[str, Any]]:
        """All that is kept of one job, with its earlier versions under `versions` (`GET /api/jobs`, type `JobHistory`).

        Times are .NET ticks, 0 where unset, and codes are numbers. `series` is its series, or None: how it stands, what
        is usual, and the jobs before and after this one; `msgspec.convert(job["series"], SeriesOfJob)` makes it typed.
        The publisher's own cloud does not have this call.
        """
        return self._call(Ask("GET", f"{self.url}/api/jobs", {"params": [(JOB_ID.name, job_id)]}), dict[str, Any])

    def report(self, body: Mapping[str, Any] | None = None, /, **question: Unpack[ReportQuestion]) -> Flow[ReportPage]:
        """A page of generation 1's report (`POST /api/public/jobreport`).

        The keywords are its fields; `body` is the contract's request as a mapping, over which they stand.
        """
        return self._post("/api/public/jobreport", body_of(body or {}, question), ReportPage)

    def iter_report(
        self, body: Mapping[str, Any] | None = None, /, **question: Unpack[ReportQuestion]
    ) -> Walk[ReportedJob]:
        """Every job of generation 1's report, newest first, fetched page by page (of 1,000 jobs, or `page_size`).

        A job that starts meanwhile moves the later pages by one, so that one on a page's edge may come twice: it is
        left out the second time. If a job is deleted meanwhile, another may be missing: if that matters, use
        `iter_jobs`.
        """
        size = question.get("page_size") or WALKED_PAGE_SIZE
        asked = body_of(body or {}, question)
        number = question.get("page_number") or 0
        before: set[str] = set()
        stale = 0
        while True:
            asked = body_of(asked, {"page_number": number, "page_size": size})
            page = yield from self._post("/api/public/jobreport", asked, ReportPage)
            new = [job for job in page.jobs if job.job_id not in before]
            yield Items(new)
            stale = 0 if new else stale + 1
            if stale > _STALE:
                raise UnexpectedAnswerError(f"{self.url} gives the same page again and again: its pages have no end")
            number += 1
            if not page.jobs or number * size >= page.total_count:
                return
            before = {job.job_id for job in page.jobs}

    def summary(self, parameters: Pairs = (), /, **question: Unpack[SummaryQuestion]) -> Flow[Summary]:
        """Groups of jobs, added up (`GET /api/summary`).

        The keywords are its parameters, `with_` for `with`; `parameters` are more of them, as the pairs of a query
        string.
        """
        pairs = [*parameters, *pairs_of(question, SUMMARY_KEYWORDS)]
        return self._call(Ask("GET", f"{self.url}/api/summary", {"params": pairs}), Summary)

    def find_series(self, parameters: Pairs = (), /, **question: Unpack[SeriesQuestion]) -> Flow[SeriesList]:
        """A page of series: what repeats, and how it stands (`GET /api/series`).

        The keywords are its parameters; `parameters` are more of them, as the pairs of a query string. `next_link` of
        the page is the `skiptoken` of the next one, and empty on the last.
        """
        return self._get_series([*parameters, *pairs_of(question, SERIES_KEYWORDS)])

    def series(self, parameters: Pairs = (), /, **question: Unpack[SeriesQuestion]) -> Walk[SeriesItem]:
        """Every series that matches, fetched page by page (of 1,000 series, unless `page_size` says otherwise).

        Sorted by name, each is given exactly once, while others come, change and go.
        """
        pairs = [*parameters, *pairs_of({"page_size": WALKED_PAGE_SIZE, **question}, SERIES_KEYWORDS)]
        return self._pages(pairs, self._get_series, lambda page: page.series)

    def one_series(self, series: int | str) -> Flow[SeriesDetail]:
        """One series by its number or key, with its last 30 runs and what is usual (`GET /api/series/{series}`)."""
        name = quote(str(series), safe="")
        return self._call(Ask("GET", f"{self.url}/api/series/{name}", {}), SeriesDetail)

    def find_incidents(self, parameters: Pairs = (), /) -> Flow[IncidentList]:
        """A page of incidents: what needs somebody, since when and why (`GET /api/incidents`).

        `parameters` are the pairs of its query string; without `state` those that go on. `next_link` of the page is the
        `skiptoken` of the next one, and empty on the last.
        """
        return self._get_incidents([*parameters])

    def incidents(self, parameters: Pairs = (), /) -> Walk[IncidentItem]:
        """Every incident that matches, newest first, fetched page by page (of 1,000, unless `pageSize` is given)."""
        has_size = any(name.casefold() == "pagesize" for name, _ in parameters)
        pairs = [*parameters, *([] if has_size else [("pageSize", str(WALKED_PAGE_SIZE))])]
        return self._pages(pairs, self._get_incidents, lambda page: page.incidents)

    def change_incident(self, incident: str, change: IncidentChange) -> Flow[IncidentsChanged]:
        """Says of an incident, or of all of a message, that somebody has it (`acknowledged`) or nobody does any more,
        and notes its ticket (`PUT /api/incidents/{incident}`). Returns those that were changed, as they are now.
        """
        content = msgspec.json.encode(change)
        url = f"{self.url}/api/incidents/{quote(incident, safe='')}"
        return self._call(Ask("PUT", url, {"content": content}), IncidentsChanged)

    def _get_incidents(self, pairs: list[tuple[str, str]]) -> Flow[IncidentList]:
        return self._call(Ask("GET", f"{self.url}/api/incidents", {"params": pairs}), IncidentList)

    def tenants_summary(self) -> Flow[TenantsSummary]:
        """How each tenant stands that the app may ask for, one row each (`GET /api/tenants/summary`)."""
        return self._call(Ask("GET", f"{self.url}/api/tenants/summary", {}), TenantsSummary)

    def connectors(self) -> Flow[ConnectorsAnswer]:
        """How far the reading of each origin has come, and what cannot be seen (`GET /api/connectors`).

        The publisher's own cloud does not have this call.
        """
        return self._call(Ask("GET", f"{self.url}/api/connectors", {}), ConnectorsAnswer)

    def record(self, jobs: Iterable[Job]) -> Flow[WriteResult]:
        """Writes jobs (at most 10,000), all of them or none (`POST /api/jobs`); repeating it changes nothing.

        But a job that has no ID and no reference gets a new ID each time: a write with such a job is never tried again.
        """
        written = [*jobs]
        body = [job_to_wire(job) for job in written]
        return self._post("/api/jobs", body, WriteResult, again=all(job.job_id or job.reference for job in written))

    def expect(self, name: str, expectation: ExpectationDocument) -> Flow[ExpectationDocument]:
        """Says what is expected of series, in the place of what has this name (`PUT /api/expectations/{name}`).

        Returns it as it is set. The publisher's own cloud does not have this call.
        """
        content = msgspec.json.encode(expectation)
        url = f"{self.url}/api/expectations/{quote(name, safe='')}"
        return self._call(Ask("PUT", url, {"content": content}), ExpectationDocument)

    def open_export(self, parameters: Pairs = (), /, **question: Unpack[ExportQuestion]) -> Flow[httpx.Response]:
        """All jobs that match as a file (`GET /api/export`), of the `format` that is asked for.

        To be used in a `with`: it gives a `Download`, whose `total` is known before the first of its `pieces`. It is
        tried again until it begins. If it breaks off later, the pieces end with ConnectionFailedError, and those
        received so far are not the whole file.
        """
        wait = {"timeout": httpx.Timeout(self._timeout, read=max(self._timeout, FILE_SECONDS))}
        pairs = [*parameters, *pairs_of(question, EXPORT_KEYWORDS)]
        request = Ask("GET", f"{self.url}/api/export", {"params": pairs, **wait}, stream=True)
        return retried(lambda: self._opened(request), self._retries)

    def _opened(self, request: Ask) -> Flow[httpx.Response]:
        response = yield from self._signed_in(request)
        if not response.is_success:
            read(response, object)
        return response

    def _pages(
        self,
        pairs: list[tuple[str, str]],
        ask: Callable[[list[tuple[str, str]]], Flow[P]],
        found: Callable[[P], list[T]],
    ) -> Walk[T]:
        """Gives what is found on each page, from the one that `pairs` ask for to the last."""
        repeated: Asked = [(name, value) for name, value in pairs if name.casefold() not in ("pagenumber", "skiptoken")]
        if len(str(httpx.QueryParams(tuple(repeated)))) > _MAX_REPEATED:
            # A skiptoken of this service contains the question, except the tenant. Other servers may need the question
            # again.
            repeated = [(name, value) for name, value in repeated if name.casefold() in ("pagesize", "tenant")]
        given = set[str]()
        while True:
            page = yield from ask(pairs)
            yield Items(found(page))
            if not page.next_link:
                return
            if page.next_link in given:
                raise UnexpectedAnswerError(f"{self.url} gives the same nextLink again: its pages have no end")
            given.add(page.next_link)
            pairs = [*repeated, ("skiptoken", page.next_link)]

    def _get_series(self, pairs: Asked) -> Flow[SeriesList]:
        return self._call(Ask("GET", f"{self.url}/api/series", {"params": pairs}), SeriesList)

    def _get_jobs(self, pairs: Asked) -> Flow[JobsPage]:
        return self._call(Ask("GET", f"{self.url}/backup/vm/jobs", {"params": pairs}), JobsPage)

    def _post(self, path: str, body: object, answer: type[T], *, again: bool = True) -> Flow[T]:
        return self._call(Ask("POST", self.url + path, {"content": msgspec.json.encode(body)}), answer, again=again)

    def _call(self, request: Ask, answer: type[T], *, again: bool = True) -> Flow[T]:
        """Sends the request, again while it fails for now."""
        return retried(lambda: self._once(request, answer), self._retries if again else 0)

    def _once(self, request: Ask, answer: type[T]) -> Flow[T]:
        response = yield from self._signed_in(request)
        return read(response, answer)

    def _signed_in(self, request: Ask) -> Flow[httpx.Response]:
        """Sends the request with a token; one that was refused is renewed once."""
        token = yield from self._sign_in.bearer()
        response = yield from self._bearing(token, request)
        if response.status_code == 401:
            token = yield from self._sign_in.bearer(refused=token)
            response = yield from self._bearing(token, request)
        if response.status_code in (401, 403):
            raise refused(response, f"{self.url} refused the app registration {self.client_id}")
        return response

    def _bearing(self, token: str, request: Ask) -> Flow[httpx.Response]:
        headers = self._headers | {"Authorization": f"Bearer {token}"}
        if any(name.casefold() == "tenant" and value for name, value in request.options.get("params", ())):
            headers.pop(TENANT_HEADER, None)  # the question names a tenant itself, and a request with two is refused
        return sent(request._replace(options={**request.options, "headers": headers}))
