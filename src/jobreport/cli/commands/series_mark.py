"""`jobreport series take`, `retire` and `release`: what people say of series, from the command line."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.moment import Moment
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.model import ticks

if TYPE_CHECKING:
    from jobreport.store import Store
    from jobreport.store.registry.tenants import Tenant
    from jobreport.watch.series_now import SeriesNow

F = TypeVar("F", bound=Callable[..., Any])
_DAYS = 7


def _of_series(function: F) -> F:
    tenant = click.option("--tenant", default="default", show_default=True, help="Whose series it is.")
    return click.argument("series", metavar="ID")(tenant(json_option(store_option(function))))


def _said(function: F) -> F:
    note = click.option("--note", default="", help="What there is to say, up to 1,000 characters.")
    ticket = click.option("--ticket", default="", help="The number or the address of a ticket, up to 200 characters.")
    return note(ticket(function))


@click.command()
@_of_series
@_said
@click.option(
    "--until",
    type=Moment(end=True),
    help=f"When it ends if nothing happens: a day such as 2026-11-30, or a time.  [default: {_DAYS} days from now]",
)
def take(series: str, tenant: str, note: str, ticket: str, until: int | None, as_json: bool, store: str | None) -> None:
    """Says that you look after a series that needs somebody. It stays not good.

    It ends by itself when a good copy comes, when its time is over, when the series fails for another cause or does not
    start, or when it gets worse. ID is the number or the key of the series.

    \b
    jobreport series take 7 --tenant acme --note "disk ordered" --ticket T-4711
    """
    from jobreport.watch import marks

    def mark(chosen: "Store", of: "Tenant") -> "SeriesNow":
        end = until or chosen.clock() + _DAYS * ticks.PER_DAY
        return marks.take(chosen, of, series, by=actor(), note=note, ticket=ticket, until=end)

    _say(_do(store, tenant, mark), as_json, f"You have series {series} now.")


@click.command()
@_of_series
@_said
def retire(series: str, tenant: str, note: str, ticket: str, as_json: bool, store: str | None) -> None:
    """Says that a series no longer runs, on purpose: it is not judged until a new job of it arrives.

    \b
    jobreport series retire 7 --tenant acme --note "server is gone"
    """
    from jobreport.watch import marks

    def mark(chosen: "Store", of: "Tenant") -> "SeriesNow":
        return marks.retire(chosen, of, series, by=actor(), note=note, ticket=ticket)

    _say(_do(store, tenant, mark), as_json, f"Series {series} is retired.")


@click.command()
@_of_series
def release(series: str, tenant: str, as_json: bool, store: str | None) -> None:
    """Takes back what `take` or `retire` said of a series.

    \b
    jobreport series release 7 --tenant acme
    """
    from jobreport.watch import marks

    ended = _do(store, tenant, lambda chosen, of: marks.end(chosen, of, series, by=actor()))
    if as_json:
        click.echo(json.dumps({"ended": ended}))
    else:
        click.echo(f"Series {series} is judged as before." if ended else f"Nothing was said of series {series}.")


T = TypeVar("T")


def _do(store: str | None, tenant: str, work: "Callable[[Store, Tenant], T]") -> T:
    from jobreport.identity.tenants import TenantError, readable
    from jobreport.watch.marks import MarkError

    chosen = open_chosen_store(store)
    try:
        return work(chosen, readable(chosen, tenant))
    except (MarkError, TenantError) as error:
        raise click.ClickException(f"{error}.") from None


def _say(done: "SeriesNow", as_json: bool, words: str) -> None:
    if not as_json:
        click.echo(words)
        return
    mark = done.mark
    click.echo(
        json.dumps(
            {
                "number": done.series.number,
                "standing": done.standing,
                "by": mark.by if mark else "",
                "until": ticks.to_iso(mark.until, digits=0) if mark and mark.until else None,
            }
        )
    )
