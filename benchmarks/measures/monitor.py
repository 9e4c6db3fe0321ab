"""Pages that people look at, one request at a time, by an operator who is signed in: with many jobs against few."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx

import fleet
import servers
from bench import Bench
from figure import Bar, Figure
from jobreport.model import ticks
from load import Call, Latencies, one_by_one
from places import Place
from progress import step

_TIMES: Final = 100
_SECONDS: Final = 4
"""Of a page: some are asked often enough in these."""
_MOST: Final = 60
"""KiB that a page may have on the wire."""
_NAME, _PASSWORD = "bench", "a password of the benchmark"
_PAGES: Final = {
    "overview": (f"/?tenant={fleet.LARGEST}", 100),
    "jobs": (f"/jobs?tenant={fleet.LARGEST}", 100),
    "series": (f"/series?tenant={fleet.LARGEST}", 100),
    "customers": ("/customers", 150),
}
"""The path of each page, and the milliseconds that one may hope for."""
_WEEK_LATER: Final = fleet.MORNING + 7 * ticks.PER_DAY
_TOKEN: Final = re.compile(r'name="token" value="([^"]+)"')


def measure(bench: Bench) -> Iterator[Figure]:
    """One row a page in the morning after a night that was mostly good, and one for the largest of the pages. Then the
    same when no report has come for a week, so that every series is overdue.
    """
    sizes: dict[str, float] = {}
    for how, now, has_bar in (("", fleet.MORNING, True), (", a week without reports", _WEEK_LATER, False)):
        with (
            servers.ours(bench.fleet, now=now, settled=True) as server,
            servers.ours(bench.small_fleet, now=now, settled=True) as other,
        ):
            both = [
                (one, _signed_in(place, one, now)) for place, one in ((bench.fleet, server), (bench.small_fleet, other))
            ]
            for name, (path, expected) in _PAGES.items():
                found = Latencies(), Latencies()
                first: list[float] = []
                busy = [0.0, 0.0]
                with step(f"The page {name}{how}"):
                    for number in range(bench.options.rounds + 1):
                        for place, (one, cookie) in enumerate(both):
                            calls = [Call(path, method="GET", cookie=cookie)] * _TIMES
                            before = one.busy()
                            asked, answers = one_by_one(one.port, calls, _SECONDS / bench.options.rounds)
                            if number:
                                found[place].ms.extend(asked.ms)
                                busy[place] += one.busy() - before
                            else:  # it only warms
                                first += asked.ms[:1]
                            sizes[name] = max(sizes.get(name, 0), *(len(answer) / 1024 for answer in answers))
                ours, its = found
                yield Figure(
                    f"page {name}{how}: p95",
                    ours.p95,
                    "ms",
                    its.p95,
                    f"the same with {bench.small_fleet.jobs:,} jobs",
                    Bar(1.5) if has_bar else None,
                    f"≤ {expected} ms" if has_bar else "",
                    *(
                        f"median {of.p50:.1f} ms, processor {ms / len(of.ms):.1f} ms, the first {once:,.0f} ms"
                        for of, ms, once in zip(found, busy, first, strict=True)
                    ),
                )
    largest = max(sizes, key=lambda name: sizes[name])
    yield Figure(f"the largest page on the wire ({largest})", sizes[largest], "KiB", bar=Bar(_MOST))


def _signed_in(place: Place, server: servers.Server, now: int) -> str:
    """The cookie of a new session, by the command and the form that anybody would use."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "password")
        file.write_text(_PASSWORD)
        words = [*servers.program(now), "operator", "add", _NAME, "--all-tenants", "--store", place.url]
        words += ["--password-file", str(file)]
        made = subprocess.run(words, capture_output=True, text=True, check=False)
    if made.returncode and "already" not in made.stderr:
        raise RuntimeError(made.stderr)
    with httpx.Client(base_url=f"http://{servers.HOST}:{server.port}", trust_env=False) as browser:
        token = _TOKEN.search(browser.get("/sign-in").raise_for_status().text)
        assert token
        form = {"token": token[1], "name": _NAME, "password": _PASSWORD}
        answer = browser.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        if answer.status_code != 303:
            raise RuntimeError(f"signing in was answered by {answer.status_code}")
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
