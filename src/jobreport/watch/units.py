"""Writes a schedule as a systemd timer, a line of cron or a Windows task, for the machine that runs the backups.

What one of these forms cannot express is said, not approximated.
"""

import re
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.expectation import Expectation
from jobreport.model.lengths import typed
from jobreport.watch.schedules import zone_of

_DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NAMES: Final = {name.upper(): str(number) for number, name in enumerate(_DAYS[:7])}
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_FIXED: Final = re.compile(r"\d{1,2}")
_MINUTE: Final = 60 * ticks.PER_SECOND
_HOUR: Final = 60 * _MINUTE


class Units(msgspec.Struct, frozen=True):
    """A schedule as each scheduler has it: the lines of a timer, of a crontab, and commands of Windows."""

    systemd: tuple[str, ...]
    cron: tuple[str, ...]
    windows: tuple[str, ...]


def units(one: Expectation, zone: str, command: str) -> Units:
    """Returns how the schedule of an expectation is set up to run this command. `zone` is the tenant's time zone."""
    where = zone_of(one, zone)
    events = [f"OnCalendar={event} {where}" for event in one.calendar]
    for line in one.cron:
        events += [f"OnCalendar={event} {where}" for event in calendar_of(line)]
    if one.every:
        events += [f"OnUnitActiveSec={typed(one.every)}", "OnBootSec=5m"]
    timer = ("[Unit]", f"Description=Runs due by {one.name}", "[Timer]", *events, "Persistent=true")
    service = ("[Service]", "Type=oneshot", f"ExecStart={command}")
    return Units(
        (
            f"# /etc/systemd/system/jobreport-{one.name}.timer",
            *timer,
            "[Install]",
            "WantedBy=timers.target",
            f"# /etc/systemd/system/jobreport-{one.name}.service",
            *service,
        ),
        _crontab(one, where, command),
        _tasks(one, command),
    )


def calendar_of(line: str) -> list[str]:
    """Returns the calendar events of systemd that are due when a line of cron is: two where cron takes one day or
    the other, the day of the month or that of the week.
    """
    minute, hour, day, month, weekday = line.upper().split()
    time = f"{_part(hour, 24)}:{_part(minute, 60)}"
    months = _part(month, 13, names={name: str(number) for number, name in enumerate(_MONTHS, 1)})
    by_day, by_weekday = f"*-{months}-{_part(day, 32)} {time}", f"{_weekdays(weekday)} *-{months}-* {time}"
    if weekday == "*":
        return [by_day]
    if day.startswith("*") or weekday.startswith("*"):  # then cron wants both
        return [f"{_weekdays(weekday)} {by_day}"]
    return [by_day, by_weekday]


def _part(text: str, end: int, names: dict[str, str] | None = None) -> str:
    """Returns a field of cron as systemd has it: `*/15` is `0/15`, `1-5` is `1..5`."""
    for name, number in (names or {}).items():
        text = text.replace(name, number)
    first = 0 if end in (24, 60) else 1
    found = []
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span == "*" and step:
            span = f"{first}..{end - 1}"
        found.append(span.replace("-", "..") + (f"/{step}" if step else ""))
    return ",".join(found)


def _weekdays(text: str) -> str:
    """Returns the days of the week of a line of cron, each by its name."""
    for name, number in _NAMES.items():
        text = text.replace(name, number)
    days: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("0-6" if span == "*" else span).partition("-")
        days |= {day % 7 for day in range(int(first), int(last or (6 if step else first)) + 1, int(step or 1))}
    return ",".join(_DAYS[day] for day in sorted(days, key=lambda day: (day + 6) % 7))


def _crontab(one: Expectation, zone: str, command: str) -> tuple[str, ...]:
    lines = [f"{line} {command}" for line in one.cron]
    if one.every:
        fields = _repeating(one.every)
        lines.append(f"{fields} {command}" if fields else f"# no line of cron: every {typed(one.every)}")
    lines += [f"# no line of cron: {event}" for event in one.calendar]
    return (f"CRON_TZ={zone}", *lines)


def _repeating(every: int) -> str:
    """Returns the fields of cron for what is due every so often; empty if a day has no whole number of such times."""
    if every < _HOUR and _HOUR % every == 0 and every % _MINUTE == 0:
        return f"*/{every // _MINUTE} * * * *"
    if every % _HOUR == 0 and (24 * _HOUR) % every == 0:
        return f"0 */{every // _HOUR} * * *" if every > _HOUR else "0 * * * *"
    return ""


def _tasks(one: Expectation, command: str) -> tuple[str, ...]:
    found = [_task(line, one.name, command) or f"rem no task: {line}" for line in one.cron]
    if one.every and one.every % _MINUTE == 0 and one.every < 24 * _HOUR:
        found.append(_schtasks(one.name, f"/SC MINUTE /MO {one.every // _MINUTE}", command))
    elif one.every:
        found.append(f"rem no task: every {typed(one.every)}")
    return (*found, *(f"rem no task: {event}" for event in one.calendar))


def _task(line: str, name: str, command: str) -> str:
    """Returns the task for a line of cron with a fixed time, each day or on some days of the week; empty for others."""
    minute, hour, day, month, weekday = line.split()
    if not (_FIXED.fullmatch(minute) and _FIXED.fullmatch(hour)) or (day, month) != ("*", "*"):
        return ""
    at = f"/ST {int(hour):02d}:{int(minute):02d}"
    days = "/SC DAILY" if weekday == "*" else f"/SC WEEKLY /D {_weekdays(weekday.upper()).upper()}"
    return _schtasks(name, f"{days} {at}", command)


def _schtasks(name: str, when: str, command: str) -> str:
    quoted = command.replace('"', '\\"')
    return f'schtasks /Create /TN "Jobreport {name}" {when} /TR "{quoted}"'
