"""Tries a connector without storing anything: whether it can sign in, what it may not read, and which jobs it finds."""

from collections import Counter
from typing import Final

import msgspec

from jobreport.connectors.base import CannotReadError, Connector, Look, Right, Stream
from jobreport.connectors.configured import Configured
from jobreport.connectors.names import without_dates
from jobreport.connectors.reading.here import found_streams
from jobreport.connectors.refusals import Refusals, unforeseen, why_refused, words
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job

JOBS: Final = 1000
"""A trial looks at the first so many jobs of a stream, a page more or less."""
BACK: Final = ticks.PER_DAY
"""How far back a trial looks, in ticks, unless it is told."""


class StreamTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at a stream would bring: its jobs by state, the newest of them, and how many next runs it announces.
    `error` says why it did not come to the end; empty: it did. `more`: there are more jobs than were looked at.
    """

    stream: Stream
    states: dict[JobState, int]
    newest: Job | None
    more: bool
    next_runs: int = 0
    error: str = ""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial found. `error` says why the origin could not be asked at all; empty: it could."""

    rights: tuple[Right, ...] = ()
    streams: tuple[StreamTrial, ...] = ()
    error: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing is missing: no right, and no stream; one at least must be there."""
        lacking = any(right.held is False for right in self.rights)
        return not self.error and not lacking and bool(self.streams) and not any(one.error for one in self.streams)


def trial(wanted: Configured, now: int, back: int = BACK) -> Trial:
    """Opens a connector, asks for its rights, and looks at each stream, at most `back` (ticks) before `now`."""
    try:
        with wanted.kind.open(wanted.settings) as connector:
            rights = tuple(connector.rights())
            streams = found_streams(connector)
            return Trial(rights=rights, streams=tuple(_tried(connector, one, now, back) for one in streams))
    except CannotReadError as error:
        return Trial(error=words(error))
    except Exception as error:  # noqa: BLE001 - a library's; what a program's error says is not for people
        return Trial(error=unforeseen(error))


def _tried(connector: Connector, stream: Stream, now: int, back: int) -> StreamTrial:
    jobs: dict[str, Job] = {}
    refused = Refusals()
    more, error, next_runs = False, "", 0
    try:
        for page in connector.read(stream, Look(since=now - back, now=now)):
            refused.unreadable(page.refused)
            next_runs += len(page.next_runs)
            for job in page.jobs:
                if wrong := why_refused(job):
                    refused.unstorable(wrong)
                else:
                    jobs[job.job_id] = without_dates(job)
            if more := len(jobs) + len(refused) >= JOBS:
                break
    except CannotReadError as reason:
        error = words(reason)
    except Exception as reason:  # noqa: BLE001 - the other streams are tried all the same
        error = unforeseen(reason)
    newest = max(jobs.values(), key=lambda job: (max(job.start, job.finish), job.job_id), default=None)
    states = Counter(job.state for job in jobs.values())
    return StreamTrial(
        stream=stream,
        states=dict(sorted(states.items())),
        newest=newest,
        more=more,
        next_runs=next_runs,
        error=error or str(refused),
    )
