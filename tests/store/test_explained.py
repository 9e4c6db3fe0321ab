"""Which expectations count for a series is told as it is judged: by the same clock, and no default that is not used."""

from watched_tenant import DUE, HOUR, MINUTE, Watched

from jobreport.contract.expectation import WindowDocument
from jobreport.model.catalog import JobType
from jobreport.model.judgement import Verdict
from jobreport.watch.explaining import explained


def test_each_expectation_that_counts_is_told_for_what_it_counts(watched: Watched) -> None:
    watched.ran(DUE - HOUR)
    watched.expect(name="nightly", plan="nightly", cron=("0 2 * * *",), zone="Europe/Berlin")
    watched.expect(name="any", longest="6h", windows=(WindowDocument(cron="0 22 * * 6", length="4h"),))
    watched.expect(name="beside", plan="night*", cron=("0 5 * * *",))
    watched.told(DUE - 30 * MINUTE)
    found = explained(watched.store, watched.name, "1")
    (title, verdict, *lines) = found.lines
    assert title == "series 1: nightly web-1"
    assert verdict == "met: last good copy 2026-11-23 01:10 Europe/Berlin; next due 2026-11-23 02:00 Europe/Berlin"
    any_says = 'any (all: longest 6h, window "0 22 * * 6" for 4h)'
    assert lines == [
        "age: none: its schedule says when runs are due, and no default is guessed beside it",
        'schedule: by nightly (plan=nightly: cron "0 2 * * *", Europe/Berlin); next due 2026-11-23 02:00 Europe/Berlin',
        f"longest: 6h, by {any_says}",
        f"maintenance: by {any_says}",
        'fits too, and is less specific: beside (plan=night*: cron "0 5 * * *")',
    ]
    assert (found.document["windows"], found.document["others"]) == (["any"], ["beside"])


def test_without_any_the_default_is_told(watched: Watched) -> None:
    watched.ran(DUE)
    watched.told(DUE + HOUR)
    lines = explained(watched.store, watched.name, "1").lines
    assert lines[2:] == [
        "age: a default from its runs, once its copy is older than 26h",
        "schedule: none: a run that does not start is seen once the last good copy is too old",
    ]
    watched.expect(name="all", age="8h", longest="2h")
    lines = explained(watched.store, watched.name, "1").lines
    assert lines[2] == "age: 8h, by all (all: age 8h, longest 2h)"
    assert lines[4] == "longest: 2h, by all"


def test_a_sentence_that_is_kept_is_as_true_days_later(watched: Watched) -> None:
    watched.ran(DUE)
    watched.expect(age="26h")
    (stale,) = (one for one in watched.told(DUE + 27 * HOUR) if one.verdict is Verdict.STALE)
    watched.clock.now += 90 * HOUR
    assert explained(watched.store, watched.name, "1").lines[1] == f"stale: {stale.sentence}"
    assert stale.sentence == "last good copy 2026-11-23 01:10 UTC, at most 26h old expected"


def test_an_age_is_not_said_to_count_where_no_copies_are_made(watched: Watched) -> None:
    watched.ran(DUE, type=JobType.Retention)
    watched.expect(name="all", age="8h")
    watched.expect(name="long", plan="nightly", age="26h", longest="2h")
    watched.told(DUE + HOUR)
    found = explained(watched.store, watched.name, "1")
    assert [line for line in found.lines if line.startswith(("age", "longest", "fits"))] == [
        "age: none: it makes no copies",
        "longest: 2h, by long (plan=nightly: age 26h, longest 2h)",
    ]
    assert (found.document["age"], found.document["others"]) == (None, [])
