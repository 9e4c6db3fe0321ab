"""When runs are due: as each scheduler does it at a change of the clocks, and not on holidays."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jobreport.contract.expectation import ExpectationDocument, WindowDocument, to_expectation
from jobreport.model import ticks
from jobreport.model.expectation import Expectation
from jobreport.watch import schedules

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "expectations.md"
SPRING = ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z")
AUTUMN = ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z")


def expecting(**said: Any) -> Expectation:
    return to_expectation(ExpectationDocument(name="one", **said))


def due(one: Expectation, since: str, until: str) -> list[str]:
    """When runs are due in Berlin, as UTC without the date."""
    at, found = ticks.from_iso(since), list[str]()
    while (at := schedules.following(one, "Europe/Berlin", at)) and at <= ticks.from_iso(until):
        found.append(ticks.to_iso(at, digits=0)[11:16])
    return found


@pytest.mark.parametrize(
    ("said", "spring", "autumn"),
    [
        # 03:00 in summer is 01:00 UTC; 02:30 comes at 00:30 and at 01:30 UTC in autumn.
        ({"cron": ("30 2 * * *",)}, ["01:00"], ["00:30"]),
        ({"calendar": ("02:30",)}, [], ["00:30"]),
        ({"cron": ("30 3 * * *",)}, ["01:30"], ["02:30"]),
        ({"calendar": ("03:30",)}, ["01:30"], ["02:30"]),
    ],
)
def test_each_does_as_its_own_scheduler_when_the_clocks_change(
    said: dict[str, Any], spring: list[str], autumn: list[str]
) -> None:
    one = expecting(**said)
    assert (due(one, *SPRING), due(one, *AUTUMN)) == (spring, autumn)


def test_what_runs_by_the_time_that_passes_runs_on() -> None:
    one = expecting(cron=("*/30 * * * *",))
    assert len(due(one, *SPRING)) == len(due(one, *AUTUMN)) == 48
    repeated = expecting(every="4h")
    assert len(due(repeated, *SPRING)) == len(due(repeated, *AUTUMN)) == 6


def test_the_page_says_the_same() -> None:
    rows = re.findall(
        r"^\| `(--\w+) \"([^\"]+)\"` \| (.*?) \| (.*?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    said = {(option.removeprefix("--"), line): (spring, autumn) for option, line, spring, autumn in rows}
    words = {
        ("cron", "30 2 * * *"): ("due at 03:00", "due once, the first time"),
        ("calendar", "02:30"): ("not due", "due once, the first time"),
    }
    assert {key: said[key] for key in words} == words


def test_nothing_is_due_on_holidays_and_on_days_off() -> None:
    days = ("2026-12-23T12:00:00Z", "2026-12-28T12:00:00Z")
    every = expecting(cron=("0 2 * * *",))
    assert len(due(every, *days)) == 5
    assert len(due(expecting(cron=("0 2 * * *",), holidays=("DE",)), *days)) == 3
    assert len(due(expecting(cron=("0 2 * * *",), off=("2026-12-24", "2026-12-27")), *days)) == 3


def test_several_schedules_are_due_together_and_one_that_never_comes_is_none() -> None:
    one = expecting(cron=("0 2 * * *", "0 14 * * *"), calendar=("Sun 04:00",))
    assert due(one, "2026-11-21T12:00:00Z", "2026-11-22T14:00:00Z") == ["13:00", "01:00", "03:00", "13:00"]
    never = expecting(calendar=("2020-01-01",))
    assert schedules.following(never, "UTC", ticks.from_iso("2026-01-01T00:00:00Z")) == 0
    assert [one.field for one in schedules.faults(never)] == ["calendar"]


def test_a_window_is_open_until_its_end() -> None:
    repeating = WindowDocument(cron="0 22 * * 6", length="4h")
    once = WindowDocument(begins="2026-11-22T00:00:00Z", ends="2026-11-22T09:00:00Z")
    one = expecting(age="1d", windows=(repeating, once))

    def until(at: str) -> str:
        found = schedules.open_until(one, "Europe/Berlin", ticks.from_iso(at))
        return ticks.to_iso(found, digits=0) if found else ""

    assert until("2026-11-21T20:30:00Z") == ""
    assert until("2026-11-21T21:30:00Z") == "2026-11-22T01:00:00Z"  # Saturday 22:30 in Berlin
    assert until("2026-11-22T00:30:00Z") == "2026-11-22T09:00:00Z"
    assert until("2026-11-22T09:00:00Z") == ""


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here: apt install systemd")
@pytest.mark.parametrize("event", ["02:30", "*:30", "Mon..Fri 03:00", "Sun 02:00"])
@pytest.mark.parametrize("since", [SPRING[0], AUTUMN[0]])
def test_calendar_events_are_those_of_systemd(event: str, since: str) -> None:
    command = ["systemd-analyze", "calendar", f"--base-time={since[:10]} {since[11:16]} UTC", "--iterations=40", event]
    surroundings = {"TZ": "Europe/Berlin", "LC_ALL": "C", "PATH": os.defpath}
    told = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)
    times = re.findall(r"\(in UTC\): \w+ (\S+ \S+) UTC", told.stdout)
    at, ours = ticks.from_iso(since), list[str]()
    for _ in times:
        at = schedules.following(expecting(calendar=(event,)), "Europe/Berlin", at)
        ours.append(ticks.to_iso(at, digits=0)[:-1].replace("T", " "))
    assert len(times) > 5
    assert ours == times


@pytest.mark.parametrize(
    ("said", "begins", "following"),
    [
        ({"cron": ("* * * * *",), "off": ("2026-12-24",)}, "2026-12-23T22:59:30Z", "2026-12-24T23:00:00Z"),
        (
            {"cron": ("*/10 * * * *",), "off": tuple(f"2026-12-{day}" for day in range(20, 32))},
            "2026-12-20T05:00:00Z",
            "2026-12-31T23:00:00Z",
        ),
        ({"calendar": ("*:0/5",), "holidays": ("DE",)}, "2026-12-24T23:00:00Z", "2026-12-26T23:00:00Z"),
        ({"every": "7m", "off": ("2026-12-24",)}, "2026-12-23T22:55:00Z", "2026-12-24T23:04:00Z"),
        # At midnight of that day the clocks there go on by an hour.
        (
            {"cron": ("* * * * *",), "off": ("2026-04-23",), "zone": "Africa/Cairo"},
            "2026-04-23T10:00:00Z",
            "2026-04-23T22:00:00Z",
        ),
    ],
)
def test_however_often_something_is_due_it_is_due_again_after_days_off(
    said: dict[str, Any], begins: str, following: str
) -> None:
    found = schedules.following(expecting(**said), "Europe/Berlin", ticks.from_iso(begins))
    assert ticks.to_iso(found, digits=0) == following


@pytest.mark.parametrize("event", ["*:*:*", "*:*:0/30", "Mon 02:00:00,10"])
def test_nothing_is_due_more_than_once_a_minute(event: str) -> None:
    (fault,) = schedules.faults(expecting(calendar=(event,)))
    assert fault.message == f"{event!r} comes again within a minute; a run is due once a minute at most"
    assert not schedules.faults(expecting(calendar=("*:*", "2026-12-24 02:00")))
