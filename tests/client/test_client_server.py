"""Both clients at the running server: both generations, every page, everybody who must not pass, many at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.client import (
    AsyncJobReportClient,
    JobReportClient,
    JobState,
    JobType,
    RequestRefusedError,
    ServiceType,
    SignInRefusedError,
)
from jobreport.model import ticks
from jobreport.model.job import Job
from jobs import AUGUST, MINUTE, job, unfinished
from runs import SECRET
from serving import WRITE_OWN, App, Server

TRUE_START = datetime(2024, 8, 22, 16, 0, 48, 185969, UTC)
AFTER = TRUE_START + timedelta(microseconds=1)


@pytest.fixture
def filled(app: App) -> App:
    answer = app.write(
        [
            job(
                f"j{n:02}",
                startTime=AUGUST + n * MINUTE,
                serviceType=("VM", "AKS")[n % 2],
                jobType="Backup",
                state=("Successful", "Failed", "Exception")[n % 3],
                failedCount=n % 3 and n,
                plan=("a", "b")[n // 6],
            )
            for n in range(12)
        ]
        + [unfinished("runs", "InProgress", startTime=AUGUST + 60 * MINUTE)]
    )
    assert answer.status_code == 200, answer.text
    return app


def ids(jobs: Any) -> list[str]:
    return [one.job_id for one in jobs]


def test_a_page_is_found_by_keywords_with_its_total(filled: App, asking: Any) -> None:
    page = asking.find(state=[JobState.Failed, "Exception"], plan="b", sort="failedCount", page_size=2)
    assert (page.total_count, ids(page.jobs)) == (4, ["j07", "j08"])
    assert ids(asking.find(skiptoken=page.next_link).jobs) == ["j10", "j11"]
    assert ids(asking.find([("state", "Failed")], service_type=ServiceType.AKS).jobs) == ["j07", "j01"]
    assert ids(asking.find(start_time=AFTER, finish_time=AFTER + timedelta(minutes=1)).jobs) == ["j01"]


def test_a_summary_adds_up_the_jobs_of_its_filters(filled: App, asking: Any) -> None:
    found = asking.summary([("by", "plan,state"), ("state", "Successful,Failed")])
    assert (found.total.jobs, found.total.success_rate) == (8, 0.5)
    assert [(group.plan, group.state, group.jobs) for group in found.groups] == [
        *(("a", state, 2) for state in ("Successful", "Failed")),
        *(("b", state, 2) for state in ("Successful", "Failed")),
    ]
    with pytest.raises(RequestRefusedError, match="by"):
        asking.summary([("by", "colour")])


def test_a_job_says_its_times_as_datetimes(filled: App, asking: Any) -> None:
    oldest, running = asking.find(sort="startTime", page_size=1).jobs[0], asking.find(page_size=1).jobs[0]
    assert oldest.row() == {
        "job_id": "j00",
        "type": "Backup",
        "state": "Successful",
        "failed": 0,
        "successful": 0,
        "skipped": 0,
        "total": 0,
        "started_at": TRUE_START.replace(microsecond=0),
        "finished_at": TRUE_START.replace(microsecond=0) + timedelta(minutes=1),
        "took": timedelta(minutes=1),
        "comments": "",
    }
    assert (running.status, running.finished_at) == (JobState.InProgress, None)
    assert running.took > timedelta(days=365)


def test_generation_1_gives_the_same_to_the_100_nanoseconds(filled: App, asking: Any) -> None:
    page = asking.report(service_type=ServiceType.VM, page_size=2, page_number=2)
    assert (page.total_count, ids(page.jobs)) == (6, ["j02", "j00"])
    oldest = page.jobs[1]
    assert (oldest.start_time, oldest.started_at, oldest.took) == (AUGUST, TRUE_START, timedelta(minutes=1))
    assert oldest.row()["finished_at"] == oldest.finished_at == TRUE_START + timedelta(minutes=1)
    assert asking.report({"searchText": "J00"}).jobs == [oldest]


@pytest.mark.parametrize("page_size", [1, 5, 13, 1000])
@pytest.mark.parametrize("walk", ["iter_jobs", "iter_report"])
def test_every_page_is_walked(filled: App, asking: Any, walk: str, page_size: int) -> None:
    every = ["runs", *(f"j{n:02}" for n in reversed(range(12)))]
    assert ids(getattr(asking, walk)(page_size=page_size)) == every
    some = getattr(asking, walk)(service_type=ServiceType.AKS, page_size=page_size)
    assert ids(some) == [name for name in every if name[1:] in ("01", "03", "05", "07", "09", "11")]


def test_a_walk_begins_where_it_is_told_to(filled: App, asking: Any) -> None:
    first = asking.find(page_size=10)
    assert ids(asking.iter_jobs(skiptoken=first.next_link, page_size=2)) == ["j02", "j01", "j00"]
    assert ids(asking.iter_jobs(page_number=2, page_size=5)) == ["j02", "j01", "j00"]
    assert ids(asking.iter_report(page_number=2, page_size=5)) == ["j02", "j01", "j00"]


def test_a_walk_with_a_long_question_comes_to_its_end(app: App, asking: Any) -> None:
    # Each letter takes six bytes of an address, which has room for the question, but not for its token beside it.
    resources = [f"{n}/{'ß' * 1000}" for n in range(8)]
    app.write([job(f"r{n}", resource=name, startTime=AUGUST + n) for n, name in enumerate(resources)])
    assert ids(asking.iter_jobs(resource=resources, sort="startTime", page_size=3)) == [f"r{n}" for n in range(8)]


def test_jobs_that_come_and_go_neither_repeat_a_job_nor_hide_one(filled: App) -> None:
    with JobReportClient(filled.server.url, filled.client_id, filled.secret) as client:
        found = []
        for number, one in enumerate(client.iter_jobs(page_size=2)):
            found.append(one.job_id)
            filled.write(job(f"new{number}", startTime=AUGUST + (70 + number) * MINUTE))
    assert found == ["runs", *(f"j{n:02}" for n in reversed(range(12)))]


def test_what_is_written_is_found(asking: Any) -> None:
    written = Job(
        job_id="w",
        service=ServiceType.AAD,
        type=JobType.AADExport,
        state=JobState.Successful,
        start=AUGUST,
        finish=AUGUST + 1,
    )
    assert asking.record([written]).created == 1
    assert asking.record(iter([written])).unchanged == 1
    assert [one.duration for one in asking.report().jobs] == [1]


def test_who_may_not_read_is_told_so(server: Server, tenant: str, connect: Any) -> None:
    app = server.app(tenant, WRITE_OWN)
    for ask in ("find", "report", "iter_jobs", "iter_report"):
        with pytest.raises(SignInRefusedError) as refused:
            list(getattr(connect(server.url, app.client_id, app.secret), ask)())
        assert refused.value.status == 403


def test_tenant_that_an_app_may_not_ask_for_is_named_as_the_server_names_it(idle: App, connect: Any) -> None:
    with pytest.raises(SignInRefusedError) as refused:
        connect(idle.server.url, idle.client_id, idle.secret).find(tenant="nobody")
    (fault,) = refused.value.errors
    assert (fault.field, fault.message) == ("tenant", "must be a tenant that this app may ask for")


def test_another_tenants_jobs_are_not_there(filled: App, idle: App, connect: Any) -> None:
    assert connect(idle.server.url, idle.client_id, idle.secret).find(search_text="j0").total_count == 0


def test_a_wrong_secret_is_refused_in_words(filled: App, connect: Any) -> None:
    with pytest.raises(SignInRefusedError, match="unknown client, wrong secret") as refused:
        connect(filled.server.url, filled.client_id, SECRET).find()
    assert (refused.value.status, SECRET in repr(refused.value)) == (401, False)


def test_a_scope_that_is_asked_for_bounds_the_token(filled: App, connect: Any) -> None:
    client = connect(filled.server.url, filled.client_id, filled.secret, scope="platformbackup.jobs.report")
    with pytest.raises(SignInRefusedError):
        client.find()


def test_every_fault_of_a_question_is_named(asking: Any) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        asking.find(state="Done", page_size=10_001)
    assert {error.field for error in refused.value.errors} == {"state", "pageSize"}
    assert refused.value.request_id
    with pytest.raises(TypeError, match="'since'"):
        asking.find(since="7d")


def test_a_client_takes_a_secret_or_a_certificate(connect: Any) -> None:
    for credentials in ({}, {"client_secret": SECRET, "certificate": Path("c.pem")}):
        with pytest.raises(TypeError, match="either client_secret or certificate"):
            connect("http://127.0.0.1:9", "app", **credentials)


def test_many_threads_share_one_client_and_one_token(recorder: Any) -> None:
    together = threading.Barrier(16)
    made = Job(job_id="a", service=ServiceType.VM, type=JobType.Backup, state=JobState.InProgress, start=AUGUST)

    def write(number: int) -> int:
        together.wait()
        return client.record([made.evolve(job_id=f"a{number}")]).received

    with JobReportClient(recorder.url, "app", SECRET) as client, ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(write, range(16))) == 16
    assert recorder.tokens == 1


def test_many_tasks_share_one_client_and_one_token(filled: App) -> None:
    found: list[int] = []

    async def ask(client: AsyncJobReportClient) -> None:
        found.append((await client.find()).total_count)

    async def main() -> None:
        async with (
            AsyncJobReportClient(filled.server.url, filled.client_id, filled.secret) as client,
            anyio.create_task_group() as tasks,
        ):
            for _ in range(16):
                tasks.start_soon(ask, client)

    anyio.run(main)
    assert found == [13] * 16


def test_a_call_that_is_cancelled_leaves_the_client_usable(misbehaving: Any) -> None:
    from misbehaving import slow

    misbehaving.token_deeds = [slow(5)]

    async def main() -> None:
        async with AsyncJobReportClient(misbehaving.url, "app", SECRET) as client:
            with anyio.move_on_after(0.2) as scope:
                await client.find()
            assert scope.cancelled_caught
            assert (await client.find()).total_count == 0

    anyio.run(main)


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 11)), st.integers(1, 14))
def test_a_walk_gives_what_generation_1_gives(filled_once: Any, states: set[int], page_size: int) -> None:
    chosen = [[JobState.Successful, JobState.Failed, JobState.Exception][n % 3] for n in states]
    walked = ids(filled_once.iter_jobs(state=chosen, page_size=page_size))
    wanted = [one.job_id for one in filled_once.iter_report() if not chosen or one.state in chosen]
    assert walked == wanted


@pytest.fixture(scope="module")
def filled_once(server: Server) -> Any:
    app = server.app("walked-by-law")
    made = [
        job(f"l{n}", startTime=AUGUST + n // 2, state=("Successful", "Failed", "Exception")[n % 3]) for n in range(12)
    ]
    for one in made:
        one["failedCount"] = 0 if one["state"] == "Successful" else 1
    app.write(made)
    with JobReportClient(server.url, app.client_id, app.secret) as client:
        yield client


def test_a_naive_time_is_refused_before_anything_is_sent(connect: Any) -> None:
    with pytest.raises(ValueError, match="finish_time"):
        connect("http://127.0.0.1:9", "app", SECRET).find(finish_time=datetime(2024, 1, 1))  # noqa: DTZ001 - without a zone, as it must not be
    assert ticks.to_datetime(AUGUST) == TRUE_START
