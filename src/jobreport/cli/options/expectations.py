"""The options that say what is expected of series, and the expectation that they make."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from jobreport.contract.expectation import ExpectationDocument, pattern, to_expectation, window_of
from jobreport.model.errors import InvalidInputError

if TYPE_CHECKING:
    from jobreport.model.expectation import Expectation

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: Final = (
    click.option("--name", default="", show_default=False, help="Its name.  [default: after PATTERN]"),
    click.option("--age", default="", show_default=False, help="How old the last good copy may become: 26h, 14d."),
    click.option("--cron", multiple=True, metavar="LINE", help='Runs are due by this line: "0 2 * * 1-5". Repeatable.'),
    click.option(
        "--calendar", multiple=True, metavar="EVENT", help='By this event of systemd: "Mon..Fri 02:00". Repeatable.'
    ),
    click.option("--every", default="", show_default=False, help="A run is due so long after the one before: 4h."),
    click.option("--tz", "zone", default="", show_default=False, help="Their time zone.  [default: the tenant's]"),
    click.option("--grace", default="", show_default=False, help="How long a run has to start.  [default: 1h]"),
    click.option("--longest", default="", show_default=False, help="How long a run may take.  [default: any time]"),
    click.option(
        "--holidays",
        multiple=True,
        metavar="CODE",
        help="Nothing is due on its public holidays: DE, DE-BY. Repeatable.",
    ),
    click.option("--off", multiple=True, metavar="DAY", help="Nothing is due on this day: 2026-12-24. Repeatable."),
    click.option(
        "--off-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Nothing is due on the days of this calendar file (iCalendar), as they are now.",
    ),
    click.option(
        "--window",
        "windows",
        multiple=True,
        metavar="TIMES",
        help='Maintenance: 2026-12-24T18:00Z/2026-12-27T08:00Z (without Z: by --tz), "0 22 * * 6 for 4h". Repeatable.',
    ),
)


def expectation_options(function: F) -> F:
    """Adds the options that say what is expected."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def expectation_of(words: str, options: Mapping[str, Any]) -> "Expectation":
    """Returns the expectation of the series of a pattern in words. What is wrong is a usage error."""
    try:
        windows = tuple(window_of(text) for text in options["windows"])
        given = {name: value for name, value in options.items() if name != "off_file"}
        off = (*given["off"], *_days_of(options["off_file"]))
        return to_expectation(ExpectationDocument(**{**given, **pattern(words), "windows": windows, "off": off}))
    except InvalidInputError as error:
        raise wrong(error) from None


def wrong(error: InvalidInputError) -> click.UsageError:
    """Returns the usage error for an expectation that cannot be set."""
    flags = {"zone": "--tz", "windows": "--window", "PATTERN": "PATTERN", "": ""}
    said = [(flags.get(name := one.field.partition("[")[0], f"--{name}"), one.message) for one in error.errors]
    return click.UsageError("; ".join(f"{field}: {message}" if field else message for field, message in said))


def _days_of(file: Path | None) -> list[str]:
    if file is None:
        return []
    from jobreport.watch.schedules.icalendar import MAX_BYTES, CalendarFileError, days

    with file.open("rb") as opened:
        content = opened.read(MAX_BYTES + 1)
    try:
        return days(content, date.today())  # noqa: DTZ011 - years are enough
    except CalendarFileError as error:
        raise click.BadParameter(f"{file} {error}", param_hint="--off-file") from None
