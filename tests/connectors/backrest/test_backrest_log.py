"""How the log of an instance is read: what has changed, and all of it where its numbers cannot be trusted."""

from typing import Any

import pytest
from backrest_looks import Look, Serve
from collected_jobs import Jobs
from fakes.backrest.backrest_server import GUID, Instance, snapshot
from fakes.loopback import Reply, Request

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.stored_job import PRESUMED
from jobreport.store import Store
from jobreport.store.registry import connectors

HOUR = 3600


def asked(instance: Instance) -> list[Any]:
    """The selectors of the questions since this was last called, but for those for the newest operations."""
    found = [
        document["selector"] for _, document in instance.asked if "selector" in document and "lastN" not in document
    ]
    instance.asked.clear()
    return found


def test_only_what_has_changed_is_asked_for_again(instance: Instance, look: Look, jobs: Jobs) -> None:
    first = instance.add(**snapshot(1))
    assert look().whole
    assert asked(instance) == [{"originalInstanceKeyid": ""}]
    assert look().streams[0].read == 1
    instance.add("STATUS_ERROR")
    assert look().streams[0].created == 1
    assert asked(instance) == [{"originalInstanceKeyid": "", "modnoGte": first["modno"]}] * 2
    assert [job.state for job in jobs()] == [JobState.Successful, JobState.Failed]


def test_a_correction_arrives(instance: Instance, look: Look, jobs: Jobs) -> None:
    op = instance.add(**snapshot(1))
    look()
    instance.change(op, status="STATUS_ERROR", displayMessage="snapshot end hook: exit status 1")
    assert look().streams[0].updated == 1
    assert jobs()[0].state is JobState.Exception


def test_what_runs_is_told_and_ends(instance: Instance, look: Look, jobs: Jobs, clock: Clock) -> None:
    instance.add(**snapshot(1))
    op = instance.add("STATUS_INPROGRESS")
    look()
    assert jobs()[-1].state is JobState.InProgress
    look()  # it still runs
    instance.end(op, **snapshot(2))
    look()
    assert [job.state for job in jobs()] == [JobState.Successful] * 2
    assert jobs()[-1].finish > jobs()[-1].start


def test_an_unchanged_one_that_runs_is_looked_for_among_those_of_its_plan(instance: Instance, look: Look) -> None:
    instance.add("STATUS_INPROGRESS")
    instance.add(planId="other", **snapshot(1))
    look()
    asked(instance)
    assert look().whole
    of_plan = {"originalInstanceKeyid": "", "planId": "daily-home", "repoGuid": GUID}
    assert asked(instance) == [{"originalInstanceKeyid": "", "modnoGte": "2"}, of_plan]


def test_what_ran_and_is_gone_is_presumed_to_have_failed(instance: Instance, look: Look, jobs: Jobs) -> None:
    op = instance.add("STATUS_INPROGRESS")
    instance.add(planId="other", **snapshot(1))
    look()
    instance.delete(op)
    assert look().whole
    gone = next(job for job in jobs() if job.plan == "daily-home")
    assert (gone.state, gone.comments.startswith(PRESUMED)) == (JobState.Failed, True)


def test_an_attempt_that_is_made_again_is_one_job_and_the_next_another(
    instance: Instance, look: Look, jobs: Jobs, clock: Clock
) -> None:
    op = instance.add("STATUS_INPROGRESS")
    look()
    instance.change(op, status="STATUS_PENDING", displayMessage="waiting for retry, current backoff delay: 1m")
    look()
    assert [job.state for job in jobs()] == [JobState.Failed]
    instance.change(op, status="STATUS_INPROGRESS", unixTimeStartMs=str(int(op["unixTimeStartMs"]) + 90_000))
    instance.end(op, **snapshot(1))
    look()
    assert [job.state for job in jobs()] == [JobState.Failed, JobState.Successful]


def test_a_cancelled_one_is_deleted_when_backrest_starts_and_stays_told(
    instance: Instance, look: Look, jobs: Jobs
) -> None:
    instance.add("STATUS_USER_CANCELLED")
    look()
    instance.restart()
    look()
    assert [job.state for job in jobs()] == [JobState.Stopped]


def test_numbers_that_are_given_anew_after_a_start_lose_nothing(
    instance: Instance, look: Look, jobs: Jobs, clock: Clock
) -> None:
    """The runs that waited had the highest numbers, and are deleted: others get the same."""
    instance.add(**snapshot(1))
    for _ in range(5):
        instance.add("STATUS_PENDING")
    instance.add("STATUS_USER_CANCELLED")
    look()
    instance.restart()
    instance.restart()
    assert (instance.modno, instance.highest) == (1, 1)
    clock.pass_by(60)
    instance.add("STATUS_ERROR")
    look()
    assert [job.state for job in jobs()] == [JobState.Successful, JobState.Stopped, JobState.Failed]


