"""Reads the connectors of `jobreport.toml` at their intervals, each pass in a process of its own.

So a connector that is slow, broken or uses much memory delays neither another one nor a request. Of all server
processes on all machines, the first that finds a connector due takes its lease in the store, and gives the token of the
lease to the process that it starts. If that process is killed, the lease ends after a minute, and the connector is read
again at its next interval.
"""

import subprocess
import sys
import time
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from typing import Final

import msgspec
import structlog

from jobreport import settings
from jobreport.connectors.configured import Configured
from jobreport.connectors.lease import claim
from jobreport.connectors.limits import ended_with, kill, limit_memory
from jobreport.identity.tenants import TenantError, ensure
from jobreport.model.streams import ConnectorState
from jobreport.services.periodic import Periodic
from jobreport.store import Store
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key

LOOK_SECONDS: Final = 2
"""How often a server process looks which connectors are due."""
MOST: Final = 16
"""The most passes that a server process runs at the same time. Others wait until one ends."""
PASS_SECONDS: Final = 6 * 3600
"""A pass that takes longer is ended; the next one goes on where it was."""
PASS_MEMORY: Final = 1024
"""The most memory of each process of a pass, in MiB. On Linux."""

_STOP_SECONDS: Final = 5
"""How long passes may take to end what they have started, when the server stops."""

_log = structlog.get_logger()


class _Pass(msgspec.Struct):
    """A pass that runs: whose connector it reads, its process, the token of its lease, and when it began."""

    key: Key
    child: "subprocess.Popen[bytes]"
    holder: str
    begun: float


class ConnectorPasses:
    """The passes that this server process runs. `config` is the file that names the connectors, as it was named, and
    `store_url` the store's address for the processes.
    """

    def __init__(self, store: Store, wanted: Iterable[Configured], store_url: str, config: str | None) -> None:
        self._store, self._store_url, self._config = store, store_url, config
        self._wanted = {(one.tenant, one.name): one for one in wanted}
        self._running: dict[tuple[str, str], _Pass] = {}
        self._refused: dict[str, str] = {}
        self._told: dict[tuple[str, str], str] = {}

    def services(self) -> tuple[Periodic, ...]:
        """Returns the service that runs them; none if there is no connector."""
        return (Periodic("connectors not read", LOOK_SECONDS, self.look, self.stop),) if self._wanted else ()

    def look(self) -> None:
        """Notes which passes have ended, ends those that take too long, and starts those that are due."""
        for which, one in [*self._running.items()]:
            if (code := one.child.poll()) is not None:
                del self._running[which]
                if code:
                    self._let_go(one, code)
                self._tell(which, one)
            elif time.monotonic() - one.begun > PASS_SECONDS:
                _log.error("connector takes too long", connector=which[1], tenant=which[0])
                kill(one.child)
        tenants = {name: number for name in {tenant for tenant, _ in self._wanted} if (number := self._tenant(name))}
        with self._store.reading() as transaction:
            known = {
                (name, one.connector): one
                for name, number in tenants.items()
                for one in connectors.states(transaction, number)
            }
        for which, wanted in self._due(tenants, known):
            if len(self._running) >= MOST:
                return
            self._start(which, Key(tenants[wanted.tenant], wanted.name), wanted)

    def stop(self) -> None:
        """Ends every pass and what it has started, so that nobody holds its connector any more."""
        for one in self._running.values():
            one.child.terminate()
        until = time.monotonic() + _STOP_SECONDS
        for one in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                one.child.wait(max(0.0, until - time.monotonic()))
            kill(one.child)
            one.child.wait()
        for one in self._running.values():
            # Each by itself: servers that stop at the same time would wait for each other's tenants.
            with self._store.writing() as transaction:
                connectors.release(transaction, one.key, one.holder, "")
        self._running = {}

    def _due(
        self, tenants: Container[str], known: Mapping[tuple[str, str], ConnectorState]
    ) -> list[tuple[tuple[str, str], Configured]]:
        """Returns the connectors of these tenants that nobody reads and whose interval is over, the one that waits
        longest first.
        """
        now = self._store.clock()
        due = [
            (which, wanted)
            for which, wanted in self._wanted.items()
            if wanted.tenant in tenants
            and which not in self._running
            and (which not in known or known[which].is_due(wanted.every, now))
        ]
        return sorted(due, key=lambda item: known[item[0]].begun if item[0] in known else 0)

    def _start(self, which: tuple[str, str], key: Key, wanted: Configured) -> None:
        holder = claim(self._store, key, wanted.kind.name, wanted.every)
        if holder is None:
            return
        command = [sys.executable, "-m", "jobreport", "collect", wanted.name, "--once", "--holder", holder]
        child = subprocess.Popen(  # noqa: S603 - this program itself, without a shell
            command + ([f"--config={self._config}"] if self._config else []),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=settings.environment_for(self._store_url),
            start_new_session=True,
        )
        limit_memory(child, PASS_MEMORY)
        self._running[which] = _Pass(key, child, holder, time.monotonic())

    def _let_go(self, one: _Pass, code: int) -> None:
        """Lets go of the connector of a pass whose process was killed: it could not do so, nor say what happened."""
        with self._store.writing() as transaction:
            connectors.release(transaction, one.key, one.holder, f"its process {ended_with(code)}")

    def _tell(self, which: tuple[str, str], one: _Pass) -> None:
        """Logs why a pass did not read all, once for each reason, and that the next one did."""
        reason = self._reason(one) if one.child.returncode else ""
        if reason == self._told.get(which, ""):
            return
        self._told[which] = reason
        about = {"connector": one.key.connector, "tenant": which[0]}
        if reason:
            _log.warning("connector not read to its end", **about, exit=one.child.returncode, reason=reason)
        else:
            _log.info("connector read again", **about)

    def _reason(self, one: _Pass) -> str:
        with self._store.reading() as transaction:
            return next(
                iter(connectors.errors(transaction, one.key)), f"its process {ended_with(one.child.returncode)}"
            )

    def _tenant(self, name: str) -> int | None:
        """Returns the number of a tenant, which is made if there is none; None, logged once, if it cannot be used."""
        try:
            number = ensure(self._store, name).number
        except TenantError as error:
            if self._refused.get(name) != str(error):
                _log.warning("connectors not read", tenant=name, reason=str(error))
            self._refused[name] = str(error)
            return None
        self._refused.pop(name, None)
        return number
