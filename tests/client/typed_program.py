"""A program that uses all that the client offers, and says which types it expects: read by a type checker, not run."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import assert_type

from jobreport.client import (
    AsyncJobReportClient,
    ConnectionFailedError,
    Job,
    JobItem,
    JobReportClient,
    JobReportError,
    JobsPage,
    JobState,
    JobType,
    Question,
    ReportedJob,
    ReportPage,
    RequestRefusedError,
    SeriesDetail,
    SeriesItem,
    SeriesList,
    ServerUnavailableError,
    ServiceType,
    SignInRefusedError,
    Sort,
    SortKey,
    Summary,
    WriteResult,
)

FAILED: Question = {"state": [JobState.Failed, "Exception", 16], "sort": Sort(SortKey.FAILED, descending=True)}


def threads(client: JobReportClient, job: Job) -> None:
    assert_type(client.find(), JobsPage)
    assert_type(client.find([("state", "Failed")], **FAILED), JobsPage)
    page = client.find(service_type=ServiceType.VM, start_time=datetime.now(UTC), min_duration=timedelta(hours=1))
    assert_type(page.jobs, list[JobItem])
    assert_type(page.jobs[0].started_at, datetime | None)
    assert_type(page.jobs[0].took, timedelta)
    assert_type(client.iter_jobs(job_type={JobType.Backup}, plan=("a", "b"), page_size=10), Iterator[JobItem])
    assert_type(client.report({"searchText": "x"}, page_number=1), ReportPage)
    assert_type(client.iter_report(start_time=638599392481859693), Iterator[ReportedJob])
    assert_type(client.summary([("by", "day")]), Summary)
    assert_type(client.find_series(sort="-lastGood", at=datetime.now(UTC)), SeriesList)
    assert_type(client.series(state=JobState.Failed), Iterator[SeriesItem])
    assert_type(client.one_series(7), SeriesDetail)
    assert_type(client.tenants_summary().tenants[0].not_good, int)
    assert_type(client.record([job]), WriteResult)
    with client.export(format="parquet", **FAILED) as download:
        assert_type(download.total, int)
        assert_type(download.pieces, Iterator[bytes])
    with client as same:
        assert_type(same, JobReportClient)


async def tasks(client: AsyncJobReportClient, job: Job) -> None:
    assert_type(await client.find(**FAILED), JobsPage)
    assert_type(client.iter_jobs(skiptoken="t"), AsyncIterator[JobItem])
    assert_type([one.status async for one in client.iter_jobs()], list[JobState])
    assert_type(await client.report(), ReportPage)
    assert_type(client.iter_report(), AsyncIterator[ReportedJob])
    assert_type(await client.summary(), Summary)
    assert_type([one.last_good_at async for one in client.series()], list[datetime | None])
    assert_type((await client.one_series("7")).runs[0].took, timedelta)
    assert_type(await client.record([job]), WriteResult)
    async with client.export([("format", "csv")]) as download:
        assert_type([piece async for piece in download.pieces], list[bytes])
    async with client as same:
        assert_type(same, AsyncJobReportClient)


def made() -> None:
    JobReportClient("https://x", "app", "secret", scope="a b", tenant="acme", timeout=3, retries=0)
    JobReportClient("https://x", "app", certificate=Path("c.pem"), token_url="https://y/connect/token")
    AsyncJobReportClient("https://x", "app", certificate=("c.pem", Path("k.pem")))


def errors(error: JobReportError) -> float | None:
    assert_type(error.temporary, bool)
    assert_type(error.request_id, str)
    match error:
        case ServerUnavailableError():
            return error.retry_after
        case SignInRefusedError() | RequestRefusedError():
            return float(error.status)
        case ConnectionFailedError():
            return None
    return None
