"""Who hears of which incidents, how often, and in how many messages."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest
from example_incidents import MAIL, Watch
from msgspec.structs import replace

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.incident_query import IncidentFilter
from jobreport.model.judgement import Verdict
from jobreport.model.message import Severity, Step
from jobreport.model.quiet_hours import quiet_hours
from jobreport.store import Store, open_store
from jobreport.store.registry import tenants
from jobreport.watch import notifying

FAILING, MISSED, STALE, MET = Verdict.FAILING, Verdict.MISSED, Verdict.STALE, Verdict.MET
HOUR: Final = 60
DAY: Final = 24 * HOUR


@pytest.fixture
def watch(store: Store, new_tenant: Callable[[], int], clock: Clock) -> Watch:
    return Watch(store, new_tenant(), clock)


def test_one_incident_is_opened_once_repeated_daily_and_closed_with_the_good_news(watch: Watch) -> None:
    watch.happens(MISSED, 1)
    assert watch.look() == []
    (opened,) = watch.after(5)
    assert (opened.channel, opened.message.step, opened.message.severity) == ("mail", Step.OPENED, Severity.ERROR)
    assert opened.message.subject == "nightly · web-1:/home did not start"
    assert opened.message.lines[0].startswith("nightly · web-1:/home: missed at")
    assert opened.message.link.endswith(f"&group={opened.message.incident}")
    assert watch.after(23 * HOUR) == []
    (again,) = watch.after(HOUR)
    assert again.message.step is Step.REPEATED
    assert again.message.subject == "Still, for 1 d: nightly · web-1:/home did not start"
    watch.happens(MET, 1, sentence="it ran")
    (closed,) = watch.look()
    assert (closed.message.step, closed.message.severity, closed.message.lines) == (
        Step.CLOSED,
        Severity.INFO,
        ("nightly · web-1:/home: it ran",),
    )
    assert [one.message.id[-4:] for one in (opened, again, closed)] == ["0001", "0002", "0003"]
    assert len({one.message.incident for one in (opened, again, closed)}) == 1
    assert watch.after(3 * DAY) == []


def test_what_is_well_again_before_it_was_told_is_never_told(watch: Watch) -> None:
    watch.happens(FAILING, 1)
    assert watch.after(2) == []
    watch.happens(MET, 1)
    assert watch.after(10) == []


def test_five_hundred_of_one_cause_are_one_message_and_the_next_one_joins_in_silence(watch: Watch) -> None:
    watch.happens(FAILING, *range(1, 251), cause="no-space")
    watch.look()
    watch.clock.now += 4 * 60 * ticks.PER_SECOND
    watch.happens(FAILING, *range(251, 501), cause="no-space")
    (told,) = watch.after(1)
    assert told.message.subject == "500 backups are failing for one cause: no space left"
    assert (len(told.message.lines), told.message.more) == (10, 490)
    watch.happens(FAILING, 501, cause="no-space")
    assert watch.told(2 * HOUR) == []
    watch.happens(MET, *range(1, 501))
    assert watch.told() == []
    assert watch.told(DAY) == ["Still, for 1 d 2 h: nightly · web-501:/home is failing"]
    watch.happens(MET, 501)
    (closed,) = watch.look()
    assert closed.message.subject.startswith("All 501 backups of this message are well again")


def test_an_unrelated_failure_does_not_hide_among_many(watch: Watch) -> None:
    watch.happens(FAILING, *range(1, 20), cause="no-space")
    watch.happens(FAILING, 30, cause="access-denied", plan="sql")
    assert watch.told() == [
        "19 backups are failing for one cause: no space left",
        "sql · web-30:/home is failing",
    ]


def test_what_is_of_one_connector_or_host_is_one_message_and_the_rest_of_a_tenant_too(watch: Watch) -> None:
    watch.happens(Verdict.NO_DATA, 1, 2, 3, connector="prod", origin="exec/prod")
    watch.happens(MISSED, 4, 5, origin="runner/web-9")
    watch.happens(MISSED, 6)
    watch.happens(STALE, 7)
    assert watch.told() == [
        "2 backups did not start, all of web-9",
        "2 backups need somebody",
        "3 backups have no data, so nothing is known of them, all of the connector prod",
    ]


def test_another_host_that_fails_later_for_a_cause_of_its_own_is_told_of(watch: Watch) -> None:
    watch.happens(FAILING, 1, cause="no-space")
    assert len(watch.told()) == 1
    watch.happens(FAILING, 2, cause="no-space")
    assert watch.told() == ["nightly · web-2:/home is failing"]


def test_a_group_that_grew_tenfold_is_told_again(watch: Watch) -> None:
    watch.happens(FAILING, 1, 2, cause="locked")
    assert len(watch.told()) == 1
    watch.happens(FAILING, *range(3, 20), cause="locked")
    assert watch.told() == []
    watch.happens(FAILING, 20, cause="locked")
    assert watch.told() == ["By now 20, not 2: 20 backups are failing for one cause: locked by another run"]


def test_a_failure_becomes_worse_when_the_last_good_copy_gets_too_old(watch: Watch) -> None:
    watch.happens(FAILING, 1)
    assert len(watch.told()) == 1
    watch.happens(MISSED, 1)
    assert watch.told() == []
    watch.happens(STALE, 1)
    (worse,) = watch.look()
    assert (worse.message.step, worse.message.severity) == (Step.WORSE, Severity.CRITICAL)
    assert watch.told() == []


def test_quiet_hours_hold_back_what_is_told_when_they_end_if_it_is_still_bad(watch: Watch) -> None:
    night = replace(MAIL, quiet=quiet_hours("22:00-07:00", "UTC"))
    watch.rules = [night]
    # The clock of the tests stands at some time of the day: to 23:00.
    watch.clock.now += ticks.PER_DAY - watch.clock.now % ticks.PER_DAY + 23 * 3600 * ticks.PER_SECOND
    watch.happens(FAILING, 1)
    watch.happens(MISSED, 2)
    assert watch.told(4 * HOUR) == []
    watch.happens(MET, 2)
    assert watch.told(3 * HOUR + 59) == []
    assert watch.told(1) == ["nightly · web-1:/home is failing"]
    watch.clock.now += 16 * 3600 * ticks.PER_SECOND
    watch.happens(MET, 1)
    assert watch.told(4 * HOUR) == []
    (closed,) = watch.after(5 * HOUR)
    assert closed.message.step is Step.CLOSED


def test_the_first_rule_that_names_a_channel_serves_it(watch: Watch) -> None:
    watch.rules = [
        replace(MAIL, name="sql", channels=("pager", "mail"), where=IncidentFilter(plans=("sql",))),
        replace(MAIL, name="others", where=IncidentFilter(verdicts=(FAILING,))),
    ]
    watch.happens(FAILING, 1, plan="sql")
    watch.happens(FAILING, 2)
    watch.happens(MISSED, 3)
    watch.look()
    told = [(one.channel, one.message.subject) for one in watch.after(6)]
    assert told == [
        ("mail", "nightly · web-2:/home is failing"),
        ("mail", "sql · web-1:/home is failing"),
        ("pager", "sql · web-1:/home is failing"),
    ]


def test_a_rule_of_some_tenants_is_about_no_other(watch: Watch) -> None:
    watch.rules = [replace(MAIL, tenants=("somebody-else",))]
    watch.happens(FAILING, 1)
    assert watch.told() == []


def test_a_maintenance_window_ends_with_what_is_still_bad(watch: Watch) -> None:
    watch.happens(FAILING, 1)
    assert len(watch.told()) == 1
    watch.happens(Verdict.MAINTENANCE, 1)
    watch.happens(Verdict.MAINTENANCE, 2)
    assert watch.told(2 * DAY) == []
    watch.happens(FAILING, 1, 3, before=Verdict.MAINTENANCE)
    watch.happens(MISSED, 2, before=Verdict.MAINTENANCE)
    watch.happens(FAILING, 4)
    assert watch.told() == ["After the maintenance, 3 backups need somebody", "nightly · web-4:/home is failing"]
    watch.happens(MET, 1, 2)
    assert watch.told() == []
    watch.happens(MET, 3)
    assert [one.message.step for one in watch.look()] == [Step.CLOSED]


def test_what_alone_is_still_bad_after_maintenance_is_told_as_anything_else(watch: Watch) -> None:
    watch.happens(Verdict.MAINTENANCE, 1)
    watch.happens(MISSED, 1, before=Verdict.MAINTENANCE)
    assert watch.told() == ["nightly · web-1:/home did not start"]
    watch.happens(Verdict.MAINTENANCE, 1)
    assert watch.told(DAY) == []
    watch.happens(MISSED, 1, before=Verdict.MAINTENANCE)
    assert watch.told() == ["After the maintenance, nightly · web-1:/home did not start"]
    assert watch.told() == []


def test_a_restart_tells_nothing_and_a_removed_rule_only_its_good_news(watch: Watch) -> None:
    watch.happens(FAILING, *range(1, 501), cause="no-space")
    assert len(watch.told()) == 1
    again = Watch(watch.store, watch.tenant, watch.clock)
    again._seen = watch._seen
    assert again.told() == []
    again.rules = [replace(MAIL, name="another")]
    assert again.told(2 * DAY) == []
    again.happens(MET, *range(1, 501))
    assert [one.message.step for one in again.look()] == [Step.CLOSED]


def test_messages_of_a_suspended_tenant_wait(watch: Watch) -> None:
    watch.happens(FAILING, 1)
    with watch.store.writing() as transaction:
        tenants.set_times(transaction, watch.tenant, suspended=watch.clock())
    assert watch.told(DAY) == []
    with watch.store.writing() as transaction:
        tenants.set_times(transaction, watch.tenant, suspended=0)
    assert len(watch.told()) == 1


def test_several_processes_that_look_at_the_same_time_tell_nothing_twice(
    watch: Watch, store_url: str, clock: Clock
) -> None:
    stores = [open_store(store_url, clock=clock) for _ in range(3)]
    try:
        for number in range(4):
            watch.happens(FAILING, *range(20 * number + 1, 20 * number + 6), cause=f"x-{number}")
        made = 0
        for _ in range(2):
            with ThreadPoolExecutor(3) as threads:
                made += sum(threads.map(lambda one: sum(notifying.tell(one, watch.rules)), stores))
            clock.pass_by(600)
        assert made == 4
        assert len(watch.deliveries()) == 4
    finally:
        for one in stores:
            one.close()


def test_what_does_not_start_elsewhere_later_is_told(watch: Watch) -> None:
    watch.happens(MISSED, 1, origin="runner/a", cause="not-started")
    watch.happens(MISSED, 2, origin="runner/b", cause="not-started")
    assert watch.told() == ["2 backups did not start"]
    watch.happens(MISSED, 3, origin="runner/b", cause="not-started")
    assert watch.told() == []
    watch.happens(MISSED, 4, origin="runner/c", cause="not-started")
    assert watch.told() == ["nightly · web-4:/home did not start"]


def test_what_was_told_on_a_channel_that_has_another_name_now_goes_on_there(watch: Watch) -> None:
    watch.happens(FAILING, 1)
    assert len(watch.told()) == 1
    watch.rules = [replace(MAIL, channels=("post",))]
    (again,) = watch.after(DAY)
    watch.happens(MET, 1)
    (closed,) = watch.look()
    assert [(one.channel, one.message.step) for one in (again, closed)] == [
        ("post", Step.REPEATED),
        ("post", Step.CLOSED),
    ]


def test_the_good_news_of_a_removed_rule_comes_by_a_channel_that_no_other_rule_names(watch: Watch) -> None:
    watch.happens(FAILING, 1)
    assert len(watch.told()) == 1
    watch.happens(MET, 1)
    assert sum(notifying.tell(watch.store, [], "", ["mail", "post"])) == 1
