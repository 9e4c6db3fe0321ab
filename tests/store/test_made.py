"""A run that knows only the short name of what it made, and the list that has it with its reference, are one job."""

from typing import Any

import pytest
from example_jobs import MINUTE, START, done, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_contents import current_job, delete_jobs, list_job_ids

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobreport.store import Store, Writer
from jobreport.store.admin.check import check
from jobreport.store.jobs.record import named
from long import times
from strategies import NOW

LAWS = settings(max_examples=times(6), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
SNAPSHOT = "restic:4fc8:2b65ea4f9235"
DAY = ticks.PER_DAY
MADE = "restic:2b65ea4f@web-1"


def partly(job_id: str = "run", **fields: Any) -> Job:
    """A run that says what it made, and knows no reference."""
    return done(job_id, **{"made": MADE, "state": JobState.Exception, "failed": 1} | fields)


def listed(job_id: str = "listed", **fields: Any) -> Job:
    """What it made, in a list."""
    return done(job_id, **{"made": MADE, "reference": SNAPSHOT, "sees": Sees.RESULTS, "start": START + 1} | fields)


def test_what_is_listed_after_its_run_gives_that_its_reference_and_nothing_else(store: Store, tenant: int) -> None:
    store.record(tenant, [partly()])
    recorded = store.record(tenant, [listed(observed=NOW + 9)])
    assert (recorded.created, recorded.updated, recorded.job_ids) == (0, 1, ("run",))
    assert store.record(tenant, [listed(observed=NOW + 99)]).unchanged == 1
    assert current_job(store, tenant, "run") == partly(reference=SNAPSHOT)
    assert current_job(store, tenant, "listed").job_id == "run"
    assert list_job_ids(store, tenant, search="4fc8:2b65") == ["run"]
    assert check(store).sound


def test_a_run_that_ends_or_is_delivered_after_the_list_counts_before_it(store: Store, tenant: int) -> None:
    store.record(tenant, [running("run")])
    store.record(tenant, [listed(observed=NOW + 9)])
    assert sorted(list_job_ids(store, tenant)) == ["listed", "run"]
    for _ in range(2):
        assert store.record(tenant, [partly()]).job_ids == ("run",)
        assert list_job_ids(store, tenant) == ["run"]
    assert current_job(store, tenant, "run") == partly(reference=SNAPSHOT)
    assert current_job(store, tenant, "listed").job_id == "run"
    # The delivery of another one comes late, from its beginning on.
    other = {"made": "restic:00000000@web-1"}
    store.record(tenant, [listed(reference="restic:4fc8:0000", job_id="other", **other)])
    assert store.record(tenant, [partly("late", **other)]).job_ids == ("other",)
    assert current_job(store, tenant, "late").state is JobState.Exception


def test_both_may_come_in_one_request(store: Store, tenant: int) -> None:
    assert store.record(tenant, [partly(), listed()]).job_ids == ("run", "run")
    assert list_job_ids(store, tenant) == ["run"]


def test_of_two_that_made_what_has_the_same_name_the_nearest_in_time_is_meant(store: Store, tenant: int) -> None:
    """An archive has the same name in two repositories, which are filled one after the other."""
    later = {"start": START + 6 * MINUTE, "finish": START + 9 * MINUTE}
    store.record(tenant, [partly("first", finish=START + 5 * MINUTE), partly("second", **later)])
    store.record(tenant, [listed(reference="borg:2:b", **later), listed("one", reference="borg:1:a")])
    references = {job_id: current_job(store, tenant, job_id).reference for job_id in ("first", "second")}
    assert references == {"first": "borg:1:a", "second": "borg:2:b"}
    assert len(list_job_ids(store, tenant)) == 2


def test_of_a_name_that_comes_each_night_only_what_is_near_is_read(store: Store, tenant: int) -> None:
    """A path of kopia, a stanza of pgBackRest: to read all that had the name would take longer with each night."""
    nights = [listed(f"{n}", reference=f"kopia:r:{n}", start=START - n * DAY, finish=START - n * DAY) for n in range(9)]
    store.record(tenant, nights)
    with store.reading() as connection:
        run = partly("run", start=START - 4 * DAY - 1, finish=START - 4 * DAY + MINUTE)
        known, names = named(connection, tenant, ["run"], set(), [run])
        assert ({*known}, names.made) == ({"4", "5", "6"}, {MADE: {"4", "5", "6"}})
        known, _ = named(connection, tenant, ["new"], set(), [listed("new", reference="kopia:r:new")])
        assert [*known] == []
    assert store.record(tenant, [run]).job_ids == ("4",)


@pytest.mark.parametrize(
    "other",
    [
        listed(start=START - 11 * MINUTE),
        listed(start=START + 5 * MINUTE + 11 * MINUTE, finish=START + 20 * MINUTE),
        listed(made="restic:2b65ea4f@web-2"),
        listed(made=""),
        listed(sees=Sees.RUNS),
        listed(reference=""),
    ],
)
def test_what_is_of_another_time_or_name_or_no_result_is_another_job(store: Store, tenant: int, other: Job) -> None:
    run = partly(finish=START + 5 * MINUTE)
    store.record(tenant, [run])
    store.record(tenant, [other])
    assert len(list_job_ids(store, tenant)) == 2
    assert current_job(store, tenant, "run") == run


@pytest.mark.parametrize("name", ["pgbackrest:main:20261123@db", "kopia:/srv:20261123@web-1"])
@pytest.mark.parametrize(("began", "jobs"), [(-60, 2), (-6, 2), (-1, 1), (299, 1), (306, 2)])
def test_of_a_name_that_all_of_a_day_have_only_what_began_within_the_run_came_of_it(
    store: Store, tenant: int, name: str, began: int, jobs: int
) -> None:
    """A backup that was started without the runner, a minute before, keeps its own state."""
    start = START + began * ticks.PER_SECOND
    store.record(tenant, [partly(made=name, finish=START + 5 * MINUTE)])
    store.record(tenant, [listed(made=name, start=start, finish=start + MINUTE)])
    assert len(list_job_ids(store, tenant)) == jobs


@pytest.mark.parametrize(
    ("other", "jobs"),
    [
        ({"origin": "list", "finish": START + 6 * MINUTE}, 1),
        ({"origin": "list", "finish": START + 4 * MINUTE}, 1),
        ({"origin": "list", "finish": START + 6 * MINUTE + 1}, 2),
        ({"origin": "list", "finish": START + 6 * MINUTE, "reference": ""}, 2),
        ({"finish": START + 5 * MINUTE}, 2),
    ],
)
@pytest.mark.parametrize("first", ["run", "other"])
def test_two_that_see_a_run_are_of_one_if_they_tell_of_its_end_from_different_places(
    store: Store, tenant: int, other: dict[str, Any], jobs: int, first: str
) -> None:
    told = [partly(finish=START + 5 * MINUTE, origin="inbox"), listed(**{"sees": Sees.RUNS, "origin": "inbox"} | other)]
    for job in told if first == "run" else told[::-1]:
        store.record(tenant, [job])
    assert len(list_job_ids(store, tenant)) == jobs


def test_one_that_was_seen_while_it_ran_and_another_teller_are_one_once_it_has_a_reference(
    store: Store, tenant: int
) -> None:
    store.record(tenant, [running("task", origin="list", made=MADE, observed=NOW)])
    store.record(tenant, [partly(finish=START + 5 * MINUTE, origin="inbox")])
    assert len(list_job_ids(store, tenant)) == 2
    ended = listed("task", origin="list", sees=Sees.RUNS, finish=START + 5 * MINUTE, observed=NOW + 9)
    store.record(tenant, [ended])
    (one,) = list_job_ids(store, tenant)
    assert current_job(store, tenant, one) == ended.evolve(job_id=one)
    assert {current_job(store, tenant, job_id).job_id for job_id in ("task", "run")} == {one}
    assert check(store).sound


def test_a_run_that_has_a_reference_is_not_looked_for_by_what_it_made(store: Store, tenant: int) -> None:
    store.record(tenant, [partly(reference="restic:other:2b65ea4f")])
    assert store.record(tenant, [listed()]).created == 1


def test_an_app_that_may_write_only_its_own_jobs_names_no_run_of_others(store: Store, tenant: int) -> None:
    store.record(tenant, [partly()], Writer(app="them"))
    mine = Writer(app="me", own_only=True)
    assert store.record(tenant, [listed()], mine).created == 1
    assert current_job(store, tenant, "run") == partly()
    # But its own run takes what others have only listed.
    store.record(tenant, [listed("theirs", made="a", reference="a:1")], Writer(app="them"))
    assert store.record(tenant, [partly("mine", made="a")], mine).job_ids == ("theirs",)
    assert current_job(store, tenant, "mine") == partly("theirs", made="a", reference="a:1")


def test_what_a_run_made_stays_known_and_goes_with_it(store: Store, tenant: int) -> None:
    store.record(tenant, [partly()])
    store.record(tenant, [partly(made="", comments="corrected", observed=NOW + 1)])
    assert current_job(store, tenant, "run").made == MADE
    delete_jobs(store, tenant)
    assert store.record(tenant, [listed()]).job_ids == ("listed",)


@LAWS
@given(data=st.data())
def test_law_in_whatever_order_both_are_heard_each_backup_is_one_job_as_its_run_told_it(
    store: Store, tenant: int, data: st.DataObject
) -> None:
    delete_jobs(store, tenant)
    every = []
    for number in range(2):
        name = {"made": f"kopia:{number}", "start": START + number * MINUTE, "finish": START + 9 * MINUTE}
        run = partly(f"run-{number}", comments=f"{number}", **name)
        begun = running(run.job_id, start=run.start, observed=NOW - 1)
        found = listed(f"listed-{number}", observed=NOW + 9, **name | {"reference": f"kopia:r:{number}"})
        every += [begun, run, found]
    delivered = [*data.draw(st.permutations(every)), *data.draw(st.permutations(every))]
    while delivered:
        size = data.draw(st.integers(1, 4))
        request, delivered = delivered[:size], delivered[size:]
        store.record(tenant, request)
    now = [current_job(store, tenant, job_id) for job_id in list_job_ids(store, tenant)]
    told = sorted((job.reference, job.comments, job.state, job.sees, job.made) for job in now)
    assert told == [
        (f"kopia:r:{number}", f"{number}", JobState.Exception, Sees.RUNS, f"kopia:{number}") for number in range(2)
    ]
    assert check(store).sound
