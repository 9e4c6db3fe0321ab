"""Incidents: opened and closed with verdicts, in the hands of somebody, coming back, and gone with their series."""

from collections.abc import Callable
from typing import Final

import pytest
from example_incidents import Watch

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.audit import Actor
from jobreport.model.catalog import JobState
from jobreport.model.incident import Incident
from jobreport.model.judgement import Verdict
from jobreport.model.message import Step
from jobreport.store import Store
from jobreport.store.admin.prune import Rule, prune
from jobreport.store.registry import audit_log, tenants
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import incidents
from jobreport.watch import marks
from strategies import NOW

ANNA: Final = Actor("operator:anna")
FAILING, MISSED, MET, SHRUNK = Verdict.FAILING, Verdict.MISSED, Verdict.MET, Verdict.SHRUNK
FULL: Final = "No space left on device"
LOCKED: Final = "repository is already locked"


@pytest.fixture
def watch(store: Store, new_tenant: Callable[[], int], clock: Clock) -> Watch:
    watch = Watch(store, new_tenant(), clock)
    watch.ran("good", JobState.Successful)
    return watch


def tenant(watch: Watch) -> Tenant:
    with watch.store.reading() as transaction:
        found = tenants.by_number(transaction, watch.tenant)
    assert found
    return found


def only(watch: Watch) -> Incident:
    with watch.store.reading() as transaction:
        (one,) = incidents.of_series(transaction, watch.tenant, 1, 10)
    return one


def audited(watch: Watch) -> list[str]:
    with watch.store.reading() as transaction:
        return [link.action for link in audit_log.links(transaction, watch.tenant)]


def test_a_series_has_one_open_incident_whatever_becomes_of_it(watch: Watch) -> None:
    watch.happens(MISSED, 1)
    watch.happens(Verdict.RUNNING, 1)
    watch.happens(FAILING, 1, cause="locked", job="FB2")
    one = only(watch)
    assert (one.verdict, one.cause, one.job, one.closed) == (FAILING, "locked", "FB2", 0)
    watch.happens(MET, 1, sentence="it ran")
    one = only(watch)
    assert (one.verdict, one.closed, one.ended) == (FAILING, watch.clock.now, "it ran")
    watch.happens(MET, 1)
    watch.clock.pass_by(1)
    watch.happens(MISSED, 1)
    with watch.store.reading() as transaction:
        newest, _ = incidents.of_series(transaction, watch.tenant, 1, 10)
    assert newest.incident != one.incident


def test_several_changes_of_a_series_at_once_are_taken_in_their_order(watch: Watch) -> None:
    changes = [
        watch.change(1, verdict, NOW + at) for at, verdict in enumerate((MISSED, FAILING, MET, MISSED, MET, SHRUNK))
    ]
    watch.keep(changes)
    with watch.store.reading() as transaction:
        found = incidents.of_series(transaction, watch.tenant, 1, 10)
    assert [(one.verdict, one.opened - NOW, bool(one.closed)) for one in found] == [
        (SHRUNK, 5, False),
        (MISSED, 3, True),
        (FAILING, 0, True),
    ]


def test_what_somebody_has_is_not_told_and_comes_back_when_the_cause_changes(watch: Watch) -> None:
    watch.ran("bad", JobState.Failed, FULL)
    watch.happens(FAILING, 1, cause="no-space")
    assert len(watch.told()) == 1
    marks.take(watch.store, tenant(watch), "1", by=ANNA, note="disk ordered", ticket="T-1")
    assert (only(watch).held, only(watch).ticket) == ("anna", "T-1")
    assert watch.told(2 * 24 * 60) == []
    watch.ran("bad too", JobState.Failed, LOCKED)
    watch.happens(FAILING, 1, before=FAILING, cause="locked")
    (again,) = watch.look()
    assert (again.message.step, again.message.ticket) == (Step.WORSE, "T-1")
    assert again.message.lines[0].endswith("(anna had it: it fails for another cause)")
    assert only(watch).held == ""
    assert audited(watch).count("incident.returned") == 1
    assert watch.told() == []


def test_what_is_taken_before_it_is_told_is_only_told_when_the_time_of_who_took_it_is_over(watch: Watch) -> None:
    watch.ran("bad", JobState.Failed, FULL)
    watch.happens(FAILING, 1, cause="no-space")
    watch.look()
    until = watch.clock.now + ticks.PER_DAY
    marks.take(watch.store, tenant(watch), "1", by=ANNA, until=until)
    assert watch.told(23 * 60) == []
    assert watch.told(2 * 60) == []
    (told,) = watch.after(6)
    assert told.message.step is Step.OPENED
    assert told.message.lines[0].endswith("(anna had it: its time was over)")


