"""When a call is tried again, and after what pauses: the flow itself, which nobody waits for here."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.client.calls import Calls
from jobreport.client.credentials import by_secret
from jobreport.client.errors import ConnectionFailedError, JobReportError, RequestRefusedError, ServerUnavailableError
from jobreport.client.flow import Ask, Flow, Pause
from jobreport.client.retrying import FIRST_WAIT, JITTER, LONGEST_WAIT, retried
from jobreport.client.sign_in import SignIn
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job

BUSY = ServerUnavailableError("busy", 503)


def pauses(errors: list[JobReportError], retries: int) -> list[float]:
    """The pauses of a call that fails so, and then succeeds; raises what it raises."""
    left = [*errors]

    def once() -> Flow[None]:
        yield from ()
        if left:
            raise left.pop(0)

    found = []
    for step in retried(once, retries):
        assert isinstance(step, Pause)
        found.append(step.seconds)
    return found


@given(st.integers(0, 12))
def test_pauses_grow_up_to_a_minute(failures: int) -> None:
    for number, seconds in enumerate(pauses([BUSY] * failures, failures)):
        least = min(FIRST_WAIT * 2**number, LONGEST_WAIT)
        assert least <= seconds <= least + JITTER


@given(st.floats(0, LONGEST_WAIT))
def test_no_pause_is_shorter_than_was_asked_for(asked: float) -> None:
    (seconds,) = pauses([ServerUnavailableError("busy", 429, asked)], 1)
    assert asked + FIRST_WAIT <= seconds <= asked + FIRST_WAIT + JITTER


def test_clients_do_not_all_come_back_at_once() -> None:
    assert len({pauses([BUSY], 1)[0] for _ in range(20)}) > 10


@given(st.integers(0, 5))
def test_it_is_tried_as_often_as_was_said(retries: int) -> None:
    with pytest.raises(ServerUnavailableError):
        pauses([BUSY] * (retries + 1), retries)


@pytest.mark.parametrize(
    "error",
    [
        ServerUnavailableError("broken", 500),
        ServerUnavailableError("later", 503, LONGEST_WAIT + 1),
        RequestRefusedError(400, "no"),
        ConnectionFailedError("no address", temporary=False),
    ],
    ids=str,
)
def test_what_will_not_pass_is_not_tried_again(error: JobReportError) -> None:
    with pytest.raises(type(error)):
        pauses([error], 5)


def test_a_write_that_would_make_a_second_job_is_not_tried_again() -> None:
    named = Job(
        job_id="a", service=ServiceType.VM, type=JobType.Backup, state=JobState.InProgress, start=ticks.UNIX_EPOCH
    )
    sign_in = SignIn("https://x/connect/token", "app", by_secret("s"), None)
    sign_in._token, sign_in._renew_at = "token", float("inf")
    calls = Calls("https://x", "app", sign_in, 3, None, 1.0)
    for job, steps in ((named, [Ask, Pause, Ask]), (named.evolve(job_id=""), [Ask])):
        flow = calls.record([job])
        found = [type(next(flow))]
        with suppress(ConnectionFailedError):
            while len(found) < 3:
                found.append(type(flow.throw(TimeoutError()) if found[-1] is Ask else next(flow)))
        assert found == steps
