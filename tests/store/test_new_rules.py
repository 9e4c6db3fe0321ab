"""A rule that is new, or about more than before, tells what is open already: once, and on no channel twice."""

from collections.abc import Callable

import pytest
from example_incidents import MAIL, Watch
from msgspec.structs import replace

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.incident_query import IncidentFilter
from jobreport.model.judgement import Verdict
from jobreport.model.message import Step
from jobreport.model.quiet_hours import quiet_hours
from jobreport.store import Store
from jobreport.watch import new_rules

FAILING, MISSED, MET = Verdict.FAILING, Verdict.MISSED, Verdict.MET
OF_MISSED = replace(MAIL, where=IncidentFilter(verdicts=(MISSED,)))


@pytest.fixture
def watch(store: Store, new_tenant: Callable[[], int], clock: Clock) -> Watch:
    return Watch(store, new_tenant(), clock)


def begins(watch: Watch) -> int:
    """What a server does first that starts with these rules."""
    return new_rules.look(watch.store, watch.rules)


def test_a_rule_that_is_added_tells_what_is_open_already_and_on_no_channel_twice(watch: Watch) -> None:
    watch.happens(FAILING, 1, 2, cause="locked")
    assert len(watch.told()) == 1
    watch.happens(MISSED, 3)
    watch.happens(MET, 3)
    assert begins(watch) == 0
    watch.rules = [*watch.rules, replace(MAIL, name="pager", channels=("pager",)), replace(MAIL, name="again")]
    assert begins(watch) == 2
    (told,) = [*watch.look(), *watch.after(6)]
    assert (told.channel, told.message.subject) == (
        "pager",
        "2 backups are failing for one cause: locked by another run",
    )
    assert watch.told() == []
    assert begins(watch) == 0


def test_a_rule_that_is_about_more_than_before_tells_the_rest_of_what_is_open(watch: Watch) -> None:
    watch.rules = [OF_MISSED]
    watch.happens(FAILING, 1, 2, cause="locked")
    watch.happens(MISSED, 3)
    assert watch.told() == ["nightly · web-3:/home did not start"]
    watch.rules = [MAIL]
    assert [begins(watch), *watch.told(), begins(watch)] == [
        2,
        "2 backups are failing for one cause: locked by another run",
        0,
    ]
    watch.rules = [OF_MISSED]
    assert (begins(watch), watch.told()) == (0, [])


def test_a_channel_that_a_rule_names_by_now_hears_what_is_open_and_the_good_news(watch: Watch) -> None:
    watch.happens(FAILING, 1)
    assert len(watch.told()) == 1
    watch.rules = [replace(MAIL, channels=("mail", "pager"))]
    assert begins(watch) == 1
    found = watch.look()
    assert [(one.channel, one.message.step) for one in found] == [("mail", Step.REPEATED), ("pager", Step.REPEATED)]
    assert (begins(watch), watch.told()) == (0, [])
    watch.happens(MET, 1)
    assert [(one.channel, one.message.step) for one in watch.look()] == [
        ("mail", Step.CLOSED),
        ("pager", Step.CLOSED),
    ]


def test_a_channel_that_was_told_by_another_rule_is_told_nothing_more(watch: Watch) -> None:
    watch.rules = [MAIL, replace(MAIL, name="pages", channels=("pager",))]
    watch.happens(FAILING, 1)
    assert len(watch.told()) == 2
    watch.rules = [replace(MAIL, channels=("mail", "pager")), *watch.rules[1:]]
    assert (begins(watch), watch.told()) == (0, [])


def test_what_was_not_told_yet_goes_to_the_new_channel_when_the_quiet_hours_end(watch: Watch) -> None:
    hour = ticks.to_datetime(watch.clock.now).hour
    quiet = replace(MAIL, quiet=quiet_hours(f"{hour:02}:00-{(hour + 3) % 24:02}:00", "UTC"))
    watch.rules = [quiet]
    watch.happens(FAILING, 1)
    assert watch.told() == []
    watch.rules = [replace(quiet, channels=("mail", "pager"))]
    assert (begins(watch), begins(watch), watch.told()) == (1, 0, [])
    found = watch.after(3 * 60)
    assert [(one.channel, one.message.step) for one in found] == [("mail", Step.OPENED), ("pager", Step.OPENED)]
