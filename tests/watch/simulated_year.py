"""A year of a tenant with 200 series, step by step by a clock that nobody waits for: what is told, and when."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from clocks import Clock
from jobreport.contract.expectation import ExpectationDocument, to_expectation
from jobreport.model import ticks
from jobreport.model.audit import Actor
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.due_times import Outage
from jobreport.model.job import Job
from jobreport.model.message import Message
from jobreport.model.notify_rule import Rule
from jobreport.model.query import JobFilter, JobQuery
from jobreport.model.series_query import SeriesFilter, SeriesQuery
from jobreport.model.streams import StreamState
from jobreport.store import Store
from jobreport.store.registry import connectors, tenants
from jobreport.store.registry.connectors import Key
from jobreport.store.schema.incidents import incident_group, incident_told
from jobreport.store.schema.jobs import series
from jobreport.store.watch import outages
from jobreport.watch import expectations, marks
from jobreport.watch.delivery.sending import Sender
from jobreport.watch.judging import look
from jobreport.watch.notifying import tell

BERLIN: Final = ZoneInfo("Europe/Berlin")
NEW_YORK: Final = ZoneInfo("America/New_York")
MINUTE: Final = 60 * ticks.PER_SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
CHANNEL: Final = "mail"
EVERY: Final = 24 * 3600 // 3 + 600
"""The interval of the connector, which in this year reads once a day (seconds)."""
CLOUD: Final = "exec/cloud"
ANNA: Final = Actor("operator:anna")
YEAR: Final = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]


def at(day: str, hour: str, zone: Any = UTC) -> int:
    """A local time as ticks."""
    return ticks.from_datetime(datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), zone))


def local(day: date, hour: time, zone: ZoneInfo) -> int:
    """When a scheduler that follows the clock of a zone starts what is due then: in the hour that spring leaves out, an
    hour later; in the one that autumn has twice, once.
    """
    return ticks.from_datetime(datetime.combine(day, hour, zone))


class Year:
    """Runs things at their times, and whatever Jobreport does at its own. `told` is what came to the receiver."""

    def __init__(self, store: Store, clock: Clock, tenant: int) -> None:
        self.store, self.clock, self.tenant = store, clock, tenant
        self.told: list[tuple[int, Message]] = []
        self._events: list[tuple[int, int, Callable[[], object]]] = []
        self._reports: dict[int, list[Job]] = {}
        self._order = count()
        self._sender = Sender(store, {CHANNEL: self})
        self._rule = Rule(name="all", channels=(CHANNEL,), repeat=3 * DAY)
        self._off = (0, 0)
        clock.now = at("2025-12-01", "00:00")
        with store.reading() as transaction:
            found = tenants.by_number(transaction, tenant)
        assert found
        self.name = found.name

    def receivers(self) -> Sequence[str]:
        return ("anna",)

    def send(self, message: Message, _receiver: str) -> None:
        self.told.append((self.clock.now, message))

    def expect(self, **said: Any) -> None:
        expectations.put(self.store, self.name, to_expectation(ExpectationDocument(**said)))

    def then(self, moment: int, do: Callable[[], object]) -> None:
        heapq.heappush(self._events, (moment, next(self._order), do))

    def off(self, begins: int, ends: int) -> None:
        """The service does not run from then to then: what happens meanwhile it hears of at the end."""
        self._off = (begins, ends)

        def back() -> None:
            with self.store.writing() as transaction:
                outages.add(transaction, Outage(begins, ends))

        self.then(begins, back)

    def ran(self, start: int, *resources: str, heard: int = 0, **fields: Any) -> None:
        """These run, and report ten minutes later, or when they are `heard` of."""
        end = start + 10 * MINUTE
        self._report(heard or end, [_job(start, end, resource, fields) for resource in resources])

    def _report(self, moment: int, jobs: list[Job]) -> None:
        """Has these jobs reported then, together with all others of that time."""
        if moment not in self._reports:
            self._reports[moment] = []
            self.then(moment, lambda: self.store.record(self.tenant, self._reports.pop(moment)))
        self._reports[moment] += jobs

    def read_cloud(self, moment: int, *jobs: tuple[int, str]) -> None:
        """The connector reads these runs, and all until then."""

        def read() -> None:
            key = Key(self.tenant, "cloud")
            with self.store.writing() as transaction:
                connectors.claim(transaction, key, "exec", EVERY, "me", moment, moment + MINUTE)
                now = self.clock.now
                known = connectors.streams(transaction, key).get("a")
                state = StreamState(stream="a", added=known.added if known else now, looked=now, watermark=now)
                connectors.put_stream(transaction, key, state)
                connectors.release(transaction, key, "me", "")

        fields = {"plan": "cloud", "origin": CLOUD}
        self._report(moment, [_job(start, start + 10 * MINUTE, name, fields) for start, name in jobs])
        self.then(moment, read)

    def retire(self, moment: int, resource: str) -> None:
        def retire() -> None:
            (one,) = self.store.list_series(
                self.tenant, SeriesQuery(where=SeriesFilter(resources=(resource,)), size=10)
            ).series
            with self.store.reading() as transaction:
                tenant = tenants.by_number(transaction, self.tenant)
            assert tenant
            marks.retire(self.store, tenant, str(one.number), by=ANNA)

        self.then(moment, retire)

    def jobs(self, state: JobState) -> int:
        """How many jobs the report has in a state."""
        return self.store.list_jobs(self.tenant, JobQuery(where=JobFilter(states=(state,)))).total

    def live(self) -> None:
        """Lets the time pass until the end of the year."""
        for moment in iter(self._next, None):
            begins, ends = self._off
            self.clock.now = max(self.clock.now, ends if begins < moment < ends else moment)
            while self._events and self._events[0][0] <= self.clock.now:
                heapq.heappop(self._events)[2]()
            for steps in (look(self.store, self.clock.now), tell(self.store, [self._rule]), self._sent()):
                for _ in steps:
                    pass

    def _sent(self) -> Iterator[None]:
        yield from self._sender.send_due(CHANNEL)

    def _next(self) -> int | None:
        """When something happens next; None: nothing does in this year."""
        dues = [select(func.min(one.c.due)).where(one.c.due > 0) for one in (incident_group, incident_told)]
        with self.store.reading() as transaction:
            found = [transaction.execute(one).scalar() for one in (select(func.min(series.c.judge_at)), *dues)]
        times = [*(one for one in found if one is not None), *(one[0] for one in self._events[:1])]
        following = max(min(times), self.clock.now + 1)
        return following if following < at("2027-01-01", "00:00") else None


def _job(start: int, end: int, resource: str, fields: dict[str, Any]) -> Job:
    whole: dict[str, Any] = {
        "job_id": f"FB{start}-{resource}",
        "service": ServiceType.FileShare,
        "type": JobType.FileBackup,
        "state": JobState.Successful,
        "start": start,
        "finish": end,
        "resource": resource,
        "origin": "restic",
        "observed": end,
        "total": 100,
        "successful": 100,
        "size": 10**9,
    }
    return Job(**whole | fields)
