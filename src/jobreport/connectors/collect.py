"""A pass: reads every stream of a connector once. One that cannot be read holds up no other, and is told."""

from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from jobreport.connectors import own_work
from jobreport.connectors.base import MAX_STREAM_NAME, CannotReadError, Connector, Stream
from jobreport.connectors.configured import Configured
from jobreport.connectors.lease import Lease, hold
from jobreport.connectors.stream_reader import Looked, StreamReader, failed, unforeseen, words
from jobreport.model.streams import StreamState
from jobreport.store import Store, StoreError
from jobreport.store.jobs.collected import Read
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key

_NOT_LISTED: Final = (
    "its origin does not list this stream any more; where that is right, jobreport connectors forget NAME STREAM "
    "ends this"
)

_log = structlog.get_logger()


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass brought: what each stream did, and why the streams could not be found (empty: they were)."""

    streams: tuple[Looked, ...]
    error: str = ""

    @property
    def whole(self) -> bool:
        """Whether all streams, and one at least, could be read to their end."""
        return not self.error and bool(self.streams) and not any(one.error for one in self.streams)


def collect(
    store: Store,
    tenant: int,
    wanted: Configured,
    *,
    back: int | None = None,
    holder: str | None = None,
    tell: Callable[[Looked], None] = lambda looked: None,
) -> Passed:
    """Reads every stream of a connector, the one that waits for the longest time first.

    `back` (ticks): each is read anew from that long ago. `holder` is the word by which this pass holds the connector
    already. `tell` is called again and again with how far a stream has come.

    Raises AlreadyReadError if another process reads the connector, TakenOverError if another one began to meanwhile,
    and other StoreErrors if the store fails.
    """
    key, begun = Key(tenant, wanted.name), store.clock()
    with hold(store, key, wanted.kind.name, wanted.every, holder) as lease:
        done: list[Looked] = []
        error = ""
        try:
            with store.reading() as transaction:
                known = connectors.streams(transaction, key)
                failed_before = bool(connectors.errors(transaction, key))
            done, error = _read_all(lease, wanted, known, back, tell)
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
    return Passed(streams=tuple(done), error=error)


def _read_all(
    lease: Lease,
    wanted: Configured,
    known: dict[str, StreamState],
    back: int | None,
    tell: Callable[[Looked], None],
) -> tuple[list[Looked], str]:
    """Returns what each stream brought, and why the streams could not be found (empty: they were)."""
    try:
        with wanted.kind.open(wanted.settings) as connector:
            streams = found_streams(connector)
            done = []
            for stream in sorted(streams, key=lambda one: known[one.name].tried if one.name in known else 0):
                reader = StreamReader(lease, stream, known.get(stream.name), wanted.origin, tell)
                done.append(reader.run(connector, back))
    except CannotReadError as error:
        return _all_failed(lease, known, words(error)), words(error)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - a library's; what a program's error says is not for people
        _log.error("connector not opened", connector=wanted.name, exc_info=error)
        reason = unforeseen(error)
        return _all_failed(lease, known, reason), reason
    lost = {name: state for name, state in known.items() if name not in {stream.name for stream in streams}}
    return done + _all_failed(lease, lost, _NOT_LISTED), ""


def found_streams(connector: Connector) -> list[Stream]:
    """Returns the streams of a connector. Raises CannotReadError if they cannot be told apart."""
    streams = list(connector.streams())
    names = [stream.name for stream in streams]
    if twice := next((name for name, times in Counter(names).items() if times > 1), None):
        raise CannotReadError(f"two streams are called {twice}")
    for name in names:
        if not 1 <= len(name) <= MAX_STREAM_NAME:
            raise CannotReadError(f"a stream has a name of {len(name)} characters, and may have 1 to {MAX_STREAM_NAME}")
        if not name.isprintable():
            raise CannotReadError(f"the stream {name!r} has a name that cannot be printed")
    return streams


def _all_failed(lease: Lease, known: dict[str, StreamState], error: str) -> list[Looked]:
    """Notes of streams that they could not be read."""
    now = lease.store.clock()
    for state in known.values():
        lease.save(Read(state=failed(state, error, now)))
    return [Looked(name, error=error) for name in sorted(known)]
