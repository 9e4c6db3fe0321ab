"""An expectation as a document: of the API, of `jobreport.toml` and of the command line alike."""

import shlex
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from jobreport.contract.job_document import code
from jobreport.contract.json_value import parse
from jobreport.contract.spoken_times import seconds
from jobreport.model import ticks, zones
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.expectation import FIELDS, Expectation, Window
from jobreport.model.job import TEXT_LIMITS
from jobreport.model.lengths import typed
from jobreport.model.spelling import meant

ALL: Final = "all"
"""The pattern of all series."""
MAX_TEXT: Final = 200
"""The most characters of a line of cron or of a calendar event."""
_FOR: Final = " for "
_LENGTHS: Final = ("age", "every", "grace", "longest")
_CODES: Final[dict[str, Any]] = {"service": ServiceType, "type": JobType}
_LIMITS: Final = {"tenant": 63, **{name: TEXT_LIMITS[name] for name in ("plan", "resource", "origin")}}

_PATTERN: Final = Meta(description="`*` stands for any characters, `?` for one; the case counts. Left out: any.")
_LENGTH: Final = Meta(description="A length of time, such as 26h, 14d or 90m.")


class WindowDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A maintenance window: once, from `begins` to `ends` (ISO 8601; without an offset, by the clocks of `zone`); or by
    a `cron` line for `length`.
    """

    begins: str = ""
    ends: str = ""
    cron: str = ""
    length: Annotated[str, _LENGTH] = ""


class ExpectationDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is expected of all series that fit. It says an age, or when runs are due, or both."""

    name: Annotated[str, Meta(description="Its own within the tenant: a-z, 0-9, - and _.")] = ""
    tenant: Annotated[
        str, Meta(description="Of the operator's own tenant alone: the tenants of whose series it expects something.")
    ] = ""
    service: Annotated[str, Meta(description="The name or the number of the code. Left out: any.")] = ""
    type: Annotated[str, Meta(description="The name or the number of the code. Left out: any.")] = ""
    plan: Annotated[str, _PATTERN] = ""
    resource: Annotated[str, _PATTERN] = ""
    origin: Annotated[str, _PATTERN] = ""
    age: Annotated[str, Meta(description="How old the last good copy may become, such as 26h, 14d or 90m.")] = ""
    cron: Annotated[tuple[str, ...], Meta(description="Runs are due by these lines of cron, of five fields.")] = ()
    calendar: Annotated[tuple[str, ...], Meta(description="Runs are due by these calendar events of systemd.")] = ()
    every: Annotated[str, Meta(description="A run is due so long after the start of the one before.")] = ""
    zone: Annotated[str, Meta(description="The time zone of these, an IANA name. Left out: the tenant's.")] = ""
    grace: Annotated[str, Meta(description="How long a run that is due has to start. Left out: 1h.")] = ""
    longest: Annotated[str, Meta(description="How long a run may take. Left out: any time.")] = ""
    holidays: Annotated[
        tuple[str, ...], Meta(description="Nothing is due on public holidays of these: DE, or DE-BY for a part.")
    ] = ()
    off: Annotated[tuple[str, ...], Meta(description="Nothing is due on these days, such as 2026-12-24.")] = ()
    windows: Annotated[tuple[WindowDocument, ...], Meta(description="Nothing needs somebody in these times.")] = ()
    by: Annotated[str, Meta(description="In answers: the app that declared it for its own runs.")] = ""
    file: Annotated[bool, Meta(description="In answers: whether it stands in jobreport.toml.")] = False


class ExpectationList(msgspec.Struct, frozen=True):
    """What is expected of a tenant's series, the most specific first."""

    expectations: list[ExpectationDocument]


def read_document(body: bytes) -> ExpectationDocument:
    """Returns the document that a body has. Raises InvalidInputError."""
    value = parse(body)
    try:
        return msgspec.convert(value, ExpectationDocument)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        raise InvalidInputError.of(place.strip(".`"), f"{reason[:1].lower()}{reason[1:]}") from None


def pattern(words: str) -> dict[str, str]:
    """Returns the fields of a document that a pattern in words gives, such as `plan=laptop-* service=FileShare`. A word
    alone is a pattern of plans. Raises InvalidInputError.
    """

    def wrong(message: str) -> InvalidInputError:
        return InvalidInputError.of("PATTERN", message)

    try:
        parts = shlex.split(words)
    except ValueError:
        raise wrong(f"{words!r} has a quote that does not end") from None
    if not parts:
        raise wrong(f"is empty; {ALL} stands for all series")
    rest = f"there are {', '.join(FIELDS)}"
    found: dict[str, str] = {}
    for part in [] if parts == [ALL] else parts:
        name, _, value = part.partition("=") if "=" in part else ("plan", "=", part)
        if name not in FIELDS:
            raise wrong(f"{name!r} is no field: {meant(name, FIELDS, rest)}")
        if name in found:
            raise wrong(f"{name} stands there twice")
        if not value:
            raise wrong(f"{name} has no value; leave it out for any")
        found[name] = value
    return found


