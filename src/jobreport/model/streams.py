"""How far the reading of an origin has come: its streams, what they lack, and until when nothing is missing.

A stream is one list of an origin that can fail alone, such as the copy jobs of a region. So what was read, and what
could not be, is known of each stream and not of its connector. Times are ticks, 0: never.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.sees import Sees

SILENT_INTERVALS: Final = 3
"""A stream that could not be read for this many intervals of its connector has no data."""
FAR: Final = ticks.PER_DAY
"""A time that lies so far ahead was written by a machine with a wrong clock. It counts no more."""
NAMED: Final = 20
"""Of more connectors or streams than this, the others are only counted where people read of them."""
_LEFT: Final = (
    "nobody reads it any more; where it was taken out of jobreport.toml on purpose, jobreport connectors forget {} "
    "ends this"
)


class StreamState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a stream has been read.

    `remembers` is how long its origin keeps a job (0: it forgets none). `state` is the connector's own, as JSON text.
    `watermark` is the time until which everything was read; `looked` when the last good look began, `tried` when the
    last one did. `newest` is the newest time that a job of it has. `failing` is since when no look was good, and
    `error` says why; `added` is when it was first heard of. `jobs` is how many different reports came of it.
    """

    stream: str
    sees: Sees = Sees.RUNS
    remembers: int = 0
    added: int = 0
    state: str = ""
    watermark: int = 0
    looked: int = 0
    tried: int = 0
    newest: int = 0
    failing: int = 0
    error: str = ""
    jobs: int = 0

    def has_no_data(self, every: int, now: int) -> bool:
        """Whether it could not be read for three intervals of its connector, of `every` seconds each."""
        return now - max(self.looked, self.added) > SILENT_INTERVALS * every * ticks.PER_SECOND

    def hole(self, now: int) -> "Hole | None":
        """Returns what a good look at `now` cannot bring any more, since the origin has forgotten it; None if nothing
        is lost.
        """
        begins = self.watermark or self.added  # one that never could be read has lost what ran since it is known
        if not self.remembers or not begins or begins >= now - self.remembers:
            return None
        return Hole(stream=self.stream, begins=begins, ends=now - self.remembers, found=now)


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """A time whose jobs an origin deleted before anybody had read them: from `begins` to `ends`, noticed at `found`."""

    stream: str
    begins: int
    ends: int
    found: int


class ConnectorState(msgspec.Struct, frozen=True, kw_only=True):
    """How a connector stands: its interval in seconds, when its last pass began, and why that could not even find its
    streams. A pass that reads it now holds it until `held`.
    """

    connector: str
    kind: str
    every: int
    begun: int = 0
    error: str = ""
    held: int = 0

    def is_held(self, now: int) -> bool:
        """Whether a pass reads it now, as far as is known."""
        return now < self.held < now + FAR

    def is_due(self, every: int, now: int) -> bool:
        """Whether no pass reads it, and the last one began `every` seconds ago."""
        waits = now < self.begun + every * ticks.PER_SECOND and self.begun < now + FAR
        return not waits and not self.is_held(now)


class ConnectorStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The status of a connector: what is stored of it, of its streams, and of its holes."""

    connector: ConnectorState
    streams: tuple[StreamState, ...]
    holes: tuple[Hole, ...]

    def is_left(self, now: int) -> bool:
        """Whether nobody reads it any more: no pass of it began for three intervals, and none runs."""
        one = self.connector
        return not one.is_held(now) and now - one.begun > SILENT_INTERVALS * one.every * ticks.PER_SECOND

    def told(self, stream: StreamState, now: int) -> str:
        """Returns in words since when a stream has no data, and why."""
        since = f"since {ticks.to_iso(stream.looked, digits=0)}" if stream.looked else "yet"
        left = _LEFT.format(self.connector.connector) if self.is_left(now) else ""
        return f"no data {since}: {left or stream.error or self.connector.error or 'it was not looked at'}"

    def without_data(self, now: int) -> tuple[StreamState, ...]:
        """Returns the streams that have no data."""
        return tuple(one for one in self.streams if one.has_no_data(self.connector.every, now))

    def has_no_data(self, now: int) -> bool:
        """Whether one of its streams has no data, or none was ever found."""
        return bool(self.without_data(now) or self.streamless(now))

    def streamless(self, now: int) -> str:
        """Returns in words why none of its streams was ever found; empty: there are some, or there may be none."""
        one = self.connector
        if self.streams:
            return ""
        waits = now - one.begun > SILENT_INTERVALS * one.every * ticks.PER_SECOND
        return one.error or ("its first look has not come to a stream" if waits else "")

    @property
    def complete_until(self) -> int:
        """The time until which all of its streams have been read without a hole; 0: one never was."""
        return min((*(one.watermark for one in self.streams), *(one.begins for one in self.holes)), default=0)


def complete_until(standings: Sequence[ConnectorStatus]) -> int | None:
    """Returns the time until which all streams have been read without a hole; 0: one never was; None: there is no
    connector.
    """
    return min((one.complete_until for one in standings), default=None)


def no_data(standings: Iterable[ConnectorStatus], now: int) -> list[str]:
    """Returns the names of the connectors that have no data at all, or a stream without data; in order."""
    return sorted(one.connector.connector for one in standings if one.has_no_data(now))


def lacks(standings: Iterable[ConnectorStatus], now: int) -> list[str]:
    """Returns in words what cannot be seen of each connector without data: which streams, since when and why."""
    return [f"{one.connector.connector}: {'; '.join(lacking(one, now))}" for one in standings if one.has_no_data(now)]


def lacking(standing: ConnectorStatus, now: int) -> list[str]:
    """Returns in words which streams of a connector have no data, since when and why; of very many only the first."""
    without = standing.without_data(now)
    if standing.is_left(now):
        without = without[:1]  # the same is to be said of all
    told = [f"{stream.stream}: {standing.told(stream, now)}" for stream in without]
    streamless = standing.streamless(now)
    return first_of(told) or ([f"no data yet: {streamless}"] if streamless else [])


def lost(standing: ConnectorStatus) -> list[str]:
    """Returns in words of which times the streams of a connector have lost what nobody had read."""
    name = standing.connector.connector
    ends = f"was forgotten before anybody looked; jobreport connectors acknowledge {name} ends this"
    times = ((one.stream, *(ticks.to_iso(at, digits=0) for at in (one.begins, one.ends))) for one in standing.holes)
    return first_of([f"{stream}: what ran from {begins} to {until} {ends}" for stream, begins, until in times])


def first_of(texts: Sequence[str]) -> list[str]:
    """Returns the first of these texts, and of the others only how many there are."""
    more = [f"and {len(texts) - NAMED:,} more"] if len(texts) > NAMED else []
    return [*texts[:NAMED], *more]
