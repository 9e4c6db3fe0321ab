"""`jobreport watch`: judges once what a server judges again and again."""

import json
from typing import TYPE_CHECKING

import click

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.moment import Moment
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.output.amounts import counted

if TYPE_CHECKING:
    from jobreport.model.judgement import Change


@click.command()
@click.option("--once", is_flag=True, required=True, help="Judge what is due now, and end.")
@click.option("--at", type=Moment(), help="Judge as if it were this time, such as 2026-11-23T08:00Z.  [default: now]")
@json_option
@store_option
def watch(once: bool, at: int | None, as_json: bool, store: str | None) -> None:
    """Judges every series whose jobs changed or whose deadline has passed, and writes the jobs of runs that did not
    start. Prints what changed.

    A server does the same by itself, every five seconds. This is for a store that no server serves, by cron.

    \b
    jobreport watch --once
    """
    from jobreport.model.judgement import Change
    from jobreport.watch.judging import look

    chosen = open_chosen_store(store)
    judged, changed = 0, list[Change]()
    for one in look(chosen, at or chosen.clock()):
        judged += one.judged
        changed += one.changes
    if as_json:
        click.echo(json.dumps({"judged": judged, "changes": [_document(one) for one in changed]}))
        return
    for change in changed:
        click.echo(f"{change.verdict}: {' '.join(filter(None, (change.plan, change.resource)))}: {change.sentence}")
    click.echo(f"{judged:,} series judged, {counted(len(changed), 'change')}.")


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
