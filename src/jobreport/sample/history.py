"""Makes up the jobs of companies, day by day: the same seed always gives the same jobs."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, new_job_id
from jobreport.sample.kinds import BY_HAND, EXCEPTIONS, EXPIRED, FAILURES, NIGHTLY, PLACES, ROLES, UPKEEP, Kind

UNTIL: Final = 639_291_960_000_000_000
"""2026-11-02T06:00:00Z, the default end of a history."""
_SECOND, _DAY = ticks.PER_SECOND, ticks.PER_DAY
_JOBS_A_DAY = 40
_DAYS = (30, 1095)
_WEEKEND: Final = (5, 6)
_NIGHTLY: Final = 0.86
"""The part of all jobs that are backups of the night."""
_SPARE: Final = 1.15
_CARE: Final = {0.1: 6, 0.5: 3, 2.0: 1}
"""How much fails, compared with what fails in general, and how many of ten companies are so."""
_SILENT: Final = 5
"""Of so many companies, the last has sent nothing for three days."""
_BROKEN_SINCE: Final = 4
"""In every third company one backup has failed for so many days, each day for the same reason."""
_AGAIN: Final = 40 * 60
"""So many seconds after one backup of the last night failed, it ran again and was good."""
_PREFIX: Final = {kind: new_job_id(kind, UNTIL)[:2] for kind in JobType}


class Resource(msgspec.Struct, frozen=True):
    """Something that is protected, and its repeating job. `at` is in seconds after midnight; `fragile`, from 0 to 1,
    says how often it fails.
    """

    kind: Kind
    name: str
    plan: str
    description: str
    at: int
    fragile: float


def history(jobs: int, tenants: int, seed: int, until: int = UNTIL) -> Iterator[tuple[int, list[Job]]]:
    """Gives the number of a tenant (from 1) with its jobs of one day, in the order of their start; `jobs` in all.

    The first tenant is the largest. `until` (ticks) is the present of the history: jobs that began shortly before it
    have not ended, and some are due shortly after it. Most series are well then; of every third tenant, one backup has
    failed for days, and of each, one has failed in the last night and is good again. (A small tenant, whose backups do
    not run every night, has neither.) If there are five tenants or more, the last one has sent nothing for three days.
    """
    shares = [1 / (number + 1) for number in range(tenants)]
    ends = [round(jobs * sum(shares[: number + 1]) / sum(shares)) for number in range(tenants)]
    sizes = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    days = min(max(jobs // tenants // _JOBS_A_DAY, _DAYS[0]), _DAYS[1])
    histories = [
        _Tenant(
            Random(f"{seed}/{number}"),  # noqa: S311 - the same for the same seed
            size,
            days,
            until,
            is_silent=number == tenants - 1 and tenants >= _SILENT,
            has_broken=number % 3 == 0,
        )
        for number, size in enumerate(sizes)
    ]
    for day in range(days):
        for number, one in enumerate(histories, 1):
            if found := one.jobs_of(day):
                yield number, found


class _Tenant:
    """One company: its resources, and its jobs day by day."""

    def __init__(self, dice: Random, jobs: int, days: int, until: int, *, is_silent: bool, has_broken: bool) -> None:
        self._dice, self._days, self._is_silent = dice, days, is_silent
        self._until = until = until - 3 * _DAY if is_silent else until
        (self._care,) = dice.choices([*_CARE], [*_CARE.values()])
        self._first = (until - 1) // _DAY - days + 1
        # The company grows, but not in the last days: what had no weekend yet would seem late in its first one. It does
        # less at weekends; ticks begin with a Monday.
        weights = [
            (0.4 + min(day, days - 10) / days) * (0.7 if (self._first + day) % 7 in _WEEKEND else 1.0)
            for day in range(days)
        ]
        # The last day is not over: it ends at `until`.
        self._lasted = until - (until - 1) // _DAY * _DAY
        whole_day = weights[-1]
        # A little more, so that no backup is left out that has begun by then.
        weights[-1] *= min(1.0, _SPARE * _begun(self._lasted / _DAY))
        whole, so_far, self._ends = sum(weights), 0.0, [0]
        for weight in weights:
            so_far += weight
            self._ends.append(round(jobs * so_far / whole))
        self._on_last_day = round(jobs * whole_day / whole)
        busiest = max(self._on_last_day, *(end - begin for begin, end in pairwise(self._ends)))
        self._fleet = self._resources(NIGHTLY, max(len(NIGHTLY), busiest))
        self._asked = self._resources(BY_HAND, max(len(BY_HAND), busiest // 6))
        self._upkeep = self._resources(UPKEEP, max(len(UPKEEP), busiest // 6))
        self._turn = 0
        nightly = self._fleet[: len(NIGHTLY)]
        self._broken = nightly[-1] if has_broken else None
        # It ran again by the end, or else in the night before.
        self._repeated = next((one for one in nightly[:-1] if one.at < 5 * 3600), None)
        has_run = self._repeated is not None and (self._repeated.at + 4 * _AGAIN) * _SECOND < self._lasted
        self._repeated_on = days - (1 if has_run else 2)

    def _resources(self, kinds: tuple[Kind, ...], number: int) -> list[Resource]:
        """Returns `number` resources, at least one of each kind. The first ones exist from the beginning."""
        dice = self._dice
        chosen = [*kinds, *dice.choices(kinds, [kind.weight for kind in kinds], k=number - len(kinds))]
        resources = []
        for count, kind in enumerate(chosen):
            role, place = dice.choice(ROLES), dice.choice(PLACES)
            name = f"{kind.things}-{role}-{place}-{count:03d}"
            plan = f"{kind.service.name} {'nightly' if kinds is NIGHTLY else kind.type.name} {place}"
            # Most backups begin around 01:00, some as early as 18:00 or as late as 08:00.
            at = int(dice.triangular(18 * 3600, 32 * 3600, 25 * 3600)) % 86_400
            fragile = dice.random() ** 6 * 0.2
            resources.append(Resource(kind, name, plan, f"{kind.type.name} of {name} ({role}, {place})", at, fragile))
        return resources

    def jobs_of(self, day: int) -> list[Job]:
        """Returns the jobs of a day. The days must be asked for in order."""
        dice, number = self._dice, self._ends[day + 1] - self._ends[day]
        last = day == self._days - 1
        # A day may be bad for all services, or for one: but none of the last ones, which people look at first.
        weather = 1.0 if day >= self._days - 3 else dice.random()
        outage = 0.35 if weather < 0.01 else 0.0
        hit = dice.choice(NIGHTLY).service if weather < 0.05 else None
        midnight = (self._first + day) * _DAY
        lasted = self._lasted if last else _DAY
        planned: list[tuple[int, Resource, bool | None]] = []
        repeats = number > 0 and day == self._repeated_on
        for resource in self._of_night(self._on_last_day if last else number, lasted)[: number - repeats]:
            at = midnight + min((resource.at + int(dice.random() * 240)) * _SECOND, lasted - 1)
            planned.append((at, resource, self._told(resource, day)))
        if repeats:
            planned += [(at + _AGAIN * _SECOND, one, True) for at, one, _ in planned if one is self._repeated]
        for _ in range(number - len(planned)):
            if dice.random() < 0.43:
                resource = self._asked[int(dice.random() * len(self._asked))]
                at = int((8 + 10 * dice.random()) * 3600) * _SECOND
            else:
                resource = self._upkeep[int(dice.random() * len(self._upkeep))]
                at = int(86_400 * dice.random()) * _SECOND
            planned.append((midnight + at * lasted // _DAY, resource, None))
        planned.sort(key=lambda entry: entry[0])
        unfinished = min(max(3, number // 50), number // 2) if last and not self._is_silent else 0
        date = f"{ticks.to_datetime(midnight):%Y%m%d}"
        found = []
        for count, (start, resource, good) in enumerate(planned):
            digits = f"{date}{_clock(start - midnight)}{count % 1000:03d}"
            if count < number - unfinished or good is not None:
                found.append(self._job(digits, start, resource, good, outage, hit))
            else:
                found.append(self._unfinished(digits, start, resource, count))
        return found

    def _told(self, resource: Resource, day: int) -> bool | None:
        """Returns whether the job of a day must be good; None: the dice say."""
        is_broken = resource is self._broken and day >= self._days - _BROKEN_SINCE
        return False if is_broken or (resource is self._repeated and day == self._repeated_on) else None

    def _of_night(self, number: int, lasted: int) -> list[Resource]:
        """Returns what is backed up on a day of so many jobs, of which `lasted` ticks are over.

        The first of the fleet run each night; the last ones only on the days on which the company does most.
        """
        alive = int(_NIGHTLY * number)
        if alive >= len(NIGHTLY):
            return [one for one in self._fleet[:alive] if one.at * _SECOND < lasted]
        # Of a small company they take turns, so that each kind occurs.
        self._turn += alive
        return [self._fleet[turn % len(NIGHTLY)] for turn in range(self._turn - alive, self._turn)]

    def _job(
        self, digits: str, start: int, resource: Resource, good: bool | None, outage: float, hit: ServiceType | None
    ) -> Job:
        dice, kind = self._dice, resource.kind
        risk = self._care * resource.fragile + outage + (0.6 if kind.service is hit else 0.0)
        roll, luck = dice.random(), 0.5 + dice.random()
        if good is not None:
            roll = 1.0 if good else 0.0
        total = 1 + int(kind.objects * luck)
        failed = skipped = 0
        state, comments = JobState.Successful, ""
        start = min(start + int(dice.random() * _SECOND), self._until)
        took = int(kind.minutes * 60 * luck * (0.4 + dice.random())) * _SECOND
        if roll < 0.006 * self._care + risk:
            state, comments, failed = JobState.Failed, dice.choice(FAILURES), total
            if resource is self._broken:
                comments = EXPIRED
            took //= 8
        elif roll < 0.014 * self._care + 2 * risk:
            failed = 1 + int(dice.random() * total * 0.1)
            total += failed
            state, comments = JobState.Exception, f"{failed} of {total}: {dice.choice(EXCEPTIONS)}"
        # Not of a backup: it would leave no copy.
        elif roll > 0.8 and kind in UPKEEP:
            state, comments, skipped, took = JobState.Skipped, "nothing has changed", total, took // 20
        elif roll > 0.79 and kind in UPKEEP:
            state, comments, total = JobState.Stopped, "stopped by an operator", 0
        finish = max(start, min(start + took, self._until))
        return Job(
            job_id=_PREFIX[kind.type] + digits,
            service=kind.service,
            type=kind.type,
            state=state,
            start=start,
            finish=finish,
            failed=failed,
            successful=total - failed - skipped,
            skipped=skipped,
            total=total,
            comments=comments,
            description=resource.description,
            plan=resource.plan,
            resource=resource.name,
            size=(total - failed - skipped) * (1 << 20) * kind.minutes,
            origin="sample-data",
            observed=finish,
        )

    def _unfinished(self, digits: str, start: int, resource: Resource, count: int) -> Job:
        """Returns a job of the present. By turns it is running, waiting, or due soon."""
        kind = resource.kind
        state = (JobState.InProgress, JobState.Waiting, JobState.NotStarted)[count % 3]
        done = int(kind.objects * self._dice.random()) if state is JobState.InProgress else 0
        return Job(
            job_id=_PREFIX[kind.type] + digits,
            service=kind.service,
            type=kind.type,
            state=state,
            start=start if state is not JobState.NotStarted else self._until + count % 97 * 60 * _SECOND,
            successful=done,
            total=kind.objects if done else 0,
            description=resource.description,
            plan=resource.plan,
            resource=resource.name,
            origin="sample-data",
            observed=self._until,
        )


def _begun(part: float) -> float:
    """Returns which part of the jobs of a day has begun when so much of it, from 0 to 1, is over: see `_resources`."""
    hour = 24 * part
    night = _by(min(hour, 8) + 24) - _by(24) + (_by(hour) if hour > 18 else 0.0)
    return _NIGHTLY * night + (1 - _NIGHTLY) * part


def _by(hour: float) -> float:
    """Returns which part of the backups of a night begins before an hour after midnight of its first day, 18 to 32."""
    return (hour - 18) ** 2 / 98 if hour <= 25 else 1 - (32 - hour) ** 2 / 98


def _clock(since_midnight: int) -> str:
    seconds = since_midnight // _SECOND
    return f"{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}"