def test_what_is_released_comes_back(watch: Watch) -> None:
    watch.ran("bad", JobState.Failed, FULL)
    watch.happens(FAILING, 1, cause="no-space")
    assert len(watch.told()) == 1
    marks.take(watch.store, tenant(watch), "1", by=ANNA)
    watch.clock.pass_by(1)
    assert marks.end(watch.store, tenant(watch), "1", by=ANNA)
    (again,) = watch.look()
    assert again.message.lines[0].endswith("(anna released it)")


def test_a_series_that_shrank_can_be_taken_and_stays_in_hands_while_the_incident_is_open(watch: Watch) -> None:
    watch.happens(SHRUNK, 1)
    assert len(watch.told()) == 1
    marks.take(watch.store, tenant(watch), "1", by=ANNA, note="they deleted it")
    watch.ran("good too", JobState.Successful)
    assert watch.told(2 * 24 * 60) == []
    assert only(watch).held == "anna"
    watch.happens(MET, 1)
    assert [one.message.step for one in watch.look()] == [Step.CLOSED]
    with pytest.raises(marks.MarkError, match="needs nobody"):
        marks.take(watch.store, tenant(watch), "1", by=ANNA)


def test_a_series_that_somebody_has_already_opens_an_incident_that_is_in_hands(watch: Watch) -> None:
    watch.ran("bad", JobState.Failed, FULL)
    marks.take(watch.store, tenant(watch), "1", by=ANNA)
    watch.happens(FAILING, 1, cause="no-space")
    assert only(watch).held == "anna"
    assert watch.told() == []


def test_a_rule_may_wait_for_several_failures_but_never_for_what_did_not_start(watch: Watch) -> None:
    watch.rules = [watch.rule(after=3)]
    watch.ran("bad 1", JobState.Failed, FULL)
    watch.happens(FAILING, 1)
    watch.happens(MISSED, 2)
    assert watch.told() == ["nightly · web-2:/home did not start"]
    watch.ran("bad 2", JobState.Failed, FULL)
    assert watch.told(12 * 60) == []
    watch.ran("bad 3", JobState.Failed, FULL)
    assert "nightly · web-1:/home is failing" in watch.told(10)


def test_the_incident_of_a_series_that_is_gone_is_closed_and_no_new_series_gets_it(watch: Watch) -> None:
    watch.happens(FAILING, 1)
    assert len(watch.told()) == 1
    list(prune(watch.store, watch.tenant, Rule(NOW + 1, NOW + 1)))
    with watch.store.reading() as transaction:
        assert incidents.of_series(transaction, watch.tenant, 1, 10) == []
    (closed,) = watch.look()
    assert (closed.message.step, closed.message.lines) == (
        Step.CLOSED,
        ("nightly · web-1:/home: over: its jobs are gone",),
    )


def test_closed_incidents_are_deleted_after_their_time(watch: Watch) -> None:
    watch.happens(FAILING, 1, 2)
    assert len(watch.told()) == 1
    watch.happens(MET, 1)
    watch.look()
    with watch.store.writing() as transaction:
        assert incidents.delete_closed(transaction, watch.tenant, watch.clock.now) == 0
        assert incidents.delete_closed(transaction, watch.tenant, watch.clock.now + 1) == 1
        assert incidents.of_series(transaction, watch.tenant, 2, 10)
        incidents.end_all(transaction, watch.tenant)
        assert incidents.of_series(transaction, watch.tenant, 2, 10) == []


def test_the_incident_of_a_series_that_is_retired_is_over_and_nobody_says_that_it_is_well(watch: Watch) -> None:
    watch.ran("bad", JobState.Failed, FULL)
    watch.happens(FAILING, 1, cause="no-space")
    assert len(watch.told()) == 1
    marks.retire(watch.store, tenant(watch), "1", by=ANNA)
    (closed,) = watch.look()
    assert (closed.message.step, closed.message.subject) == (Step.CLOSED, "nightly · web-1:/home is over, after 6 min")
    assert closed.message.lines == ("nightly · web-1:/home: over: anna retired it",)
    watch.happens(MET, 1)
    assert watch.told() == []
