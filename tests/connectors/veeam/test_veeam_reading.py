"""How the sessions of a backup server are read: closed windows, what ended since, what had not ended, its tasks."""

from collections.abc import Callable
from typing import Any

import pytest
from fakes.loopback import Reply, Request
from fakes.veeam.veeam_records import session, task
from fakes.veeam.veeam_server import FakeVeeam, name_of

from clocks import Clock
from jobreport.connectors.collect import PassResult, collect
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.veeam import client
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.store import Store

Look = Callable[[], PassResult]
Jobs = Callable[[], dict[str, Job]]
MINUTE = 60 * ticks.PER_SECOND
HOUR = 60 * MINUTE
SESSIONS = "/api/v1/sessions"
TASKS = "/api/v1/taskSessions"


def of(number: int) -> str:
    return f"veeam:{name_of(number)}"


def error(passed: PassResult) -> str:
    return next(one.error for one in passed.streams if one.stream == "sessions")


def add(veeam: FakeVeeam, numbers: range, **more: Any) -> None:
    """Adds sessions that ended, a minute after each other."""
    for number in numbers:
        begun = veeam.now - (numbers.stop - number) * MINUTE
        veeam.put(session(number, begun, begun + 30 * ticks.PER_SECOND, **more))


def test_all_sessions_of_all_windows_come_once_however_few_an_answer_has(
    veeam: FakeVeeam, look: Look, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 7)
    veeam.most = 5
    for days in range(0, 30, 3):
        veeam.put(session(1000 + days, veeam.now - days * ticks.PER_DAY - HOUR, veeam.now - days * ticks.PER_DAY))
    add(veeam, range(1, 41))
    assert look().whole
    assert jobs().keys() == {of(number) for number in (*range(1, 41), *range(1000, 1030, 3))}
    assert {one.first("orderColumn") for one in veeam.asked if one.path == SESSIONS} == {"CreationTime"}
    windows = {one.first("createdAfterFilter") for one in veeam.asked if one.path == SESSIONS}
    assert len(windows) > 5


def test_an_old_look_asks_in_few_windows_where_there_is_nothing(
    veeam: FakeVeeam, store: Store, tenant: int, configure: Callable[..., Configured]
) -> None:
    assert collect(store, tenant, configure(), back=3650 * ticks.PER_DAY).whole
    assert veeam.paths().count(SESSIONS) < 70


def test_what_is_deleted_while_the_list_is_read_hides_nothing(
    veeam: FakeVeeam, look: Look, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 10)
    add(veeam, range(1, 41))

    def forget(request: Request) -> None:
        if request.path == SESSIONS and request.first("skip") == "10" and name_of(1) in veeam.sessions:
            for number in (1, 2, 3):
                del veeam.sessions[name_of(number)]

    veeam.behind = forget
    assert look().whole
    assert jobs().keys() >= {of(number) for number in range(4, 41)}


def test_a_list_that_never_stands_still_is_no_list(
    veeam: FakeVeeam, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 10)
    add(veeam, range(1, 41))

    def change(request: Request) -> None:
        if request.first("skip") == "10":
            veeam.sessions.pop(next(iter(veeam.sessions)))

    veeam.behind = change
    assert error(look()) == "sessions: the list has changed each time it was read"


def test_a_list_that_ends_early_is_no_data(veeam: FakeVeeam, look: Look) -> None:
    veeam.instead[SESSIONS] = {"data": [], "pagination": {"total": 7, "count": 0}}
    assert error(look()) == "sessions: it ends after 0 items, and should have 7"
    veeam.instead[SESSIONS] = {"data": []}
    assert error(look()).startswith("sessions: the Veeam server answers otherwise than its API describes")


def test_what_ended_since_is_found_however_long_ago_it_began(
    veeam: FakeVeeam, look: Look, jobs: Jobs, clock: Clock
) -> None:
    begun = veeam.now - 40 * ticks.PER_DAY
    veeam.put(session(1, begun))
    assert look().whole
    assert not jobs()
    clock.pass_by(7200)
    veeam.put(session(1, begun, clock.now))
    look()
    assert jobs()[of(1)].state is JobState.Successful


def test_what_had_not_ended_is_asked_for_by_itself_until_it_has(
    veeam: FakeVeeam, look: Look, jobs: Jobs, clock: Clock
) -> None:
    begun = veeam.now - HOUR
    veeam.put(session(1, begun))
    veeam.put(session(2, begun))
    look()
    assert {one.state for one in jobs().values()} == {JobState.InProgress}
    clock.pass_by(5 * 3600)
    ended = clock.now - 2 * HOUR
    veeam.put(session(1, begun, ended, "Warning"))
    del veeam.sessions[name_of(2)]
    assert look().whole
    assert (jobs()[of(1)].state, jobs()[of(1)].finish) == (JobState.Exception, ended)
    assert jobs()[of(2)].comments.startswith("presumed: not listed any more")


