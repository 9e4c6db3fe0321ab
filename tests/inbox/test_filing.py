"""What becomes of a job that a report tells: the same report twice is one job, whatever comes between."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.inbox.filing import SAME_WITHIN, filed
from jobreport.inbox.report import Reading, ReportedJob
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS, check
from jobreport.model.stored_job import presume_failed
from jobreport.runner.tools.base import Counts
from stored_jobs import AT, INBOX, Jobs

MINUTE = 60 * ticks.PER_SECOND

_texts = st.text(max_size=20)
_times = st.just(0) | st.integers(AT - 100 * MINUTE, AT + 100 * MINUTE) | st.integers(0, 2**63)
_numbers = st.integers(-5, 2**40)
_jobs = st.builds(
    ReportedJob,
    state=st.sampled_from(JobState),
    key=st.just("") | st.sampled_from("ab") | _texts,
    start=_times,
    finish=_times,
    service=st.none() | st.sampled_from(ServiceType),
    type=st.none() | st.sampled_from(JobType),
    plan=_texts,
    resource=_texts,
    description=_texts,
    comments=_texts,
    counts=st.none()
    | st.builds(Counts, failed=_numbers, successful=_numbers, skipped=_numbers, total=_numbers, size=_numbers),
    raw=st.just("") | st.sampled_from(['{"a": 1}', "[]", "no JSON"]),
)
_seen = st.builds(
    msgspec.structs.replace, _jobs, key=st.sampled_from("ab"), observed=st.integers(AT - 100 * MINUTE, AT)
)
"""Jobs of a sender that says when it saw each."""


def told(state: JobState = JobState.Successful, **more: Any) -> ReportedJob:
    return ReportedJob(state=state, **more)


@given(st.lists(_jobs, max_size=5) | st.lists(_seen, max_size=5), st.binary(max_size=20), st.integers(0, SAME_WITHIN))
def test_the_same_delivery_twice_counts_once(jobs: list[ReportedJob], content: bytes, later: int) -> None:
    store = Jobs()
    store.deliver(jobs, content)
    once = {name: (one.job.evolve(observed=0), one.received) for name, one in store.stored.items()}
    store.deliver(jobs, content, AT + later)
    assert {name: (one.job.evolve(observed=0), one.received) for name, one in store.stored.items()} == once


@given(st.lists(_jobs | _seen, max_size=5), st.binary(max_size=20))
def test_every_job_keeps_the_rules_of_a_job(jobs: list[ReportedJob], content: bytes) -> None:
    store = Jobs()
    store.deliver(jobs, content)
    for one in store.stored.values():
        assert check(one.job, {}) == one.job
        assert one.job.state is not JobState.Successful or not one.job.failed


def test_what_its_sender_saw_earlier_does_not_undo_what_is_newer() -> None:
    store = Jobs()
    seen = {"key": "run", "start": AT - 9 * MINUTE}
    running = told(JobState.InProgress, observed=AT - 5 * MINUTE, **seen)
    waiting = told(JobState.Waiting, observed=AT - 8 * MINUTE, **seen)
    assert store.deliver([running], b"") == 1
    assert store.deliver([waiting], b"", AT + MINUTE) == 0
    ended = told(JobState.Failed, observed=AT - 2 * MINUTE, **seen)
    late = told(JobState.Successful, observed=AT - 3 * MINUTE, **seen)
    assert [store.deliver([one], b"", AT + MINUTE) for one in (ended, late, running)] == [1, 0, 0]
    assert (store.only.job.state, store.only.job.observed) == (JobState.Failed, AT - 2 * MINUTE)


@given(_jobs, _jobs)
def test_a_run_that_is_named_never_becomes_unfinished_again(first: ReportedJob, second: ReportedJob) -> None:
    store = Jobs()
    for one in (first, second):
        store.deliver([msgspec.structs.replace(one, key="run")], b"")
    ended = first.state.finished or second.state.finished
    assert store.only.job.state.finished is ended


def test_what_a_report_leaves_empty_is_the_inboxs_own() -> None:
    store = Jobs()
    store.deliver([told()], b'{"status": "ok", "password": "hunter2", "url": "https://u:p@example.com"}')
    job = store.only.job
    assert (job.service, job.type, job.plan, job.resource) == (ServiceType.FileShare, JobType.Backup, "nightly", "/srv")
    assert (job.description, job.origin, job.start, job.finish) == ("nas", "inbox/nas", AT, AT)
    assert (job.successful, job.total, job.failed) == (1, 1, 0)
    assert store.only.app == "inbox:0a0b0c0d"
    assert msgspec.json.decode(job.raw) == {"status": "ok", "password": "***", "url": "https://u:***@example.com"}


def test_what_a_report_tells_outranks_the_inbox() -> None:
    store = Jobs()
    store.deliver(
        [
            told(
                start=AT - MINUTE,
                finish=AT,
                service=ServiceType.AmazonEC2,
                type=JobType.Restore,
                plan="p" * 300,
                resource="a\nb",
                description="d",
                comments="token=abcdef done",
                counts=Counts(successful=3, total=3, size=9),
                raw='{"x": 1}',
            )
        ],
        b"anything",
    )
    job = store.only.job
    assert (job.service, job.type, len(job.plan), job.resource) == (ServiceType.AmazonEC2, JobType.Restore, 256, "a b")
    assert (job.comments, job.raw, job.size, job.successful) == ("token=*** done", '{"x":1}', 9, 3)
    assert (job.start, job.finish) == (AT - MINUTE, AT)


def test_start_and_end_of_a_named_run_are_one_job() -> None:
    store = Jobs()
    store.deliver([told(JobState.InProgress, key="7", plan="daily")], b"start", AT)
    assert (store.only.job.state, store.only.job.heartbeat) == (JobState.InProgress, 1200)
    store.deliver([told(key="7")], b"end", AT + MINUTE)
    job = store.only.job
    assert (job.state, job.start, job.finish, job.plan, job.heartbeat) == (
        JobState.Successful,
        AT,
        AT + MINUTE,
        "daily",
        0,
    )
    assert store.deliver([told(JobState.InProgress, key="7")], b"start", AT + 2 * MINUTE) == 0


def test_an_older_end_of_a_run_that_comes_late_changes_nothing() -> None:
    store = Jobs()
    store.deliver([told(key="7", finish=AT)], b"second", AT + MINUTE)
    assert store.deliver([told(JobState.Failed, key="7", finish=AT - MINUTE)], b"first", AT + 2 * MINUTE) == 0
    assert store.deliver([told(JobState.Failed, key="7", finish=AT + MINUTE)], b"third", AT + 3 * MINUTE) == 1
    assert store.only.job.state is JobState.Failed


def test_a_failure_that_was_presumed_gives_way_to_any_report() -> None:
    store = Jobs()
    store.deliver([told(JobState.InProgress, key="7")], b"", AT)
    store.stored = {name: presume_failed(one) for name, one in store.stored.items()}
    store.deliver([told(key="7")], b"", AT + MINUTE)
    assert (store.only.job.state, store.only.presumed) == (JobState.Successful, False)


@pytest.mark.parametrize(("apart", "jobs"), [(0, 1), (SAME_WITHIN, 1), (SAME_WITHIN + 1, 2), (24 * 60 * MINUTE, 2)])
def test_a_report_without_name_and_time_is_told_apart_by_when_it_came(apart: int, jobs: int) -> None:
    for begin in (AT, AT + SAME_WITHIN // 2, AT + SAME_WITHIN - 1):
        store = Jobs()
        store.deliver([told()], b"ok", begin)
        store.deliver([told()], b"ok", begin + apart)
        assert len(store.stored) == jobs


def test_a_report_with_times_is_the_same_whenever_it_comes_and_others_are_others() -> None:
    store = Jobs()
    store.deliver([told(finish=AT)], b"a", AT)
    store.deliver([told(finish=AT)], b"a", AT + 100 * MINUTE)
    store.deliver([told(finish=AT)], b"b", AT)
    assert len(store.stored) == 2


def test_what_comes_beside_the_content_tells_reports_apart() -> None:
    ids = {filed(INBOX, Reading(jobs=(told(),)), b"ok", AT, beside)[0].ids[0] for beside in (b"", b"a=1", b"a=2")}
    assert len(ids) == 3


def test_one_of_several_jobs_is_known_by_its_own_record_beside_others() -> None:
    store = Jobs()
    old, new = (told(finish=AT, raw=raw) for raw in ('{"id": 1}', '{"id": 2}'))
    store.deliver([old, old], b"first")
    store.deliver([new, old, old], b"second")
    assert len(store.stored) == 3


def test_a_success_that_counts_failures_is_an_exception() -> None:
    store = Jobs()
    store.deliver([told(counts=Counts(failed=2, successful=5))], b"", AT)
    job = store.only.job
    assert (job.state, job.failed, job.total) == (JobState.Exception, 2, 7)
    assert job.comments == "the report says success, and counts 2 that failed"


def test_times_that_cannot_be_are_left_out_and_long_texts_are_cut() -> None:
    store = Jobs()
    store.deliver([told(start=5, finish=AT - MINUTE, comments="x\n" * 9000)], b'{"long": "%s"}' % (b"y, " * 50_000))
    job = store.only.job
    assert (job.start, job.finish) == (AT - MINUTE, AT - MINUTE)
    assert len(job.comments) == TEXT_LIMITS["comments"]
    assert list(msgspec.json.decode(job.raw)) == ["beginning"]
    store.deliver([told(start=AT + MINUTE, finish=AT, key="x")], b"<xml/>")
    job = store.stored["inbox-0a0b0c0d-x"].job
    assert (job.start, job.finish, job.raw) == (AT, AT, "")


def test_of_many_records_no_more_is_kept_than_a_delivery_may() -> None:
    store = Jobs()
    raws = [f'{{"id": {number}, "text": "{"x, " * 20_000}"}}' for number in range(20)]
    store.deliver([told(finish=AT, raw=raw) for raw in raws], b"")
    assert [bool(one.job.raw) for one in store.stored.values()] == [True] * 17 + [False] * 3


def test_half_of_a_secret_is_not_kept() -> None:
    store = Jobs()
    store.deliver([told(comments="password=" + "secret" * 10_000 + "\nlast line")], b"")
    assert store.only.job.comments == "last line"
