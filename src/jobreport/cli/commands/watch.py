"""`jobreport watch`: judges, tells and delivers once what a server does again and again."""

import json
from typing import TYPE_CHECKING

import click

from jobreport import settings
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.config import config_option, configuration, configured
from jobreport.cli.options.environment import option
from jobreport.cli.options.moment import Moment
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.options.types import PublicURL
from jobreport.cli.output.amounts import counted

if TYPE_CHECKING:
    from jobreport.model.judgement import Change
    from jobreport.store import Store


@click.command()
@click.option("--once", is_flag=True, required=True, help="Judge what is due now, and end.")
@click.option("--at", type=Moment(), help="Judge as if it were this time, such as 2026-11-23T08:00Z.  [default: now]")
@option(
    "--public-url",
    envvar=settings.PUBLIC_URL,
    type=PublicURL(),
    help="The address of the monitor, for the links in messages.",
)
@config_option
@json_option
@store_option
def watch(
    once: bool, at: int | None, public_url: str | None, config: str | None, as_json: bool, store: str | None
) -> None:
    """Judges every series whose jobs changed or whose deadline has passed, and writes the jobs of runs that did not
    start. Then tells of incidents, makes the digests that are due, and delivers, as jobreport.toml says. Prints what
    changed.

    A server does the same by itself, every few seconds. This is for a store that no server serves, by cron.

    \b
    jobreport watch --once
    """
    from jobreport.model.judgement import Change
    from jobreport.watch.judging import look
    from jobreport.watch.run_once import tell, wanted

    file = configuration(config)
    what = configured(lambda: wanted(file))
    chosen = open_chosen_store(store)
    if at is not None:
        chosen.clock = lambda: at
    else:
        _note_absence(chosen)
    judged, changed = 0, list[Change]()
    for one in look(chosen, chosen.clock()):
        judged += one.judged
        changed += one.changes
    told = tell(chosen, what, public_url or "")
    if as_json:
        document = {"judged": judged, "changes": [_document(one) for one in changed]}
        click.echo(json.dumps({**document, "deliveries": told.deliveries, "digests": told.digests}))
        return
    for change in changed:
        click.echo(f"{change.verdict}: {' '.join(filter(None, (change.plan, change.resource)))}: {change.sentence}")
    click.echo(f"{judged:,} series judged, {counted(len(changed), 'change')}.")
    if what.channels or what.digests:
        click.echo(f"{counted(told.deliveries, 'message')} of incidents, {counted(told.digests, 'digest')}.")


def _note_absence(store: "Store") -> None:
    """Notes that a server does not listen any more, if it did: nothing is missed because it was away."""
    from jobreport.model import ticks
    from jobreport.store import HEARTBEAT_SECONDS
    from jobreport.store.jobs.stalled import note_absence

    with store.writing() as transaction:
        note_absence(transaction, store.clock(), 3 * HEARTBEAT_SECONDS * ticks.PER_SECOND)


def _document(one: "Change") -> dict[str, str | int]:
    return {
        "series": one.series,
        "verdict": one.verdict.value,
        "before": one.before.value,
        "plan": one.plan,
        "resource": one.resource,
        "sentence": one.sentence,
        "job": one.job,
    }
