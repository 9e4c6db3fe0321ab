"""`jobreport jobs`: a page of jobs, from a server or a store, as a table for people or JSON for scripts."""

from typing import TYPE_CHECKING, Any

import click
import msgspec

from jobreport.cli.options.flag_messages import refused
from jobreport.cli.options.query import ALL, given, query_options
from jobreport.cli.options.read_from import connected, is_server, opened, reading_options
from jobreport.contract import cursors, paging
from jobreport.contract.generation2 import JobsPage, item
from jobreport.contract.query_language import SKIPTOKEN, Pairs
from jobreport.model.errors import InvalidInputError
from jobreport.model.query import JobQuery

if TYPE_CHECKING:
    from jobreport.store import Store


@click.command()
@query_options(*ALL)
@click.option("--json", "as_json", is_flag=True, help="Print the page as JSON, as generation 2 of the API gives it.")
@reading_options
def jobs(*, as_json: bool, **options: Any) -> None:
    """Shows the jobs that a server, or a store on this machine, has: newest first, with the exact total.

    Asks the server of --url; without one, reads the store. The options are the parameters of GET /backup/vm/jobs.

    \b
    jobreport jobs --since 7d --state Failed,Exception
    jobreport jobs --plan nightly --min-duration 6h --sort=-duration
    jobreport jobs --search web-1 --json | jq .totalCount
    """
    pairs = given(options, *ALL)
    from_server = is_server(options)
    # A wrong parameter is reported before a request is sent. Only the server can read its skiptokens.
    query = _question([pair for pair in pairs if not from_server or pair[0] != SKIPTOKEN.name])
    if from_server:
        with connected(options) as client:
            page = client.find(pairs)
    else:
        page = _from_store(*opened(options), query)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(page), indent=2).decode())
        return
    from jobreport.cli.output.console import console
    from jobreport.cli.output.jobs import in_ticks, job_table

    out = console()
    if page.jobs:
        out.print(job_table(map(in_ticks, page.jobs)))
    out.print(_shown(query, page, by_token=options[SKIPTOKEN.name] is not None), soft_wrap=True)


def _question(pairs: Pairs) -> JobQuery:
    try:
        return paging.question(pairs, paging.PARAMETERS, cursors.read_plain)
    except InvalidInputError as error:
        raise refused(error) from None


def _shown(query: JobQuery, page: JobsPage, *, by_token: bool) -> str:
    """Says which of the matching jobs this page shows, and how to see more: `1 to 50 of 1,200 jobs; the next page:
    --page 1`.
    """
    of = f"{page.total_count:,} job{'' if page.total_count == 1 else 's'}"
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


def _from_store(store: "Store", tenant: int, query: JobQuery) -> JobsPage:
    found, now = store.list_jobs(tenant, query), store.clock()
    token = cursors.plain(paging.cursor_of(query, found.next)) if found.next else ""
    return JobsPage(found.total, [item(line, now) for line in found.lines], token)
