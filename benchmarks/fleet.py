"""Makes up a provider's jobs: one tenant with very many series, and many tenants with a few each, night by night.

The sample data has some thousand series, whatever its size. Here their number is given, and does not grow with the
jobs: more jobs are more nights. Most is well, as it is where somebody looks each morning: three of a hundred series of
the largest tenant and of one customer in twenty are not good, and hardly any of the others.
"""

from collections.abc import Iterator
from typing import Final

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.sample.history import UNTIL
from jobreport.sample.kinds import EXCEPTIONS, FAILURES, NIGHTLY, PLACES

TENANTS: Final = 300
"""Tenants whose summary is asked for."""
LARGEST: Final = "fleet-1"
"""The tenant with very many series, which has half of the jobs."""
MORNING: Final = UNTIL + 2 * 3600 * ticks.PER_SECOND
"""When somebody looks after the last night, in ticks."""
_OF_A_SMALL_ONE: Final = 30
_TROUBLED: Final = 20
"""One of so many tenants has as many jobs that are not good as the largest."""
_BEGIN: Final = 12 * 3600 * ticks.PER_SECOND
"""So long before the morning a night begins, in ticks; the last jobs start ten hours later."""
_STILL_RUN: Final = 10_000
"""Of so many series, the job of the last night of one still runs."""
_OF_A_PLAN: Final = 50
"""Resources that one plan protects."""


def least(series: int) -> int:
    """Returns the number of jobs without which there are not so many series."""
    return 2 * max(series, (TENANTS - 1) * _OF_A_SMALL_ONE)


def fleet(jobs: int, series: int) -> Iterator[tuple[str, list[Job], int]]:
    """Gives the name of a tenant with its jobs of one night, and when these are reported (ticks); some `jobs` in all,
    `least(series)` at the least.
    """
    for number in range(1, TENANTS + 1):
        own = series if number == 1 else _OF_A_SMALL_ONE
        nights = max(1, jobs // 2 // (series if number == 1 else (TENANTS - 1) * _OF_A_SMALL_ONE))
        bad = 300 if number % _TROUBLED == 1 else 10
        for night in range(nights):
            end = UNTIL - (nights - night - 1) * ticks.PER_DAY
            first = end - _BEGIN
            every = [
                _job(one, night, first + one % 36_000 * ticks.PER_SECOND, number, bad, is_last=night == nights - 1)
                for one in range(own)
            ]
            yield f"fleet-{number}", every, end


def resource_of(one: int) -> str:
    """Returns the name of what this series protects."""
    return f"{NIGHTLY[one % len(NIGHTLY)].things}-{PLACES[one // _OF_A_PLAN % len(PLACES)]}-{one:06d}"


def origin_of(one: int) -> str:
    """Returns what reports this series: half of all by one connector, each other one by a runner of its own."""
    return "connector/cloud" if one % 2 else f"runner/{resource_of(one)}"


def _job(one: int, night: int, start: int, tenant: int, bad: int, *, is_last: bool) -> Job:
    """Returns the job of a night. Of ten thousand series, `bad` are not good."""
    kind = NIGHTLY[one % len(NIGHTLY)]
    # The same series fails some nights running, as it does in life.
    luck = (one * 7919 + tenant * 6133 + night // 3 * 104_729) % 10_000
    state = JobState.Failed if luck < bad * 2 // 3 else JobState.Exception if luck < bad else JobState.Successful
    if is_last and one % _STILL_RUN == _STILL_RUN - 1:
        state = JobState.InProgress
    objects = kind.objects if state.finished else 0
    failed = objects if state is JobState.Failed else 1 if state is JobState.Exception else 0
    why = {JobState.Failed: FAILURES, JobState.Exception: EXCEPTIONS}.get(state, ("",))
    finish = start + kind.minutes * 60 * ticks.PER_SECOND
    return Job(
        job_id=f"N{night:04d}{one:07d}",
        service=kind.service,
        type=kind.type,
        state=state,
        start=start,
        finish=finish if state.finished else 0,
        failed=failed,
        successful=objects - (failed if state is JobState.Failed else 0),
        total=objects + (failed if state is JobState.Exception else 0),
        comments=why[luck % len(why)],
        description=f"{kind.type.name} of {resource_of(one)}",
        plan=f"{PLACES[one // _OF_A_PLAN % len(PLACES)]} nightly {one // _OF_A_PLAN:04d}",
        resource=resource_of(one),
        size=objects << 20,
        origin=origin_of(one),
        observed=finish if state.finished else start,
    )
