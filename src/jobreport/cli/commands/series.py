"""`jobreport series`: what repeats and how it stands, from a server or a store, as a table or as JSON for scripts."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from jobreport.cli.commands.series_mark import release, retire, take
from jobreport.cli.commands.series_show import show
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import Number
from jobreport.cli.options.environment import on_command_line
from jobreport.cli.options.flag_messages import refused
from jobreport.cli.options.moment import Moment
from jobreport.cli.options.query import TYPES, given, query_options
from jobreport.cli.options.read_from import connected, is_server, opened, reading_options
from jobreport.cli.output.unseen import tell, unseen_by_server, unseen_in_store
from jobreport.contract import cursors
from jobreport.contract.query_language import SKIPTOKEN, Pairs
from jobreport.contract.series import PARAMETERS, SERIES
from jobreport.contract.series_answer import SeriesList, series_list
from jobreport.model.errors import InvalidInputError
from jobreport.model.series_query import MAX_PAGE_SIZE, SeriesQuery

if TYPE_CHECKING:
    from jobreport.store import Store

_TYPES: Final = {**TYPES, "at": Moment(), "pageSize": Number(1, MAX_PAGE_SIZE)}
_HELP: Final = {
    "at": "How each stood at this time, by what is known today: 7d (seven days ago), yesterday, ISO 8601 (without a "
    "zone: of this machine), or .NET ticks.",
    "pageSize": "Series a page.  [default: 10]",
}


@click.group(invoke_without_command=True, subcommand_metavar="[COMMAND ID]")
@query_options(*PARAMETERS, types=_TYPES, texts=_HELP)
@json_option
@reading_options
@click.pass_context
def series(context: click.Context, /, *, as_json: bool, **options: Any) -> None:
    """Shows what repeats, and how it stands: its last good job, and since when and how often it is not good.

    A series is all jobs of one service, type, plan, resource and origin. Asks the server of --url; without one, reads
    the store. The options are the parameters of GET /api/series.

    \b
    jobreport series --sort notGoodSince --standing needsYou
    jobreport series --search web-1 --at 2026-11-23T08:00Z
    jobreport series --sort lastGood --page-size 1000 --json | jq '.series[] | select(.notGood > 0)'
    jobreport series show 7
    """
    if context.invoked_subcommand:
        if ours := [name for name in context.params if on_command_line(name)]:
            flag = next(option.opts[0] for option in context.command.params if option.name == ours[0])
            name = context.invoked_subcommand
            raise click.UsageError(f"write {flag} after '{name}': jobreport series {name} ID {flag} …")
        return
    pairs = given(options, *PARAMETERS)
    from_server = is_server(options)
    # A wrong parameter is reported before a request is sent or a store is opened, which tell what a skiptoken means.
    query = _question([pair for pair in pairs if pair[0] != SKIPTOKEN.name])
    if from_server:
        with connected(options) as client:
            page = client.find_series(pairs)
            unseen = unseen_by_server(client, page.completeness)
    else:
        store, tenant = opened(options)
        query = _question(pairs, tenant)
        page, unseen = _from_store(store, tenant, query), unseen_in_store(store, tenant)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(page), indent=2).decode())
    else:
        _show(page, by_token=options[SKIPTOKEN.name] is not None)
    tell(unseen)


for _one in (show, take, retire, release):
    series.add_command(_one)


def _show(page: SeriesList, *, by_token: bool) -> None:
    from jobreport.cli.output.console import console
    from jobreport.cli.output.series import show_series

    out = console()
    if page.series:
        show_series(out, page.series)
        out.print()
    out.print(_shown(page, by_token=by_token), soft_wrap=True)


def _question(pairs: Pairs, tenant: int = 0) -> SeriesQuery:
    """Returns the question. A skiptoken among the pairs must be one of this tenant of the store."""
    try:
        return SERIES.question(pairs, PARAMETERS, partial(cursors.read_plain, tenant))
    except InvalidInputError as error:
        raise refused(error) from None


def _from_store(store: "Store", tenant: int, query: SeriesQuery) -> SeriesList:
    from jobreport.watch.lists import listed

    page, stand = listed(store, tenant, query)
    judged = {one.series.number: one.judgement for one in stand}
    return series_list(page, cursors.plain(tenant, SERIES.cursor(query, page.next)) if page.next else "", judged)


def _shown(page: SeriesList, *, by_token: bool) -> str:
    """Says how many of the matching series this page shows, and how to see more."""
    of = f"{page.total_count:,} series"
    if not page.next_link:
        return f"{len(page.series):,} of {of}" if by_token else of
    if by_token or page.total_count > MAX_PAGE_SIZE:
        return f"{len(page.series):,} of {of}; the next page: --skiptoken {page.next_link}"
    return f"{len(page.series):,} of {of}; all of them: --page-size {page.total_count}"
