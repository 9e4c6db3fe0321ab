"""A pass: reads every stream of a connector once. A stream that cannot be read is reported, and delays no other."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

import msgspec

from jobreport.connectors import own_work
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.configured import Configured
from jobreport.connectors.lease import Lease, hold
from jobreport.connectors.reading import Reading, here
from jobreport.connectors.refusals import words
from jobreport.connectors.stream_reader import StreamReader, StreamResult, failed
from jobreport.model.streams import StreamState
from jobreport.store import Store
from jobreport.store.jobs.collected import Read
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key

_NOT_LISTED: Final = (
    "its origin does not list this stream any more, or a right is missing that it had; where that is right, jobreport "
    "connectors forget NAME STREAM ends this"
)


class PassResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a pass: that of each stream, and why the streams could not be found (empty: they were)."""

    streams: tuple[StreamResult, ...]
    error: str = ""

    @property
    def whole(self) -> bool:
        """Whether all streams, and one at least, could be read to their end."""
        return not self.error and bool(self.streams) and not any(one.error for one in self.streams)


def collect(
    store: Store,
    tenant: int,
    wanted: Configured,
    reading: Reading | None = None,
    *,
    back: int | None = None,
    holder: str | None = None,
    tell: Callable[[StreamResult], None] = lambda looked: None,
) -> PassResult:
    """Reads every stream of a connector, the one that waits for the longest time first.

    `reading`: another process that reads the origin; None: this process does. `back` (ticks): each stream is read again
    from that long ago. `holder`: the token of the lease, if that was taken before (`lease.claim`). `tell` is called
    again and again with the result of a stream so far.

    Raises AlreadyReadError if another process reads the connector, TakenOverError if another one began to meanwhile,
    and other StoreErrors if the store fails.
    """
    key, begun = Key(tenant, wanted.name), store.clock()
    with hold(store, key, wanted.kind.name, wanted.every, holder) as lease:
        done: list[StreamResult] = []
        error = ""
        try:
            with store.reading() as transaction:
                known = connectors.streams(transaction, key)
                failed_before = bool(connectors.errors(transaction, key))
            done, error = _read_all(lease, wanted, reading, known, back, tell)
        finally:
            with store.writing() as transaction:
                connectors.release(transaction, key, lease.holder, error)
    own_work.report(
        store,
        wanted.kind,
        f"{wanted.tenant}/{wanted.name}",
        done,
        error,
        begun=begun,
        wanted=wanted.own_work,
        failed_before=failed_before,
    )
    return PassResult(streams=tuple(done), error=error)


def _read_all(
    lease: Lease,
    wanted: Configured,
    apart: Reading | None,
    known: dict[str, StreamState],
    back: int | None,
    tell: Callable[[StreamResult], None],
) -> tuple[list[StreamResult], str]:
    """Returns what each stream brought, and why the streams could not be found (empty: they were)."""
    try:
        opened = here.opened(wanted.kind, wanted.settings, wanted.origin, lease.store.clock)
        with nullcontext(apart) if apart else opened as reading:
            streams = reading.streams()
            done = []
            for stream in sorted(streams, key=lambda one: known[one.name].tried if one.name in known else 0):
                reader = StreamReader(lease, stream, known.get(stream.name), tell)
                done.append(reader.run(reading, back))
    except CannotReadError as error:
        return _all_failed(lease, known, words(error)), words(error)
    lost = {name: state for name, state in known.items() if name not in {stream.name for stream in streams}}
    return done + _all_failed(lease, lost, _NOT_LISTED), ""


def _all_failed(lease: Lease, known: dict[str, StreamState], error: str) -> list[StreamResult]:
    """Notes of streams that they could not be read."""
    now = lease.store.clock()
    for state in known.values():
        lease.save(Read(state=failed(state, error, now)))
    return [StreamResult(name, error=error) for name in sorted(known)]