def to_expectation(given: ExpectationDocument, **more: Any) -> Expectation:
    """Returns the expectation that a document describes; `more` are fields that it does not have. Raises
    InvalidInputError, with every fault.
    """
    faults: list[FieldError] = []

    def read(field: str, reader: Any, value: Any, nothing: Any) -> Any:
        if not value:
            return nothing
        try:
            return reader(value)
        except ValueError as error:
            faults.append(FieldError(field, str(error)))
            return nothing

    values: dict[str, Any] = {
        **{name: read(name, _code(kind), getattr(given, name), 0) for name, kind in _CODES.items()},
        **{name: read(name, _text(limit), getattr(given, name), "") for name, limit in _LIMITS.items()},
        **{name: read(name, _length, getattr(given, name), 0) for name in _LENGTHS},
        **{name: read(name, _lines, getattr(given, name), ()) for name in ("cron", "calendar")},
        "days_off": read("off", _days, given.off, ()),
        "windows": tuple(
            read(f"windows[{number}]", _window(given.zone), one, Window()) for number, one in enumerate(given.windows)
        ),
    }
    if faults:
        raise InvalidInputError(faults)
    return Expectation(
        **{"name": given.name, "zone": given.zone, "holidays": tuple(sorted(given.holidays)), **values, **more}
    )


def window_of(text: str) -> WindowDocument:
    """Returns the window that a text describes: `2026-12-24T18:00Z/2026-12-27T08:00Z`, or `0 22 * * 6 for 4h`."""
    begins, slash, ends = text.partition("/")
    if _FOR in text:
        cron, _, length = text.rpartition(_FOR)
        return WindowDocument(cron=cron.strip(), length=length.strip())
    return WindowDocument(begins=begins.strip(), ends=ends.strip()) if slash else WindowDocument(cron=text)


def window_text(one: WindowDocument) -> str:
    """Returns a window as `window_of` reads it."""
    return f"{one.cron}{_FOR}{one.length}" if one.cron else f"{one.begins}/{one.ends}"


def to_document(one: Expectation) -> ExpectationDocument:
    """Returns an expectation as a document."""
    codes: dict[str, Any] = {name: kind(value).name for name, kind in _CODES.items() if (value := getattr(one, name))}
    lengths: dict[str, Any] = {name: typed(value) for name in _LENGTHS if (value := getattr(one, name))}
    same = ("name", "tenant", "plan", "resource", "origin", "cron", "calendar", "zone", "holidays", "by", "file")
    return ExpectationDocument(
        **{name: getattr(one, name) for name in same},
        **codes,
        **lengths,
        off=one.days_off,
        windows=tuple(_window_document(window) for window in one.windows),
    )


def _code(kind: Any) -> Any:
    return lambda value: int(code(kind, int(value) if value.isdecimal() else value))


def _text(limit: int) -> Any:
    def read(value: str) -> str:
        if len(value) > limit:
            raise ValueError(f"has {len(value)} characters; it has at most {limit}")
        if "\0" in value or not value.isprintable():
            raise ValueError("holds a character that cannot be printed")
        return value

    return read


def _length(value: str) -> int:
    found = seconds(value)
    if found is None:
        raise ValueError(f"{value[:40]!r} is no length of time: write numbers with m, h, d or w, such as 26h or 14d")
    return found * ticks.PER_SECOND


def _lines(values: tuple[str, ...]) -> tuple[str, ...]:
    for one in values:
        if not 0 < len(one) <= MAX_TEXT:
            raise ValueError(f"each has 1 to {MAX_TEXT} characters")
    return tuple(" ".join(one.split()) for one in values)


def _days(values: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(sorted({date.fromisoformat(one).isoformat() for one in values}))
    except ValueError:
        raise ValueError("each is a day, such as 2026-12-24") from None


def _window(zone: str) -> Callable[[WindowDocument], Window]:
    """Returns what reads a window. Times without a zone are by the clocks of the one that is given."""
    clocks = None
    with suppress(ValueError):  # told of the zone itself
        clocks = ZoneInfo(found) if (found := zones.named(zone)) else None

    def read(one: WindowDocument) -> Window:
        if one.cron and one.length and not (one.begins or one.ends):
            return Window(cron=" ".join(one.cron[: MAX_TEXT + 1].split()), length=_length(one.length))
        if one.begins and one.ends and not (one.cron or one.length):
            begins, ends = (ticks.from_iso(text, zone=clocks) for text in (one.begins, one.ends))
            if begins < ends:
                return Window(begins=begins, ends=ends)
            raise ValueError("ends must lie after begins")
        raise ValueError(
            "has either begins and ends, or cron and length; as one text: 2026-12-24T18:00Z/2026-12-27T08:00Z, "
            "or 0 22 * * 6 for 4h"
        )

    return read


def _window_document(one: Window) -> WindowDocument:
    if one.cron:
        return WindowDocument(cron=one.cron, length=typed(one.length))
    return WindowDocument(begins=ticks.to_iso(one.begins), ends=ticks.to_iso(one.ends))