def test_a_running_session_with_a_result_and_an_end_is_running(veeam: FakeVeeam, look: Look, jobs: Jobs) -> None:
    veeam.put(session(1, veeam.now - HOUR, veeam.now, state="Working"))
    look()
    assert (jobs()[of(1)].state, jobs()[of(1)].finish) == (JobState.InProgress, 0)


def test_only_those_with_warnings_and_errors_are_asked_for_their_tasks(
    veeam: FakeVeeam, look: Look, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    for number, result in enumerate(("Success", "Warning", "Failed", "None"), 1):
        veeam.put(session(number, veeam.now - number * HOUR, veeam.now - number * HOUR + MINUTE, result))
        veeam.tasks[name_of(number)] = [
            *(task(10 * number + one, number) for one in range(3)),
            task(10 * number + 9, number, "Failed"),
        ]
    look()
    assert {(one.failed, one.successful, one.total) for one in (jobs()[of(2)], jobs()[of(3)])} == {(1, 3, 4)}
    assert (jobs()[of(1)].total, jobs()[of(4)].total) == (1, 1)
    assert {one.first("sessionIdFilter") for one in veeam.asked if one.path == TASKS} == {name_of(2), name_of(3)}


def test_where_task_sessions_may_not_be_read_a_session_is_one_object(veeam: FakeVeeam, look: Look, jobs: Jobs) -> None:
    veeam.denied = {TASKS}
    veeam.put(session(1, veeam.now - HOUR, veeam.now, "Failed"))
    assert look().whole
    assert (jobs()[of(1)].state, jobs()[of(1)].total) == (JobState.Failed, 1)


def test_a_record_that_cannot_be_read_hides_no_other(veeam: FakeVeeam, look: Look, jobs: Jobs) -> None:
    good = session(1, veeam.now - HOUR, veeam.now)
    wrong = session(2, veeam.now - HOUR, veeam.now) | {"creationTime": "soon"}
    veeam.instead[SESSIONS] = {"data": [wrong, good], "pagination": {"total": 2, "count": 2}}
    assert " of its records cannot be read: creationTime of a session is no ISO 8601 time" in error(look())
    assert jobs().keys() == {of(1)}


def test_a_first_look_outlives_its_token(
    veeam: FakeVeeam, look: Look, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 3)
    veeam.token_life = 4
    add(veeam, range(1, 31))
    assert look().whole
    assert len(jobs()) == 30
    assert len(veeam.tokens) > 3


def test_retries_are_sessions_of_their_own(veeam: FakeVeeam, look: Look, jobs: Jobs) -> None:
    veeam.put(session(1, veeam.now - 2 * HOUR, veeam.now - HOUR, "Failed"))
    veeam.put(session(2, veeam.now - HOUR, veeam.now, name="File servers (Retry 1)"))
    look()
    assert {one.plan for one in jobs().values()} == {"File servers"}
    assert [jobs()[of(number)].state for number in (1, 2)] == [JobState.Failed, JobState.Successful]


def test_what_passes_is_tried_again_and_a_right_that_is_missing_is_told(
    veeam: FakeVeeam, look: Look, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    add(veeam, range(1, 3))
    veeam.faults = [Reply(status=503), Reply(status=429, headers={"Retry-After": "1"})]
    assert look().whole
    assert len(jobs()) == 2
    veeam.denied = {SESSIONS}
    assert error(look()) == "access denied for sessions"


def test_what_is_wrong_with_one_session_hides_no_other(
    veeam: FakeVeeam, look: Look, jobs: Jobs, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    begun = veeam.now - 2 * HOUR
    for number in (1, 2):
        veeam.put(session(number, begun))
    look()
    clock.pass_by(7200)

    def fail(request: Request) -> None:
        is_first = request.path.endswith(name_of(1)) or request.first("sessionIdFilter") == name_of(3)
        veeam.faults = [Reply(status=500)] if is_first else []

    veeam.behind = fail
    veeam.put(session(2, begun, clock.now - 90 * MINUTE))
    veeam.put(session(3, clock.now - HOUR, clock.now, "Failed"))
    veeam.put(session(4, clock.now - HOUR, clock.now, "Failed"))
    assert error(look()) == (
        f"2 of its records cannot be read: the task sessions of {name_of(3)}: the Veeam server answers 500"
    )
    assert {name: one.state for name, one in jobs().items()} == {
        of(1): JobState.InProgress,
        of(2): JobState.Successful,
        of(4): JobState.Failed,
    }
