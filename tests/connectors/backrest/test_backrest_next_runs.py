"""When plans make their next backups is announced, of an instance that is no hub."""

from backrest_looks import Look, wanted
from collected_jobs import Jobs
from fakes.backrest.backrest_server import Instance, milliseconds, snapshot

from clocks import Clock
from jobreport.connectors.base import Look as Asked
from jobreport.connectors.base import NextRun
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.store import Store
from jobreport.store.registry import next_runs
from jobreport.store.registry.connectors import Key

HOUR = 3600 * ticks.PER_SECOND


def announced(url: str, clock: Clock, **settings: bool) -> list[NextRun]:
    """What a look announces."""
    connector = wanted(url, **settings)
    with connector.kind.open(connector.settings) as opened:
        (stream,) = opened.streams()
        assert stream.announces
        return [run for page in opened.read(stream, Asked(since=0, now=clock.now)) for run in page.next_runs]


def test_the_backup_that_a_plan_makes_next_is_announced_and_nothing_else(
    instance: Instance, url: str, clock: Clock
) -> None:
    due = clock.now + 6 * HOUR
    later = {"unixTimeStartMs": milliseconds(due)}
    instance.add(**snapshot(1))
    instance.add("STATUS_PENDING", planId="home-2026-11-30", **later)
    instance.add("STATUS_PENDING", "operationPrune", planId="_system_", **later)
    instance.add("STATUS_PENDING", operationBackup={"dryRun": True}, **later)
    instance.add("STATUS_PENDING", planId="tried again", unixTimeStartMs=milliseconds(clock.now - HOUR))
    assert announced(url, clock) == [NextRun("home", due - due % 10_000)]
    assert announced(url, clock, next_runs=False) == []


def test_all_that_wait_are_found_however_many_there_are(instance: Instance, url: str, clock: Clock) -> None:
    instance.add(**snapshot(1))
    for number in range(250):
        begins = milliseconds(clock.now + (number + 1) * HOUR)
        instance.add("STATUS_PENDING", planId=f"plan-{number}", unixTimeStartMs=begins)
    assert len(announced(url, clock)) == 250


def test_what_is_announced_is_kept_and_what_is_no_more_is_not_expected(
    instance: Instance, url: str, look: Look, jobs: Jobs, store: Store, tenant: int, clock: Clock
) -> None:
    first = instance.add("STATUS_PENDING", unixTimeStartMs=milliseconds(clock.now + HOUR))
    name = f"of {url.rpartition(':')[2]}"

    def kept() -> int:
        with store.reading() as transaction:
            return len(next_runs.of_plans(transaction, Key(tenant, name), ["daily-home"]).get("daily-home", ()))

    assert look().whole
    assert kept() == 1
    instance.delete(first)
    assert look().whole
    assert (kept(), jobs()) == (0, [])


def test_a_hub_announces_nothing_for_its_instances_may_have_plans_of_one_name(
    instance: Instance, url: str, clock: Clock
) -> None:
    instance.peers = {"ed25519.9c1f": "nas-2"}
    instance.add("STATUS_PENDING", unixTimeStartMs=milliseconds(clock.now + HOUR))
    instance.add(**snapshot(1))
    found = trial(wanted(url), clock.now)
    assert [(one.next_runs, one.states) for one in found.streams] == [(0, {JobState.Successful: 1}), (0, {})]
