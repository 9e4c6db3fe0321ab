"""Connectors as tables and documents: the settings of a kind, what a trial found, how far each stream has come."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from jobreport.cli.output.amounts import counted
from jobreport.cli.output.console import console
from jobreport.cli.output.tables import print_table
from jobreport.cli.output.texts import visible
from jobreport.connectors.base import Kind, Right
from jobreport.connectors.configured import COMMON
from jobreport.connectors.trial import StreamTrial, Trial
from jobreport.contract.connectors_answer import ConnectorsAnswer, StreamItem
from jobreport.contract.job_document import job_to_wire
from jobreport.model import ticks
from jobreport.model.brings import ANYTHING


def description(kind: Kind) -> dict[str, Any]:
    """Returns the settings of a connector of this kind, and the rights that it needs, as a document."""
    return {
        "kind": kind.name,
        "about": kind.about,
        "sees": kind.sees,
        "brings": {service.name: sorted(one.name for one in kinds) for service, kinds in kind.brings.items()},
        "extra": kind.extra,
        "keys": {**COMMON, **kind.keys},
        "required": ["kind", "name", *required(kind)],
        "rights": [{"name": right.name, "without": right.without} for right in kind.rights],
    }


def required(kind: Kind) -> list[str]:
    """Returns the keys that a connector of this kind must have, beside those of all kinds."""
    return [field.encode_name for field in msgspec.structs.fields(kind.settings) if field.required]


def show_description(kind: Kind) -> None:
    """Prints the settings of a connector of this kind, and the rights that it needs."""
    must = ["kind", "name", *required(kind)]
    click.echo(f"{kind.name}: {kind.about}. It sees {kind.sees}, and brings {_brought(kind)}.\n\n[[connector]]")
    keys = {**COMMON, **kind.keys}
    width = max(map(len, keys))
    for name, text in keys.items():
        click.echo(f"{name:{width}}  {text}{' Required.' if name in must else ''}")
    if kind.rights:
        click.echo("\nRights, and what is invisible without each:")
    longest = max((len(right.name) for right in kind.rights), default=0)
    for right in kind.rights:
        click.echo(f"{right.name:{longest}}  {right.without}")
    if kind.extra:
        click.echo(f"\nIt needs the extra {kind.extra}.")


def _brought(kind: Kind) -> str:
    if kind.brings == ANYTHING:
        return "jobs of any service and type"
    return "; ".join(
        f"{service.name}: {', '.join(sorted(one.name for one in kind.brings[service]))}" for service in kind.brings
    )


def trial_json(trial: Trial) -> str:
    """Returns what a trial found, for programs."""
    document = {
        "complete": trial.whole,
        "error": trial.error,
        "rights": [msgspec.to_builtins(right) for right in trial.rights],
        "streams": [
            {
                "stream": one.stream.name,
                "sees": one.stream.sees,
                "jobs": {state.name: number for state, number in one.states.items()},
                "more": one.more,
                "nextRuns": one.next_runs,
                "newest": job_to_wire(one.newest) if one.newest else None,
                "error": one.error,
            }
            for one in trial.streams
        ],
    }
    # Only msgspec can write the origin's record, which is JSON text already.
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def show_trial(trial: Trial) -> None:
    """Prints the result of a trial: the rights, and what was found in each stream."""
    for text in _rights(trial.rights):
        click.echo(text)
    for one in trial.streams:
        click.echo(_tried(one))
    if trial.error:
        click.echo(f"It cannot be read: {visible(trial.error)}")
    elif not trial.streams:
        click.echo("It sees nothing to read: its origin has no streams, or shows none for want of a right.")
    click.echo("Nothing was stored.")


def _rights(rights: Sequence[Right]) -> Iterator[str]:
    """Gives lines about rights. Those that we hold are only counted, so that a missing one is easy to see."""
    if not rights:
        return
    held = sum(right.held is True for right in rights)
    yield f"{held:,} of {counted(len(rights), 'right')} held"
    for right in rights:
        where = f" for {visible(right.stream)}" if right.stream else ""
        if right.held is None:
            yield f"Cannot be asked for: {visible(right.name)}{where}"
        elif not right.held:
            without = f"; invisible without it: {visible(right.without)}" if right.without else ""
            yield f"Missing: {visible(right.name)}{where}{without}"


def _tried(one: StreamTrial) -> str:
    number = sum(one.states.values())
    states = ", ".join(f"{count:,} {state.name}" for state, count in one.states.items())
    jobs = f"{counted(number, 'job')}{' and more' if one.more else ''}{f' ({states})' if states else ''}"
    announced = [counted(one.next_runs, "next run")] if one.stream.announces else []
    # A stream that announces next runs may have jobs, too. If it has none, only the next runs are shown.
    text = f"{visible(one.stream.name)}: {', '.join([*([] if one.next_runs and not number else [jobs]), *announced])}"
    if one.newest:
        about = one.newest.description or one.newest.plan or one.newest.resource
        text += f"; the newest: {visible(one.newest.job_id)} {visible(about)}".rstrip()
    return f"{text}; then: {visible(one.error)}" if one.error else text


def show_standings(answers: Mapping[str, ConnectorsAnswer], now: int) -> None:
    """Prints the streams of all connectors, by tenant, at `now` (ticks)."""
    table = Table("Connector", "Stream", "Tenant", "Sees", "Last good look", "Newest", "Jobs", box=box.SIMPLE_HEAD)
    table.add_column("What it lacks")
    for tenant, answer in answers.items():
        for connector in answer.connectors:
            if not connector.streams:
                error = connector.error or "its origin has no streams"
                table.add_row(*map(Text, (connector.name, "-", tenant, "-", "never", "-", "0", visible(error))))
            for one in connector.streams:
                newest = _newest(one.newest, one.sees, now) if one.newest else "-"
                cells = (connector.name, one.stream, tenant, one.sees, one.last_good_look or "never", newest)
                table.add_row(*(Text(visible(cell)) for cell in (*cells, f"{one.jobs:,}", _lack(one))))
    print_table(console(), table)


def _newest(newest: str, sees: str, now: int) -> str:
    """Returns the time of the newest job, as text.

    A stream that sees only results does not show failed runs: only the age of the newest result tells that something is
    wrong, so it is added.
    """
    if sees != "results":
        return f"{newest} (job)"
    days = (now - ticks.from_iso(newest)) // ticks.PER_DAY
    old = f", {days:,} day{'s' if days > 1 else ''} old" if days > 0 else ""
    return f"{newest} (result{old})"


def _lack(one: StreamItem) -> str:
    holes = [f"a hole from {hole.begins} to {hole.ends}" for hole in one.holes]
    return "; ".join([*filter(None, [one.no_data or one.error]), *holes]) or "-"
