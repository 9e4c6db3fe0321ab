"""Makes up a provider's jobs: one tenant with very many series, and many tenants with a few each, night by night.

The sample data has some thousand series, whatever its size. Here their number is given, and does not grow with the
jobs: more jobs are more nights.
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
_OF_A_SMALL_ONE: Final = 30
_OF_A_PLAN: Final = 50
"""Resources that one plan protects."""


def least(series: int) -> int:
    """Returns the number of jobs without which there are not so many series."""
    return 2 * max(series, (TENANTS - 1) * _OF_A_SMALL_ONE)


def fleet(jobs: int, series: int) -> Iterator[tuple[str, list[Job]]]:
    """Gives the name of a tenant with its jobs of one night; some `jobs` in all, `least(series)` at the least."""
    for number in range(1, TENANTS + 1):
        own = series if number == 1 else _OF_A_SMALL_ONE
        nights = max(1, jobs // 2 // (series if number == 1 else (TENANTS - 1) * _OF_A_SMALL_ONE))
        for night in range(nights):
            first = UNTIL - (nights - night) * ticks.PER_DAY
            yield f"fleet-{number}", [_job(one, night, first + one % 36_000 * ticks.PER_SECOND) for one in range(own)]


def resource_of(one: int) -> str:
    """Returns the name of what this series protects."""
    return f"{NIGHTLY[one % len(NIGHTLY)].things}-{PLACES[one // _OF_A_PLAN % len(PLACES)]}-{one:06d}"


def origin_of(one: int) -> str:
    """Returns what reports this series: half of all by one connector, each other one by a runner of its own."""
    return "connector/cloud" if one % 2 else f"runner/{resource_of(one)}"


def _job(one: int, night: int, start: int) -> Job:
    kind = NIGHTLY[one % len(NIGHTLY)]
    # The same series fails some nights running, as it does in life.
    luck = (one * 7919 + night // 3 * 104_729) % 1000
    state = JobState.Failed if luck < 40 else JobState.Exception if luck < 70 else JobState.Successful
    failed = kind.objects if state is JobState.Failed else 1 if state is JobState.Exception else 0
    why = {JobState.Failed: FAILURES, JobState.Exception: EXCEPTIONS}.get(state, ("",))
    finish = start + kind.minutes * 60 * ticks.PER_SECOND
    return Job(
        job_id=f"N{night:04d}{one:07d}",
        service=kind.service,
        type=kind.type,
        state=state,
        start=start,
        finish=finish,
        failed=failed,
        successful=kind.objects - (failed if state is JobState.Failed else 0),
        total=kind.objects + (failed if state is JobState.Exception else 0),
        comments=why[luck % len(why)],
        description=f"{kind.type.name} of {resource_of(one)}",
        plan=f"{PLACES[one // _OF_A_PLAN % len(PLACES)]} nightly {one // _OF_A_PLAN:04d}",
        resource=resource_of(one),
        size=kind.objects << 20,
        origin=origin_of(one),
        observed=finish,
    )
