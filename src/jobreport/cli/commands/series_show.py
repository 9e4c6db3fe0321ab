"""`jobreport series show`: one series with its last runs, from a server or a store."""

from typing import TYPE_CHECKING, Any

import click
import msgspec

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.read_from import connected, is_server, opened, reading_options
from jobreport.cli.output.unseen import tell, unseen_by_server, unseen_in_store
from jobreport.contract.series_answer import detail

if TYPE_CHECKING:
    from jobreport.contract.series_answer import SeriesDetail


@click.command()
@click.argument("series", metavar="ID")
@json_option
@reading_options
def show(*, series: str, as_json: bool, **options: Any) -> None:
    """Shows one series: how it stands, its last 30 runs, and what is usual of its last 30 good ones.

    ID is its number, which jobreport series shows, or its key, which is the same for ever and in every store.

    \b
    jobreport series show 7
    """
    one, unseen = _from_server(options, series) if is_server(options) else _from_store(options, series)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(one), indent=2).decode())
    else:
        from jobreport.cli.output.console import console
        from jobreport.cli.output.one_series import show_one_series

        show_one_series(console(), one)
    tell(unseen)


def _from_server(options: dict[str, Any], series: str) -> tuple["SeriesDetail", list[str]]:
    from jobreport.client import RequestRefusedError

    with connected(options) as client:
        try:
            one = client.one_series(series)
            return one, unseen_by_server(client, one.completeness)
        except RequestRefusedError as error:
            if error.status != 404:
                raise
    raise _missing(series)


def _from_store(options: dict[str, Any], series: str) -> tuple["SeriesDetail", list[str]]:
    store, tenant = opened(options)
    one = store.one_series(tenant, series)
    if one is None:
        raise _missing(series)
    from jobreport.watch.standing import judgements

    judged = judgements(store, tenant, [one.series])
    return detail(one, store.clock(), judged), unseen_in_store(store, tenant)


def _missing(series: str) -> click.ClickException:
    return click.ClickException(f"there is no series with the number or key {series!r}: jobreport series lists them")
