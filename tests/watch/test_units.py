"""A schedule is due at the same times, whichever scheduler it is set up in."""

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.contract.expectation import ExpectationDocument, to_expectation
from jobreport.model import ticks
from jobreport.model.expectation import Expectation
from jobreport.watch import schedules
from jobreport.watch.units import calendar_of, units

START = ticks.from_iso("2026-01-30T11:07:00Z")


def field(first: int, last: int) -> st.SearchStrategy[str]:
    number = st.integers(first, last)
    span = st.tuples(number, number).map(lambda two: f"{min(two)}-{max(two)}")
    some = st.lists(number, min_size=1, max_size=3).map(lambda many: ",".join(map(str, sorted(many))))
    return st.one_of(st.just("*"), number.map(str), span, some, st.integers(2, 9).map(lambda step: f"*/{step}"))


LINES = st.tuples(field(0, 59), field(0, 23), field(1, 28), st.just("*"), field(0, 6)).map(" ".join)


def times(one: Expectation) -> list[int]:
    at, found = START, list[int]()
    for _ in range(12):
        at = schedules.following(one, "UTC", at)
        found.append(at)
    return found


@given(LINES)
def test_a_line_of_cron_is_due_when_its_calendar_events_are(line: str) -> None:
    as_cron = Expectation(name="one", cron=(line,))
    as_calendar = Expectation(name="one", calendar=tuple(calendar_of(line)))
    assert times(as_cron) == times(as_calendar)


@pytest.mark.parametrize(
    ("said", "systemd", "cron", "windows"),
    [
        (
            {"cron": ("0 2 * * 1-5",), "zone": "Europe/Berlin"},
            "OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 2:0 Europe/Berlin",
            "0 2 * * 1-5 jobreport run",
            "/SC WEEKLY /D MON,TUE,WED,THU,FRI /ST 02:00",
        ),
        ({"cron": ("30 22 * * *",)}, "OnCalendar=*-*-* 22:30 UTC", "30 22 * * * jobreport", "/SC DAILY /ST 22:30"),
        ({"every": "4h"}, "OnUnitActiveSec=4h", "0 */4 * * * jobreport", "/SC MINUTE /MO 240"),
        ({"every": "5h"}, "OnUnitActiveSec=5h", "# no line of cron: every 5h", "/SC MINUTE /MO 300"),
        ({"calendar": ("Sat 22:00",)}, "OnCalendar=Sat 22:00 UTC", "# no line of cron: Sat 22:00", "rem no task: Sat"),
    ],
)
def test_each_scheduler_is_told_what_it_can_say(said: dict[str, Any], systemd: str, cron: str, windows: str) -> None:
    one = to_expectation(ExpectationDocument(name="one", **said))
    found = units(one, "UTC", shlex.join(["jobreport", "run", "--", "restic", "backup", "/srv/a b"]))
    assert systemd in found.systemd
    assert any(line.startswith(cron) for line in found.cron)
    assert any(windows in line for line in found.windows)
