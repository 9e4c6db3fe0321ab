"""Deliveries that come twice, in any order, to two servers, by clocks that differ: one row each, the newest truth."""

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Any

from crowd import ADDRESS, check_and_read_states
from delivering_process import STAGES, report

from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.store import open_store
from jobs import MINUTE, job, unfinished
from long import times
from serving import App, serve

HERE = Path(__file__).parent
JOBS = times(15)
HOUR = 3600 * ticks.PER_SECOND


def start(url: str, seed: int, hours: int) -> subprocess.Popen[bytes]:
    words = [sys.executable, HERE / "delivering_process.py", url, str(JOBS), str(seed), str(hours)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_processes_whose_clocks_differ_deliver_the_same_reports_in_any_order(store: str) -> None:
    deliverers = [start(store, seed, hours) for seed, hours in enumerate((0, 2, -2, 0))]
    for deliverer in deliverers:
        assert deliverer.stdout
        assert deliverer.stdout.readline() == b"ready\n", deliverer.communicate()
    for deliverer in deliverers:
        assert deliverer.stdin
        deliverer.stdin.write(b"now\n")
        deliverer.stdin.flush()
    for deliverer in deliverers:
        _, errors = deliverer.communicate()
        assert (deliverer.returncode, errors.decode()) == (0, "")
    assert check_and_read_states(store) == {f"FB{number}": STAGES[-1] for number in range(JOBS)}
    with closing(open_store(store)) as opened:
        tenant = opened.tenant_id("default") or 0
        for number in range(JOBS):
            history = opened.history(tenant, f"FB{number}")
            assert history is not None
            assert history.current.job == report(number, len(STAGES) - 1)
            # Its end, before that was corrected, is kept once, or came too late for that.
            reported = [version.job for version in history.versions if not version.presumed]
            assert reported in ([], [report(number, len(STAGES) - 2)])


def test_two_servers_get_the_same_reports_twice_and_in_any_order(store: str, tmp_path: Path) -> None:
    names = [f"FB{number}" for number in range(times(10))]
    first = now_ticks() - HOUR
    reports: list[dict[str, Any]] = []
    for name in names:
        reports += [
            unfinished(name, "InProgress", startTime=first, observedAt=first + MINUTE, comments="running"),
            unfinished(name, "InProgress", startTime=first, observedAt=first + 2 * MINUTE, comments="still"),
            job(name, state="Failed", startTime=first, observedAt=first + 3 * MINUTE, comments="failed"),
            job(name, startTime=first, observedAt=first + 4 * MINUTE, comments="corrected"),
        ]
    deliveries = reports * 2
    random.Random(3).shuffle(deliveries)
    with (
        serve(tmp_path / "one", *ADDRESS, store=store) as one,
        serve(tmp_path / "two", *ADDRESS, store=store) as two,
        ThreadPoolExecutor(8) as pool,
    ):
        apps = [app := one.app("default"), App(two, app.document)]
        assert all(app.token for app in apps)
        # An array: where the job has ended already, what comes late is unchanged and no error.
        answers = list(pool.map(lambda app, report: app.write([report]), cycle(apps), deliveries))
        assert {answer.status_code for answer in answers} == {200}
        assert sum(answer.json()["created"] for answer in answers) == len(names)
        for app in apps:
            assert sorted(app.found(pagination={"pageSize": 10_000})) == sorted(names)
            assert app.report().json()["totalCount"] == len(names)
            assert {app.show(name).json()["comments"] for name in names} == {"corrected"}
    assert check_and_read_states(store) == dict.fromkeys(names, JobState.Successful)


def test_a_server_whose_clock_is_behind_hears_the_end_of_what_another_whose_is_ahead_began(store: str) -> None:
    """Reports that bear no time count in the order in which they come, whichever server's clock they come by."""
    with (
        closing(open_store(store, clock=lambda: now_ticks() + HOUR)) as ahead,
        closing(open_store(store, clock=lambda: now_ticks() - HOUR)) as behind,
    ):
        tenant = ahead.tenant_id("default", create=True) or 0
        assert ahead.record(tenant, [report(1, 3).evolve(observed=0)]).created == 1
        assert behind.record(tenant, [report(1, 4).evolve(observed=0)]).updated == 1
        assert ahead.record(tenant, [report(1, 6).evolve(observed=0)]).updated == 1
        assert behind.record(tenant, [report(1, 7).evolve(observed=0)]).updated == 1
        for one in (ahead, behind):
            history = one.history(tenant, "FB1")
            assert history is not None
            assert history.current.job.comments == "stage 7"
    assert check_and_read_states(store) == {"FB1": JobState.Exception}
