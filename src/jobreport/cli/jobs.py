"""`jobreport jobs`: which jobs in; a table for people, or JSON for scripts, out. Reads a server or a store."""

from collections.abc import Iterator
from typing import Any

import click
import msgspec

from jobreport import settings
from jobreport.cli.options import open_chosen_store, option, store_option
from jobreport.cli.output import console, job_table
from jobreport.cli.values import Code, Moment
from jobreport.cli.warning import warn
from jobreport.client import JobReportClient, ReportedJob, ReportPage
from jobreport.identity.tenants import TenantError, readable
from jobreport.model.catalog import (
    GENERATION_1_SERVICES,
    GENERATION_1_TYPES,
    JobState,
    JobType,
    ServiceType,
)
from jobreport.model.job import INT32_MAX
from jobreport.model.query import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, MAX_SEARCH, JobQuery
from jobreport.settings import SettingError
from jobreport.store import Store


@click.command()
@click.option("--search", metavar="TEXT", default="", help="A part of the job ID or of the description.")
@click.option("--since", type=Moment(), help="Started at or after: 7d, or ISO 8601.")
@click.option("--until", type=Moment(end=True), help="Started at or before; of a date alone, to its end.")
@click.option("--service", type=Code(ServiceType), help="Such as VM or FileShare.")
@click.option("--type", "kind", type=Code(JobType), help="Such as Backup or Restore.")
@click.option("--state", type=Code(JobState), help="Such as Failed or Exception.")
@click.option("--page", type=click.IntRange(0, INT32_MAX), default=0, help="0 is the newest.")
@click.option(
    "--page-size",
    type=click.IntRange(1, MAX_PAGE_SIZE),
    default=DEFAULT_PAGE_SIZE,
    show_default=True,
    help="Jobs a page.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, as the API gives it.")
@option("--url", envvar=settings.URL, help="The server to ask.")
@option("--client-id", envvar=settings.CLIENT_ID, help="The app to ask as; its secret: JOBREPORT_CLIENT_SECRET[_FILE].")
@option("--tenant", envvar=settings.TENANT, default="default", show_default=True, help="With a store: whose jobs.")
@store_option
@click.pass_context
def jobs(context: click.Context, /, as_json: bool, **options: Any) -> None:
    """Shows the jobs that a server, or a store on this machine, has: newest first, with the exact total.

    Asks the server of --url; without one, reads the store.

    \b
    jobreport jobs --since 7d --state Failed
    jobreport jobs --search web-1 --json | jq .totalCount
    """
    query = JobQuery(
        search=options["search"],
        since=options["since"],
        until=options["until"],
        service=options["service"],
        type=options["kind"],
        state=options["state"],
        page=options["page"],
        size=options["page_size"],
    )
    if len(query.search) > MAX_SEARCH:
        raise click.BadParameter(f"has more than {MAX_SEARCH} characters", param_hint="--search")
    given = context.get_parameter_source("store") is click.core.ParameterSource.COMMANDLINE
    if options["url"] and not given:
        page = _from_server(options["url"], options["client_id"], query)
    else:
        page = _from_store(open_chosen_store(options["store"], create=False), options["tenant"], query)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(page), indent=2).decode())
        return
    out = console()
    if page.jobs:
        out.print(job_table(page.jobs))
    first = query.page * query.size
    shown = f"{first + 1:,} to {first + len(page.jobs):,} of " if page.jobs else "none on this page of "
    out.print(f"{shown if page.total_count else ''}{page.total_count:,} job{'' if page.total_count == 1 else 's'}")


def _from_store(store: Store, tenant: str, query: JobQuery) -> ReportPage:
    try:
        whose = readable(store, tenant)
    except TenantError as error:
        raise click.ClickException(str(error)) from None
    if unusable := whose.unusable():
        warn(unusable)
    found = store.find(whose.number, query)
    now = store.clock()
    return ReportPage(
        found.total,
        [
            ReportedJob(
                job.job_id,
                job.state,
                job.failed,
                job.successful,
                job.skipped,
                job.total,
                *job.wire_times(now),
                job.comments,
            )
            for job in found.jobs
        ],
    )


def _from_server(url: str, client_id: str | None, query: JobQuery) -> ReportPage:
    secret = settings.secret(settings.CLIENT_SECRET)
    if not client_id or not secret:
        raise SettingError(f"{settings.CLIENT_ID} and {settings.CLIENT_SECRET} (or …_FILE) are needed to ask {url}")
    for name, value, known in (
        ("--service", query.service, GENERATION_1_SERVICES),
        ("--type", query.type, GENERATION_1_TYPES),
    ):
        if value is not None and value not in known:
            raise click.BadParameter("generation 1 of the API does not filter by this code", param_hint=name)
    body: dict[str, object] = {
        "searchText": query.search,
        "startTime": query.since,
        "finishTime": query.until,
        "serviceType": query.service,
        "jobType": query.type,
    }
    with JobReportClient(url, client_id, secret) as client:
        if query.state is None:
            return client.report({**body, "pagination": {"pageNumber": query.page, "pageSize": query.size}})
        return _with_state(client.iter_jobs(body, MAX_PAGE_SIZE), query.state, query)


def _with_state(every: Iterator[ReportedJob], state: JobState, query: JobQuery) -> ReportPage:
    """Generation 1 does not filter by state, so all that match are walked: the total stays exact."""
    total, page = 0, []
    for job in every:
        if job.state is state:
            if query.page * query.size <= total < (query.page + 1) * query.size:
                page.append(job)
            total += 1
    return ReportPage(total, page)
