"""A backup command in; the command run, reported as a job while it runs, and its exit code out."""

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from jobreport.model.catalog import JobType, ServiceType
from jobreport.runner.account import Account
from jobreport.runner.delivery import Sink
from jobreport.runner.lock import RunLock
from jobreport.runner.process import NotStartedError, Process
from jobreport.runner.reporter import Reporter
from jobreport.runner.signals import Signals
from jobreport.runner.spool import Spool
from jobreport.runner.tools.base import Tool

_STEP: Final = 0.1  # seconds; a signal's handler runs at least so often, whichever thread the signal was given to


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run, and how it is to be told.

    `service`, `type`, `description`, `resource` stand before what `tool` makes of the command. `heartbeat` (0: none)
    and `deliver_for` (how long the delivery may take after the command's end) are in seconds. `environment` is the
    command's, None for our own. `lock` is the name of what only one run may have, `locks` the folder for it.
    """

    command: tuple[str, ...]
    tool: Tool
    service: ServiceType | None = None
    type: JobType | None = None
    plan: str = ""
    description: str = ""
    resource: str = ""
    heartbeat: int = 30
    deliver_for: float = 600.0
    lock: str = ""
    locks: Path = Path()
    environment: Mapping[str, str] | None = None


def run(
    order: Order, sink: Sink, spool: Spool, outputs: tuple[int | None, int | None], warn: Callable[[str], None]
) -> int:
    """Runs the command and returns its exit code: 128 + N where signal N ended it, 127 where it was not found, 126
    where it could not be started. What becomes of the report never changes that.

    `outputs` are the descriptors that its stdout and stderr are passed on to, byte by byte; None where one is closed.
    To be called in the main thread, whose signals it takes meanwhile.
    """
    account = Account(
        order.command,
        order.tool,
        service=order.service,
        type=order.type,
        plan=order.plan,
        description=order.description,
        resource=order.resource,
        heartbeat=order.heartbeat,
    )
    reporter = Reporter(account, sink, spool, order.heartbeat, warn)
    with Signals() as signals:
        lock = _take_lock(order, account, reporter, signals, warn)
        returncode, trouble, exit_code = None, "", 0
        if signals.stopped is None:
            try:
                process = Process(order.command, order.environment, outputs, account.lines, signals.running, warn)
            except NotStartedError as error:
                trouble, exit_code = str(error), error.exit_code
                warn(trouble)
            else:
                while not process.ended.wait(_STEP):
                    pass
                returncode = process.returncode
        stopped = signals.stopped
        signals.leaving(reporter.leave)
        if returncode is not None:
            exit_code = returncode if returncode >= 0 else 128 - returncode
            while not process.drained and not reporter.left:
                process.join(_STEP)
            _end(outputs[0])
        elif stopped is not None:
            exit_code = 128 + stopped
        if lock is not None:
            lock.release()
        reporter.finish(account.ends(returncode, stopped, trouble), order.deliver_for)
    return exit_code


def _end(output: int | None) -> None:
    """Passes on the end of the output as well: who reads it need not wait for the delivery of a report."""
    if output is not None:
        with contextlib.suppress(OSError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, output)
            os.close(nothing)


def _take_lock(
    order: Order, account: Account, reporter: Reporter, signals: Signals, warn: Callable[[str], None]
) -> RunLock | None:
    """Begins to report, and comes back when the command may start or a signal has stopped the wait."""
    lock = None
    if order.lock:
        try:
            lock = RunLock(order.locks, order.lock)
            if not lock.take():
                account.waits()
                reporter.report()
                if not lock.wait(signals.pause):
                    return None
        except OSError as error:
            # A backup that runs beside another is better than none; the tools lock their repositories themselves.
            warn(f"cannot lock {order.lock!r}, running without: {error.strerror or error}")
            lock = None
    account.starts()
    reporter.report()
    return lock
