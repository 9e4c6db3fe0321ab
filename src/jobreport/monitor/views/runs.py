"""The last runs of a series as a strip and as a table, and what is usual of them in words."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec
from markupsafe import Markup

from jobreport.model.catalog import JobState
from jobreport.model.lengths import duration
from jobreport.model.usual import Range, Run, Usual
from jobreport.model.why import why
from jobreport.monitor.links import Go, job_address
from jobreport.monitor.texts import Times, plural, size
from jobreport.monitor.views.strips import Bar, bar
from jobreport.store.query.reasons import Why

KINDS: Final = {
    JobState.NotStarted: "not-started",
    JobState.Waiting: "running",
    JobState.InProgress: "running",
    JobState.Successful: "good",
    JobState.Skipped: "none",
    JobState.Exception: "exceptions",
    JobState.Failed: "failed",
    JobState.Stopped: "stopped",
}
"""How a job in each state is drawn."""

NOTHING_SAID: Final[Mapping[str, Why]] = MappingProxyType({})


class RunRow(msgspec.Struct, frozen=True):
    """One run. `ended` is empty while it runs; `why` is empty if it is good, or nobody said why not; `is_here`
    marks the run that the page is about.
    """

    address: str
    state: int
    started: Markup
    ended: str | Markup
    took: str
    objects: str
    bytes: str
    why: str
    bar: Bar
    is_here: bool


def run_rows(
    runs: Sequence[Run], times: Times, go: Go, here: str = "", causes: Mapping[str, Why] = NOTHING_SAID
) -> tuple[RunRow, ...]:
    """Returns the runs in the order given. `here` is the ID of the job that the page is about; `causes` tells why runs
    were not good, by their IDs.
    """
    return tuple(_row(run, times, go, here, causes.get(run.job_id)) for run in runs)


def _row(run: Run, times: Times, go: Go, here: str, because: Why | None) -> RunRow:
    state = JobState(run.state)
    return RunRow(
        address=job_address(go, run.job_id),
        state=run.state,
        started=times.short(run.start),
        ended=times.short(run.finish) if run.finish else "",
        took=duration((run.finish or times.now) - run.start),
        objects=f"{run.objects:,}",
        bytes=size(run.bytes),
        why=why(because.code, because.text, because.comments) if because else "",
        bar=bar(KINDS[state], times.day(run.start)),
        is_here=run.job_id == here,
    )


class UsualWords(msgspec.Struct, frozen=True):
    """What is usual, in words: `22 min (20 min to 25 min)`; of how many runs."""

    duration: str
    objects: str
    bytes: str
    of: str


def usual_words(usual: Usual | None) -> UsualWords | None:
    """Returns what is usual in words; None if there is no good run."""
    if usual is None:
        return None
    return UsualWords(
        _between(usual.duration, duration),
        _between(usual.objects, lambda number: f"{number:,}"),
        _between(usual.bytes, size),
        f"the last {plural(usual.runs, 'good run')}" if usual.runs > 1 else "the only good run",
    )


def _between(values: Range, words: Callable[[int], str]) -> str:
    median, low, high = words(values.median), words(values.p10), words(values.p90)
    return median if low == high else f"{median} ({low} to {high})"


class Scale(msgspec.Struct, frozen=True):
    """Where a duration lies beside the usual ones, on a line of `WIDTH`: the range from the 10th to the 90th
    percentile, and the place of this one.
    """

    low: int
    high: int
    here: int


WIDTH: Final = 200


def scale(took: int, usual: Usual | None) -> Scale | None:
    """Returns where `took` (ticks) lies; None if nothing is usual yet."""
    if usual is None:
        return None
    most = max(took, usual.duration.p90, 1)
    low, high, here = (value * WIDTH // most for value in (usual.duration.p10, usual.duration.p90, max(0, took)))
    return Scale(low, max(high, low + 2), min(here, WIDTH - 2))