@pytest.mark.parametrize("cleared", ["the last operation", "the whole log"])
def test_where_the_last_one_is_gone_the_log_is_read_as_a_whole(
    instance: Instance, look: Look, jobs: Jobs, clock: Clock, cleared: str
) -> None:
    instance.add(**snapshot(1))
    last = instance.add(**snapshot(2))
    look()
    instance.delete(last)
    if cleared == "the whole log":
        instance.log.clear()
    instance.restart()
    clock.pass_by(1)
    instance.add("STATUS_ERROR")
    asked(instance)
    look()
    assert {"originalInstanceKeyid": ""} in asked(instance)
    assert [job.state for job in jobs()] == [JobState.Successful, JobState.Successful, JobState.Failed]


def test_another_operation_with_the_last_ones_numbers_is_another(
    instance: Instance, look: Look, jobs: Jobs, clock: Clock
) -> None:
    instance.add(**snapshot(1))
    instance.add(**snapshot(2))
    look()
    instance.log.clear()
    instance.restart()
    clock.pass_by(1)
    instance.add("STATUS_ERROR")
    instance.add("STATUS_ERROR", planId="other")
    look()
    assert [job.state for job in jobs()] == [JobState.Successful] * 2 + [JobState.Failed] * 2


def test_every_six_hours_the_log_is_read_as_a_whole(instance: Instance, look: Look, clock: Clock) -> None:
    instance.add(**snapshot(1))
    look()
    asked(instance)
    clock.pass_by(6 * HOUR)
    look()
    assert "modnoGte" not in asked(instance)[0]
    look()
    assert "modnoGte" in asked(instance)[0]


def test_a_pause_in_which_backrest_may_have_forgotten_operations_is_a_hole(
    instance: Instance, look: Look, store: Store, tenant: int, clock: Clock
) -> None:
    """It keeps a hundred of a plan: of one that runs every quarter of an hour those of a day."""

    def lost() -> list[int]:
        with store.reading() as transaction:
            return [hole.ends - hole.begins for one in connectors.standings(transaction, tenant) for hole in one.holes]

    for kept, pause, wanted in (("1d", 86_000, 0), ("1d", 2 * 86_400, 1), ("30d", 2 * 86_400, 0)):
        seconds = int(kept[:-1]) * 86_400
        look(remembers=seconds)
        before = len(lost())
        clock.pass_by(pause)
        look(remembers=seconds)
        assert len(lost()) - before == wanted
    assert lost() == [ticks.PER_DAY + 60 * ticks.PER_SECOND]


def test_a_version_that_knows_no_changes_is_read_all_the_same(instance: Instance, look: Look, jobs: Jobs) -> None:
    instance.knows_changes = False
    instance.add(**snapshot(1))
    look()
    instance.add("STATUS_ERROR")
    assert look().streams[0].created == 1


def test_an_empty_log_is_no_error(instance: Instance, look: Look, jobs: Jobs) -> None:
    assert look().whole
    assert look().whole
    assert jobs() == []


def test_a_record_that_cannot_be_read_hides_no_other_and_the_look_is_not_whole(
    instance: Instance, look: Look, jobs: Jobs
) -> None:
    instance.add(**snapshot(1))
    bad = instance.add(**snapshot(2))
    begun, bad["unixTimeStartMs"] = bad["unixTimeStartMs"], "5"
    instance.add(**snapshot(3))
    (looked,) = look().streams
    assert (looked.read, looked.error) == (
        2,
        "1 of its records cannot be read: operation 2 does not tell when it began",
    )
    bad["unixTimeStartMs"] = begun
    assert look().whole
    assert len(jobs()) == 3


@pytest.mark.parametrize("answer", [b"[]", b'{"operations": [{"id": "1"', b"<html>", b'{"operations": {}}', b""])
def test_an_answer_that_is_no_list_is_no_empty_one(instance: Instance, look: Look, serve: Serve, answer: bytes) -> None:
    def broken(request: Request) -> Reply:
        return Reply(answer) if request.path.endswith("GetOperations") else instance(request)

    (looked,) = look(serve(broken)).streams
    assert looked.error == "Backrest's answer to GetOperations printed no whole list in JSON"
