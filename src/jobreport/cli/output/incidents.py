"""Incidents as lines for people: the list, and one with all that is known of it."""

import click

from jobreport.cli.output.series import local
from jobreport.cli.output.texts import visible
from jobreport.contract.incidents_answer import IncidentItem, IncidentList


def show_incidents(page: IncidentList) -> None:
    """Prints a page: two lines for each incident, and how many there are."""
    for one in page.incidents:
        _head(one)
    shown = len(page.incidents)
    of = f"{page.total_count:,} incident{'' if page.total_count == 1 else 's'}"
    more = f"{shown:,} of {of}; the next page: --skiptoken {page.next_link}" if page.next_link else of
    click.echo(f"{more}." if not page.next_link else more)


def show_incident(one: IncidentItem) -> None:
    """Prints an incident with who was told of it."""
    _head(one)
    click.echo(f"  {one.service}, {one.type}, origin {visible(one.origin) or '-'}, series {one.series}")
    for what, text in (("Cause", one.cause), ("Job", one.job_id), ("Ticket", one.ticket), ("Came back", one.came_back)):
        if text:
            click.echo(f"  {what}: {visible(text)}")
    if one.closed_at:
        click.echo(f"  Closed {local(one.closed_at)}: {visible(one.good_news)}")
    for told in one.told:
        when = f"told {local(told.told_at)}, in message {told.group}" if told.told_at else "not told yet"
        click.echo(f"  Rule {told.rule}, {', '.join(told.channels)}: {when}")


def _head(one: IncidentItem) -> None:
    who = f", {visible(one.held_by)} has it" if one.held_by else ""
    name = " / ".join(filter(None, (visible(one.plan), visible(one.resource))))
    click.echo(f"{one.id}  {one.verdict:<8}  since {local(one.opened_at)}{who}  {name}")
    click.echo(f"  {visible(one.sentence)}")
