"""The days of a calendar file are those on which nothing is due; what cannot be read is told, and not left out."""

from datetime import date
from pathlib import Path

import pytest

from jobreport.watch.schedules.icalendar import CalendarFileError, days
from serving import typed

TODAY = date(2026, 11, 23)


def calendar(*events: str) -> bytes:
    inner = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inner}END:VCALENDAR\r\n".encode()


def test_days_are_those_that_events_cover() -> None:
    text = calendar(
        "SUMMARY:Works\r\nDTSTART;VALUE=DATE:20261223\r\nDTEND;VALUE=DATE:20261226",
        "SUMMARY:One\r\n day\r\nDTSTART;VALUE=DATE:20261231",
        "SUMMARY:With a time\r\nDTSTART;TZID=Europe/Berlin:20260105T080000\r\nDTEND:20260106T000000Z",
        "SUMMARY:Long ago\r\nDTSTART;VALUE=DATE:20200101",
    )
    assert days(text, TODAY) == ["2026-01-05", "2026-12-23", "2026-12-24", "2026-12-25", "2026-12-31"]


def test_what_comes_every_year_is_taken_for_years() -> None:
    found = days(calendar("DTSTART;VALUE=DATE:20000229\r\nRRULE:FREQ=YEARLY"), TODAY)
    assert found == ["2028-02-29", "2032-02-29"]
    assert len(days(calendar("DTSTART;VALUE=DATE:20100501\r\nRRULE:FREQ=YEARLY"), TODAY)) == 11


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"hello", "no calendar file"),
        (calendar("SUMMARY:Mondays\r\nDTSTART;VALUE=DATE:20260105\r\nRRULE:FREQ=WEEKLY"), "'Mondays' repeats by"),
        (calendar("SUMMARY:Odd\r\nDTSTART:tomorrow"), "'Odd' has no day"),
        (calendar("SUMMARY:Odd\r\nDTSTART:20260230"), "does not exist: 20260230"),
        (calendar("SUMMARY:Ages\r\nDTSTART:20200101\r\nDTEND:20260101"), "more than a year"),
    ],
)
def test_what_cannot_be_read_is_told(text: bytes, says: str) -> None:
    with pytest.raises(CalendarFileError, match=says):
        days(text, TODAY)


def test_a_command_takes_the_days_of_a_file(new_store: str, tmp_path: Path) -> None:
    file = tmp_path / "closed.ics"
    file.write_bytes(calendar("DTSTART;VALUE=DATE:20981224"))
    assert typed("tenant", "create", "default", "--store", new_store).returncode == 0
    words = ["expect", "set", "nightly", "--cron", "0 2 * * *", "--off-file", str(file), "--store", new_store, "--json"]
    done = typed(*words)
    assert '"off": ["2098-12-24"]' in done.stdout, done.stderr
    file.write_text("hello", encoding="utf-8")
    refused = typed(*words)
    assert (refused.returncode, "no calendar file" in refused.stderr) == (2, True)
