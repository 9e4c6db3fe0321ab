"""`jobreport jobs`: a page of jobs, from a server or a store, as a table for people or JSON for scripts."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from jobreport.cli.commands.jobs_show import show
from jobreport.cli.options.choices import OneOf
from jobreport.cli.options.environment import on_command_line
from jobreport.cli.options.flag_messages import refused
from jobreport.cli.options.night import night_option, with_night
from jobreport.cli.options.query import ALL, given, query_options
from jobreport.cli.options.read_from import connected, is_server, opened, reading_options
from jobreport.cli.output.unseen import tell, unseen_by_server, unseen_in_store
from jobreport.contract import cursors, paging
from jobreport.contract.generation2 import JobsPage, item
from jobreport.contract.job_details import DetailsPage, details
from jobreport.contract.query_language import SKIPTOKEN, Pairs
from jobreport.model.errors import InvalidInputError
from jobreport.model.query import JobQuery, Page

if TYPE_CHECKING:
    from jobreport.client import JobReportClient
    from jobreport.store import Store

_GENERATION_2: Final = "generation2"
_UNKNOWN_CALL: Final = (404, 405)


@click.group(invoke_without_command=True, subcommand_metavar="[show ID]")
@query_options(*ALL)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts: the page with all details of its jobs.")
@click.option("--as", "form", type=OneOf([_GENERATION_2]), help="Print JSON exactly as generation 2 of the API has it.")
@night_option
@reading_options
@click.pass_context
def jobs(context: click.Context, /, *, as_json: bool, form: str | None, **options: Any) -> None:
    """Shows the jobs that a server, or a store on this machine, has: newest first, with the exact total.

    Asks the server of --url; without one, reads the store. The options are the parameters of GET /backup/vm/jobs.

    \b
    jobreport jobs --since 7d --state Failed,Exception
    jobreport jobs --plan nightly --min-duration 6h --sort=-duration
    jobreport jobs --night last --state Failed
    jobreport jobs --search web-1 --json | jq .totalCount
    jobreport jobs show FB20261123080000042
    """
    if context.invoked_subcommand:
        if ours := [name for name in context.params if on_command_line(name)]:
            flag = next(option.opts[0] for option in context.command.params if option.name == ours[0])
            raise click.UsageError(f"write {flag} after 'show': jobreport jobs show ID {flag} …")
        return
    options = with_night(options)
    pairs = given(options, *ALL)
    from_server = is_server(options)
    # A wrong parameter is reported before a request is sent or a store is opened, which tell what a skiptoken means.
    query = _question([pair for pair in pairs if pair[0] != SKIPTOKEN.name])
    page: DetailsPage | JobsPage
    if from_server:
        page, unseen = _from_server(options, pairs, plain=form == _GENERATION_2)
    else:
        store, tenant = opened(options)
        query = _question(pairs, tenant)
        page, unseen = _from_store(store, tenant, query, plain=form == _GENERATION_2), unseen_in_store(store, tenant)
    if as_json or form:
        click.echo(msgspec.json.format(msgspec.json.encode(page), indent=2).decode())
    else:
        _show(page, query, by_token=options[SKIPTOKEN.name] is not None)
    tell(unseen)


jobs.add_command(show)


def _show(page: DetailsPage | JobsPage, query: JobQuery, *, by_token: bool) -> None:
    from jobreport.cli.output.console import console
    from jobreport.cli.output.jobs import show_jobs

    out = console()
    if page.jobs:
        show_jobs(out, page.jobs)
        out.print()
    out.print(_shown(query, page, by_token=by_token), soft_wrap=True)


def _question(pairs: Pairs, tenant: int = 0) -> JobQuery:
    """Returns the question. A skiptoken among the pairs must be one of this tenant of the store."""
    try:
        return paging.JOBS.question(pairs, paging.PARAMETERS, partial(cursors.read_plain, tenant))
    except InvalidInputError as error:
        raise refused(error) from None


def _shown(query: JobQuery, page: JobsPage | DetailsPage, *, by_token: bool) -> str:
    """Says which of the matching jobs this page shows, and how to see more: `1 to 50 of 1,200 jobs; the next page:
    --page 1`. Of a night, it says which one.
    """
    from jobreport.cli.output.amounts import counted
    from jobreport.cli.output.ranges import ended

    of = counted(page.total_count, "job")
    if within := ended(query.where.ended_since, query.where.ended_until):
        of += f" {within}"
    if not page.total_count:
        return of
    if not page.jobs:
        return f"none on this page of {of}; the first page: --page 0"
    if by_token:
        more = f"; the next page: --skiptoken {page.next_link}" if page.next_link else ""
        return f"{len(page.jobs):,} of {of}{more}"
    first = query.page * query.size
    last = first + len(page.jobs)
    more = f"; the next page: --page {query.page + 1}" if last < page.total_count else ""
    return f"{first + 1:,} to {last:,} of {of}{more}"


def _from_server(
    options: dict[str, Any], pairs: list[tuple[str, str]], *, plain: bool
) -> tuple[DetailsPage | JobsPage, list[str]]:
    """Returns the page, and what the connectors there cannot see."""
    with connected(options) as client:
        page = _page(client, pairs, plain=plain)
        return page, unseen_by_server(client, page.completeness)


def _page(client: "JobReportClient", pairs: list[tuple[str, str]], *, plain: bool) -> DetailsPage | JobsPage:
    """Returns the page with details, or without them if `plain` or if the server has no such call: the publisher's
    own cloud has none, and neither has an older version.
    """
    from jobreport.client import RequestRefusedError

    if not plain:
        try:
            return client.search(pairs)
        except RequestRefusedError as error:
            if error.status not in _UNKNOWN_CALL:
                raise
    return client.find(pairs)


def _from_store(store: "Store", tenant: int, query: JobQuery, *, plain: bool) -> DetailsPage | JobsPage:
    page = store.list_jobs(tenant, query) if plain else store.list_details(tenant, query)
    now = store.clock()
    token = cursors.plain(tenant, paging.JOBS.cursor(query, page.next)) if page.next else ""
    if isinstance(page, Page):
        return JobsPage(page.total, [item(line, now) for line in page.lines], token)
    return DetailsPage(page.total, [details(row, now) for row in page.rows], token)
