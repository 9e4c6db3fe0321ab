"""A year of 200 series: of what goes wrong everything is told, and of what does not nothing."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date, time
from pathlib import Path
from typing import Any, Final

import pytest
from simulated_year import BERLIN, DAY, HOUR, MINUTE, NEW_YORK, YEAR, Year, at, local

from clocks import Clock
from jobreport.contract.expectation import WindowDocument
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.store import Store, open_store

NIGHTLY: Final = ("berlin-1", "berlin-2", "berlin-3")
YORK: Final = ("york-1", "york-2")
OFFICE: Final = ("office-1", "office-2")
CLOUD: Final = ("cloud-1", "cloud-2", "cloud-3")
LAPTOPS: Final = tuple(f"laptop-{number}" for number in range(10))
MONTHLY: Final = ("archive-1", "archive-2")
WEEKLY: Final = tuple(f"vm-{number:03d}" for number in range(178))
MONDAY, TUESDAY, WEDNESDAY, _, FRIDAY, SATURDAY, SUNDAY = range(7)
HOLIDAYS: Final = {"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-12-25"}
"""The public holidays of Germany that are no weekend."""

# Who did not run on which days; what came late, or was told of late, is said below.
ABSENT: Final = {
    "berlin-1": {"2026-02-03", "2026-03-29", "2026-10-25"},
    "york-1": {"2026-03-08", "2026-11-01"},
    "york-2": {"2026-11-29", "2026-11-30", "2026-12-01"},
    "office-1": {"2026-05-15"},
}
LATE: Final = {("berlin-2", "2026-02-10"): 3 * HOUR + 12 * MINUTE, ("berlin-3", "2026-02-17"): 40 * MINUTE}
RETIRED: Final = "2026-09-29"
RENAMED: Final = "2026-11-08"
FULL: Final = "2026-09-06"
FAILED: Final[dict[str, Any]] = {"state": JobState.Failed, "comments": "write /srv/7: No space left on device"}
BLIND: Final = ("2026-07-04", "2026-07-05")
SEES: Final = "2026-07-06"
SPOOLED: Final = ("york-2", "2026-06-09")

TOLD: Final = """
2026-02-03T02:05 opened: nightly · berlin-1 did not start
2026-02-06T02:05 repeated: Still, for 3 d: nightly · berlin-1 did not start
2026-02-08T01:10 closed: nightly · berlin-1 is well again, after 4 d 23 h
2026-02-10T02:05 opened: nightly · berlin-2 did not start
2026-02-10T04:22 closed: nightly · berlin-2 is well again, after 2 h 21 min
2026-03-08T08:05 opened: us-nightly · york-1 did not start
2026-03-09T06:40 closed: us-nightly · york-1 is well again, after 22 h 39 min
2026-03-29T02:05 opened: nightly · berlin-1 did not start
2026-03-31T00:10 closed: nightly · berlin-1 is well again, after 1 d 22 h
2026-05-15T19:05 opened: office · office-1 did not start
2026-05-18T18:10 closed: office · office-1 is well again, after 2 d 23 h
2026-06-09T07:35 opened: us-nightly · york-2 did not start
2026-06-10T06:30 closed: us-nightly · york-2 is well again, after 22 h 59 min
2026-07-04T03:05 opened: 3 backups have no data, so nothing is known of them, all of the connector cloud
2026-07-06T01:30 closed: All 3 backups of this message are well again, after 1 d 22 h
2026-08-12T01:35 opened: laptop · laptop-7 has no good copy that is young enough
2026-08-15T01:35 repeated: Still, for 3 d: laptop · laptop-7 has no good copy that is young enough
2026-08-18T01:35 repeated: Still, for 6 d: laptop · laptop-7 has no good copy that is young enough
2026-08-21T01:35 repeated: Still, for 9 d: laptop · laptop-7 has no good copy that is young enough
2026-08-24T01:35 repeated: Still, for 12 d: laptop · laptop-7 has no good copy that is young enough
2026-08-26T01:30 closed: laptop · laptop-7 is well again, after 13 d 23 h
2026-09-06T02:15 opened: 178 backups are failing for one cause: no space left
2026-09-09T02:15 repeated: Still, for up to 3 d: 178 backups are failing
2026-09-12T02:15 repeated: Still, for up to 6 d: 178 backups are failing
2026-09-13T02:10 closed: All 178 backups of this message are well again, after 7 d
2026-09-29T01:05 opened: nightly · berlin-3 did not start
2026-09-30T09:00 closed: nightly · berlin-3 is over, after 1 d 7 h
2026-10-25T01:05 opened: nightly · berlin-1 did not start
2026-10-27T01:10 closed: nightly · berlin-1 is well again, after 2 d
2026-11-01T08:35 opened: us-nightly · york-1 did not start
2026-11-02T07:40 closed: us-nightly · york-1 is well again, after 23 h 9 min
2026-11-08T05:05 opened: weekly · vm-000 did not start
2026-11-09T09:00 closed: weekly · vm-000 is over, after 1 d 3 h
2026-12-01T12:05 opened: us-nightly · york-2 did not start
2026-12-04T12:05 repeated: Still, for 3 d: us-nightly · york-2 did not start
2026-12-06T07:40 closed: us-nightly · york-2 is well again, after 4 d 19 h
"""


def declared(year: Year) -> None:
    year.expect(plan="nightly", cron=("0 2 * * 0,2",), zone="Europe/Berlin", grace="1h")
    year.expect(plan="us-nightly", cron=("30 2 * * 0-2",), zone="America/New_York", grace="1h")
    year.expect(plan="office", cron=("0 20 * * 1,5",), zone="Europe/Berlin", grace="1h", holidays=("DE",))
    year.expect(plan="weekly", calendar=("Sun *-*-* 04:00:00",), zone="Europe/Berlin", grace="2h")
    year.expect(plan="monthly", cron=("0 5 1 * *",), zone="Europe/Berlin", grace="6h")
    year.expect(plan="cloud", cron=("0 1 * * 6",), zone="UTC", grace="2h")
    year.expect(plan="laptop", age="14d")
    window = WindowDocument(begins="2026-11-29T00:00:00Z", ends="2026-12-01T12:00:00Z")
    year.expect(resource="york-2", windows=(window,))


def lived(year: Year) -> None:
    """Everything that runs, and what does not."""
    for day in YEAR:
        name, weekday = day.isoformat(), day.weekday()

        def ran(resource: str, start: int, plan: str, name: str = name) -> None:
            if name not in ABSENT.get(resource, ()):
                start += LATE.get((resource, name), 0)
                told_late = (resource, name) == SPOOLED
                year.ran(start, resource, plan=plan, heard=start + DAY if told_late else 0)

        for host in NIGHTLY if weekday in (SUNDAY, TUESDAY) else ():
            if host != "berlin-3" or name < RETIRED:
                ran(host, local(day, time(2), BERLIN), "nightly")
        for host in YORK if weekday in (SUNDAY, MONDAY, TUESDAY) else ():
            ran(host, local(day, time(2, 30), NEW_YORK), "us-nightly")
        for host in OFFICE if weekday in (MONDAY, FRIDAY) and name not in HOLIDAYS else ():
            ran(host, local(day, time(20), BERLIN), "office")
        if name not in BLIND:
            came = [at(one, "01:00") for one in (BLIND[0], name) if saturday_until(one, name)]
            year.read_cloud(at(name, "01:30"), *((start, host) for start in came for host in CLOUD))
        if weekday == SUNDAY:
            hosts = WEEKLY if name < RENAMED else (*WEEKLY[1:], "vm-000-new")
            bad = (
                {"state": JobState.Failed, "comments": "write /srv/7: No space left on device"} if name == FULL else {}
            )
            year.ran(local(day, time(4), BERLIN), *hosts, plan="weekly", **bad)
        if day.day == 1:
            year.ran(local(day, time(5), BERLIN), *MONTHLY, plan="monthly")
        if weekday == WEDNESDAY:
            there = [one for one in LAPTOPS if one != "laptop-7" or not "2026-08-01" <= name < "2026-08-22"]
            year.ran(at(name, "01:20"), *there, plan="laptop")


def saturday_until(day: str, name: str) -> bool:
    """Whether the cloud ran on this day, and is told of it on that one: at once, or when it can be read again."""
    return day == name if date.fromisoformat(name).weekday() == SATURDAY else (day, name) == (BLIND[0], SEES)


@pytest.fixture
def store(new_file: Path, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """In a file alone: on PostgreSQL a year takes three times as long, and no step of it is of one database."""
    with closing(open_store(f"sqlite:///{shutil.copy(new_file, tmp_path)}", clock=clock)) as opened:
        yield opened


@pytest.fixture
def year(store: Store, clock: Clock) -> Year:
    tenant = store.tenant_id("acme", create=True)
    assert tenant
    return Year(store, clock, tenant)


def test_all_that_goes_wrong_is_told_and_nothing_else(year: Year) -> None:
    declared(year)
    lived(year)
    year.off(at("2026-08-15", "20:00"), at("2026-08-16", "05:00"))
    year.retire(at("2026-09-30", "09:00"), "berlin-3")
    year.retire(at("2026-11-09", "09:00"), "vm-000")
    year.live()
    told = [f"{ticks.to_iso(at_, digits=0)[:16]} {one.step.value}: {one.subject}" for at_, one in year.told]
    assert told == TOLD.strip().splitlines()
    first = next(one for _, one in year.told if one.subject.startswith("178 "))
    assert (len(first.lines), first.more) == (10, 168)
    # Nothing that did not run is left out of the report, and nothing of it is told of runs that came after all.
    assert year.jobs(JobState.Failed) == len(WEEKLY) + sum(map(len, ABSENT.values())) + 2
    assert year.jobs(JobState.Skipped) == len([("berlin-2", "late"), SPOOLED]) + len(CLOUD)
