"""What pings make of jobs: one run after another, beside each other, twice, in any order."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.inbox.pings.body import BodyReader
from jobreport.inbox.pings.ping import Ping
from jobreport.inbox.pings.runs import SAME_WITHIN, arrival_of, job_id_of, settle
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import MAX_RAW, faults
from jobreport.model.ping import Settled, Signal
from jobreport.model.stored_job import StoredJob, presume_failed
from jobreport.runner.tools.base import Counts
from stored_jobs import INBOX
from strategies import NOW, RAW

MINUTE = 60 * ticks.PER_SECOND


class Kept:
    """The jobs of an inbox, as the store would keep them."""

    def __init__(self) -> None:
        self.jobs: dict[str, StoredJob] = {}
        self.run = self.log = ""
        self.count = 0

    def ping(self, signal: Signal, at: int = NOW, body: bytes = b"", method: str = "POST", **said: Any) -> Settled:
        self.count += 1
        ping, reader = Ping(signal=signal, **said), BodyReader()
        reader.feed(body)
        arrival = arrival_of(ping, reader.end(), method=method, at=at, fresh=lambda: f"run-{self.count}")
        settled = settle(INBOX, arrival, self.jobs.get(job_id_of(INBOX, ping.run) or self.run), at)
        for stored in settled.jobs:
            assert not faults(stored.job, {}), stored
            assert len(stored.job.raw.encode()) <= MAX_RAW
            self.jobs[stored.job.job_id] = stored
        self.run, self.log = settled.run or self.run, settled.log or self.log
        return settled

    @property
    def told(self) -> list[tuple[str, int, str]]:
        """State, minutes and comments of each job."""
        return [
            (one.job.state.name, max(0, one.job.finish - one.job.start) // MINUTE, one.job.comments)
            for one in self.jobs.values()
        ]


def test_a_start_and_its_end_are_a_job() -> None:
    kept = Kept()
    kept.ping(Signal.START)
    (job,) = (one.job for one in kept.jobs.values())
    assert (job.state, job.plan, job.resource, job.origin) == (JobState.InProgress, "nightly", "/srv", "inbox/nas")
    assert job.heartbeat * 3 == INBOX.longest
    kept.ping(Signal.SUCCESS, NOW + 5 * MINUTE, b"saved\nall of it\n")
    assert kept.told == [("Successful", 5, "saved\nall of it")]
    (job,) = (one.job for one in kept.jobs.values())
    assert json.loads(job.raw) == {"ping": {"signal": "success", "method": "POST"}, "body": "saved\nall of it\n"}
    assert (job.heartbeat, job.successful, job.total) == (0, 1, 1)


def test_a_second_start_ends_the_run_that_never_told_its_end() -> None:
    kept = Kept()
    kept.ping(Signal.START)
    assert kept.ping(Signal.START, NOW + MINUTE).jobs[0].presumed
    kept.ping(Signal.FAIL, NOW + 3 * MINUTE, exit_status=23)
    assert kept.told == [("Failed", 0, "presumed: started again"), ("Failed", 2, "exit status 23")]


def test_ends_without_a_start_are_jobs_without_length() -> None:
    kept = Kept()
    kept.ping(Signal.SUCCESS)
    assert kept.ping(Signal.SUCCESS, NOW + MINUTE).unstarted
    kept.ping(Signal.FAIL, NOW + 9 * MINUTE, length=4 * MINUTE)
    assert kept.told == [
        ("Successful", 0, ""),
        ("Successful", 0, ""),
        ("Failed", 4, "the sender reported a failure"),
    ]


def test_runs_with_names_overlap_and_their_ends_are_corrected_by_name_alone() -> None:
    kept = Kept()
    for run in ("a", "b", "a"):  # the last is the first, delivered twice
        kept.ping(Signal.START, run=run)
    kept.ping(Signal.SUCCESS, NOW + MINUTE, run="b")
    kept.ping(Signal.FAIL, NOW + 2 * MINUTE, run="a")
    assert [told[0] for told in kept.told] == ["Failed", "Successful"]
    kept.ping(Signal.SUCCESS, NOW + 3 * MINUTE, run="a")
    assert kept.told[0][:2] == ("Successful", 3)
    assert not kept.ping(Signal.SUCCESS, NOW + 4 * MINUTE, run="a").jobs, "delivered twice"
    assert not kept.ping(Signal.START, NOW + 5 * MINUTE, run="a").jobs, "a finished job is not opened again"


def test_an_end_with_a_body_counts_once_if_it_is_delivered_twice() -> None:
    kept = Kept()
    kept.ping(Signal.START)
    for after in (0, SAME_WITHIN, SAME_WITHIN + MINUTE):
        kept.ping(Signal.SUCCESS, NOW + MINUTE + after, b"done")
    assert [told[1] for told in kept.told] == [1, 0]


def test_an_end_that_is_retried_by_another_method_or_after_a_log_counts_once() -> None:
    kept = Kept()
    kept.ping(Signal.START)
    kept.ping(Signal.LOG, body=b"step 1")
    kept.ping(Signal.SUCCESS, NOW + MINUTE, b"done")
    for method in ("POST", "PUT"):
        kept.ping(Signal.SUCCESS, NOW + MINUTE, b"done", method)
    assert len(kept.jobs) == 1


def test_ends_that_say_the_same_are_jobs_of_their_own_where_the_clock_was_set_back() -> None:
    kept = Kept()
    for at in (NOW, NOW - 60 * MINUTE, NOW - 30 * MINUTE):
        kept.ping(Signal.SUCCESS, at, b"done")
    assert len(kept.jobs) == 3


def test_a_log_goes_to_the_run_that_is_open_and_is_kept_beside_them_otherwise() -> None:
    kept = Kept()
    kept.ping(Signal.LOG, body=b"nobody runs")
    assert (kept.jobs, kept.log) == ({}, "nobody runs")
    kept.ping(Signal.START)
    for step in (b"step 1", b"step 2"):
        kept.ping(Signal.LOG, NOW + MINUTE, step)
    assert kept.told == [("InProgress", 0, "step 2")]
    kept.ping(Signal.SUCCESS, NOW + MINUTE)
    (stored,) = kept.jobs.values()
    assert json.loads(stored.job.raw)["log"] == "step 1\nstep 2"


@pytest.mark.parametrize("presumed", [True, False])
def test_an_end_belongs_to_a_start_only_within_the_longest_time_of_its_inbox(presumed: bool) -> None:
    """A run that died is no good night because the next one came to its end, and lost its start."""
    for minutes, states in ((60, ["Successful"]), (62, ["Failed", "Successful"]), (24 * 60, ["Failed", "Successful"])):
        kept = Kept()
        kept.ping(Signal.START)
        if presumed:
            kept.jobs[kept.run] = presume_failed(kept.jobs[kept.run])
        kept.ping(Signal.SUCCESS, NOW + minutes * MINUTE)
        assert [told[0] for told in kept.told] == states, minutes


def test_what_is_said_at_the_start_is_kept_when_the_run_has_ended() -> None:
    kept = Kept()
    kept.ping(Signal.START, body=b"backing up /srv", message="by cron")
    kept.ping(Signal.LOG, body=b"half of it")
    kept.ping(Signal.SUCCESS, NOW + MINUTE, b"done", run="")
    (stored,) = kept.jobs.values()
    record = json.loads(stored.job.raw)
    assert (record["start"], record["log"], record["body"]) == ("by cron\nbacking up /srv", "half of it", "done")
    kept.ping(Signal.START, run="r", body=b"begun")
    for signal in (Signal.SUCCESS, Signal.FAIL):  # the second corrects the first
        kept.ping(signal, NOW + MINUTE, run="r")
        assert json.loads(kept.jobs[job_id_of(INBOX, "r")].job.raw)["start"] == "begun"


def test_signs_of_life_keep_a_run_open() -> None:
    kept = Kept()
    kept.ping(Signal.START)
    for minutes in (50, 100, 150):
        kept.ping(Signal.LOG, NOW + minutes * MINUTE, b"still at it")
    kept.ping(Signal.SUCCESS, NOW + 200 * MINUTE)
    assert kept.told == [("Successful", 200, "")]


def test_what_a_sender_counts_itself_makes_an_exception_of_a_success() -> None:
    kept = Kept()
    kept.ping(Signal.SUCCESS, counts=Counts(failed=2, successful=5, total=7), message="5 of 7")
    assert kept.told == [("Exception", 0, "5 of 7")]


def test_no_secret_of_a_body_is_kept_and_no_name_of_a_run_is_too_odd() -> None:
    kept = Kept()
    kept.ping(Signal.SUCCESS, body=b"password=hunter2 \xff\x00 \x1b[31mred", run="../\0 \ud800" * 99)
    (stored,) = kept.jobs.values()
    assert "hunter2" not in stored.job.raw + stored.job.comments
    assert stored.job.job_id.startswith(f"ping-{INBOX.inbox}-")


@given(RAW, st.sampled_from(Signal), st.booleans())
def test_a_run_whose_record_another_writer_changed_goes_on(raw: str, signal: Signal, long: bool) -> None:
    kept = Kept()
    kept.ping(Signal.START)
    stored = kept.jobs[kept.run]
    whole = json.dumps({"ping": json.loads(raw or "0"), "x": "x" * 65_000}) if long else raw
    kept.jobs[kept.run] = msgspec.structs.replace(stored, job=stored.job.evolve(raw=whole))
    kept.ping(signal, NOW + MINUTE, b"more of it, line by line\n" * 3_000)
    assert kept.jobs


BODIES = (
    st.sampled_from(["", "a line", "x" * 70_000, "\x01" * 50_000, "ä line of it\n" * 5_000]).map(str.encode)
    | st.binary()
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Signal), st.sampled_from(["", "", "a", "b"]), st.integers(-9, 200 * 60) | st.just(5), BODIES
        ),
        max_size=12,
    )
)
def test_whatever_comes_in_whatever_order_leaves_sound_jobs(
    pings: list[tuple[Signal, str, int, bytes]],
) -> None:
    """At most one run without a name is open, and a job is never good whose last word was a failure."""
    kept, last = Kept(), dict[str, Signal]()
    for signal, run, minutes, body in pings:
        settled = kept.ping(signal, NOW + minutes * MINUTE, body, run=run)
        for stored in settled.jobs:
            last[stored.job.job_id] = signal
        unnamed = [one for one in kept.jobs.values() if one.job.job_id.startswith("run-")]
        assert sum(not one.job.state.finished for one in unnamed) <= 1
    for job_id, signal in last.items():
        if signal is Signal.FAIL:
            assert kept.jobs[job_id].job.state is not JobState.Successful
