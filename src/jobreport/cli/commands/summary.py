"""`jobreport summary`: adds up jobs by day, plan, state and more, as a table for people or JSON for scripts."""

from typing import Any, Final
from zoneinfo import ZoneInfo

import click
import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from jobreport.cli.options.flag_messages import refused
from jobreport.cli.options.moment import Moment
from jobreport.cli.options.night import night_option, with_night
from jobreport.cli.options.query import TYPES, given, query_options
from jobreport.cli.options.read_from import connected, is_server, opened, reading_options
from jobreport.cli.output.amounts import bytes_in_words, counted
from jobreport.cli.output.console import STYLES, console
from jobreport.cli.output.ranges import ended, moment
from jobreport.cli.output.tables import print_table
from jobreport.cli.output.texts import visible
from jobreport.cli.output.unseen import tell, unseen_by_server, unseen_in_store
from jobreport.contract.summary import PARAMETERS, Group, Summary, Tally, summary_query
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.errors import InvalidInputError
from jobreport.model.summary import TIMES, Key, More

_TIMES: Final = ("startTime", "finishTime", "endedSince", "endedUntil")


# A date without a time is not converted yet: what it means depends on `--by` and on the time zone.
_TYPES: Final = {**TYPES, **{name: Moment(end=place % 2 == 1, days=True) for place, name in enumerate(_TIMES)}}


@click.command()
@query_options(*PARAMETERS, types=_TYPES)
@night_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as the API gives it.")
@reading_options
def summary(*, as_json: bool, **options: Any) -> None:
    """Adds up jobs by day, night, week, month, hour, service, type, state, plan, resource, origin or cause, exactly.

    Asks the server of --url; without one, reads the store. The options are the parameters of GET /api/summary. If days
    or other times are shown, a date without a time is a day in their time zone, and the range is shown in that zone;
    otherwise in this machine's zone. Nights are those of the tenant in which the jobs ended.

    \b
    jobreport summary --by day,state --tz Europe/Berlin --since 7d
    jobreport summary --by night,state --ended-since 7d
    jobreport summary --by plan --night last
    jobreport summary --by plan --with last --since 30d
    jobreport summary --by service --with bytes --json | jq .total.bytes
    """
    options = with_night(options)
    try:
        # A wrong parameter is reported before a request is sent.
        query = summary_query(given(options, *PARAMETERS))
        if TIMES.isdisjoint(query.by):
            options |= {name: TYPES[name].convert(options[name], None, None) for name in _TIMES if options[name]}
            query = summary_query(given(options, *PARAMETERS))
        pairs = given(options, *PARAMETERS)
        if is_server(options):
            with connected(options) as client:
                answer = client.summary(pairs)
                unseen = unseen_by_server(client, answer.completeness)
        else:
            store, tenant = opened(options)
            if Key.NIGHT in query.by:
                query = summary_query(pairs, hours=store.night_hours(tenant))
            answer, unseen = store.summary(tenant, query), unseen_in_store(store, tenant)
    except InvalidInputError as error:
        raise refused(error) from None
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        out = console()
        if answer.groups:
            print_table(out, _table(answer, query.more))
        out.print(_total(answer, query.more))
    tell(unseen)


def _table(found: Summary, more: tuple[More, ...]) -> Table:
    """Makes a table with one row for each group."""
    table = Table(*(key.title() for key in found.covers.by), box=box.SIMPLE_HEAD)
    for name in ("Jobs", "Successful", "Unsuccessful", "Rate"):
        table.add_column(name, justify="right")
    if More.OBJECTS in more:
        table.add_column("Objects", justify="right")
        table.add_column("Of them failed", justify="right")
    if More.BYTES in more:
        table.add_column("Bytes", justify="right")
    if More.LAST in more:
        table.add_column("Last success")
        table.add_column("Last failure")
    for group in found.groups:
        table.add_row(*(_name(key, group) for key in found.covers.by), *_cells(group))
    return table


def _name(key: Key, group: Group) -> Text:
    value: str = getattr(group, key)
    if key is Key.CAUSE and value:
        value = f"{group.cause_text} ({value})"
    return Text(visible(value) or "(none)", STYLES[JobState[value]] if key is Key.STATE else "" if value else "dim")


def _cells(tally: Tally) -> list[str | Text]:
    bad = tally.unsuccessful_jobs
    cells: list[str | Text] = [f"{tally.jobs:,}", f"{tally.successful_jobs:,}", Text(f"{bad:,}", "red" if bad else "")]
    cells.append(_rate(tally.success_rate))
    if objects := tally.objects:
        cells += [f"{objects.total:,}", f"{objects.failed:,}"]
    if isinstance(tally.bytes, int):
        cells.append(bytes_in_words(tally.bytes))
    for time in (tally.last_success, tally.last_failure):
        if time is None or isinstance(time, str):
            cells.append(f"{ticks.local(ticks.from_iso(time)):%Y-%m-%d %H:%M:%S}" if time else "-")
    return cells


def _rate(rate: float | None) -> str:
    """Returns the rate in percent. A rate a little below 100% is shown as 99.9%, a rate a little above 0 as 0.1%."""
    if rate is None:
        return "-"
    shown = f"{rate:.1%}"
    return "99.9%" if shown == "100.0%" and rate < 1 else "0.1%" if shown == "0.0%" and rate > 0 else shown


def _total(found: Summary, more: tuple[More, ...]) -> str:
    """Says in one line the sums of all groups, and the time range that they cover."""
    total, covers = found.total, found.covers
    parts = [counted(total.jobs, "job"), f"success rate {_rate(total.success_rate)}"]
    if objects := total.objects:
        parts.append(f"{objects.total:,} objects")
    if isinstance(total.bytes, int):
        parts.append(bytes_in_words(total.bytes))
    if not covers.first_job or not covers.last_job:
        return "0 jobs, and there never was one"
    has_times = not TIMES.isdisjoint(covers.by)
    zone = ZoneInfo(covers.time_zone) if has_times else None
    since, until = (covers.filters.get(name) for name in ("endedSince", "endedUntil"))
    where = ended(ticks.from_iso(since[0]) if since else None, ticks.from_iso(until[0]) if until else None, zone)
    if not where or covers.start_time or covers.finish_time:
        ends = (covers.start_time or covers.first_job, covers.finish_time or covers.last_job)
        begin, end = (moment(ticks.from_iso(time), zone) for time in ends)
        where = "; ".join(filter(None, (f"from {begin} to {end}", where)))
    of_times = f"; days in {covers.time_zone}" if has_times else ""
    if covers.night:
        of_times = f"; nights from {covers.night} on in {covers.time_zone}"
    return f"{', '.join(parts)}; {where}{of_times}"
