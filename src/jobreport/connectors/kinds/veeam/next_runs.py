"""Reads from the states of jobs when each runs next. Pure.

A job that is disabled, or that runs after another one, has no time of its own.
"""

from collections.abc import Iterable
from datetime import tzinfo

import msgspec

from jobreport.connectors.base import NextRun
from jobreport.connectors.kinds.veeam.records import bare
from jobreport.model import ticks


class _State(msgspec.Struct, rename="camel"):
    name: str
    status: str = ""
    next_run: str | None = None


def next_runs_of(records: Iterable[msgspec.Raw], zone: tzinfo) -> tuple[list[NextRun], list[str]]:
    """Returns when jobs run next, by their states, and why some of these cannot be read."""
    found, refused = [], []
    for record in records:
        try:
            state = msgspec.json.decode(record, type=_State)
            if state.next_run and state.status.casefold() != "disabled":
                found.append(NextRun(bare(state.name), ticks.from_iso(state.next_run, zone=zone)))
        except (ValueError, RecursionError) as error:
            refused.append(f"the state of a job is not as Veeam describes it: {error}")
    return found, refused
