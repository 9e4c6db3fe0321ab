"""The option `--night`: jobs that ended in a night of the tenant, given by the day on which it began."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

import click

from jobreport.cli.options.read_from import connected, is_server
from jobreport.cli.options.store import open_chosen_store
from jobreport.clock import now_ticks
from jobreport.contract.values import DAY
from jobreport.model import nights
from jobreport.model.nights import NightHours

F = TypeVar("F", bound=Callable[..., Any])

_LAST: Final = "last"
_FIRST_YEAR, _LAST_YEAR = 1971, 2198
"""No night of these years has a moment outside those in which a job can end."""


def night_option(function: F) -> F:
    """Adds `--night`."""
    return click.option(
        "--night",
        metavar="DAY",
        help="Jobs that ended in the tenant's night that began on this day, such as 2026-11-27; last: yesterday.",
    )(function)


def with_night(options: dict[str, Any]) -> dict[str, Any]:
    """Returns the options without `night`; instead, the times of the end have its bounds, in ticks.

    It asks the server, or else the store, when the nights of the tenant begin.
    """
    others = {name: value for name, value in options.items() if name != "night"}
    if (given := options["night"]) is None:
        return others
    if others["endedSince"] is not None or others["endedUntil"] is not None:
        raise click.UsageError("--night says when the jobs ended, and so do --ended-since and --ended-until: give one.")
    day = None if given == _LAST else _day(given)
    hours = _of_server(others) if is_server(others) else _of_store(others)
    since, until = nights.bounds(hours, day or nights.last_night(hours, now_ticks()))
    return {**others, "endedSince": since, "endedUntil": until}


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else date.min
    except ValueError:
        day = date.min
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise click.BadParameter("write a day such as 2026-11-27, or last.", param_hint="'--night'")
    return day


def _of_server(options: dict[str, Any]) -> NightHours:
    """A summary by night tells when nights begin. It asks for jobs that have not ended yet: there are none."""
    with connected(options) as client:
        covers = client.summary([("by", "night"), ("endedSince", str(now_ticks()))]).covers
    return NightHours(covers.time_zone, nights.minute_of(covers.night or ""))


def _of_store(options: dict[str, Any]) -> NightHours:
    from jobreport.identity.tenants import TenantError, readable

    store = open_chosen_store(options["store"], create=False)
    try:
        return readable(store, options["tenant"]).night
    except TenantError as error:
        raise click.ClickException(str(error)) from None
    finally:
        store.close()
