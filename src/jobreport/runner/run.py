"""Runs a backup command and reports it as a job while it runs.

The backup comes first: what becomes of the report never changes what becomes of the command.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from jobreport.model.catalog import JobType, ServiceType
from jobreport.runner.delivery import Sink
from jobreport.runner.lock import RunLock
from jobreport.runner.process import Lost, NotStartedError, Output, Process
from jobreport.runner.reporter import Reporter
from jobreport.runner.signals import Signals
from jobreport.runner.spool import Spool
from jobreport.runner.surroundings import can_wait_for_children, close, inherited_outputs, let_go, same_place
from jobreport.runner.tools.base import StdoutUse, Tool
from jobreport.runner.tools.stdout import code_without_messages, stdout_use
from jobreport.runner.tracker import JobTracker

READER_GONE: Final = 141  # as of a command that SIGPIPE ended

_STEP: Final = 0.1  # seconds; a signal's handler runs at least so often, whichever thread the signal was given to


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to run, and how to report it.

    `service`, `type`, `description`, `resource` replace what `tool` derives from the command. `heartbeat` (0: none) and
    `deliver_for` (how long the delivery may take after the command's end) are in seconds. `environment` is the
    command's; None for our own. `lock` names a lock that only one run may have at a time; `locks` is the folder for it.
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


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """Our descriptors of standard input, output and error. One that was closed when we were started is None."""

    stdin: int | None = 0
    stdout: int | None = 1
    stderr: int | None = 2


def run(order: Order, sink: Sink, spool: Spool, ours: Standard, warn: Callable[[str], None]) -> int:
    """Runs the command and returns its exit code: 128 + N if signal N ended it, 127 if it was not found, 126 if it
    could not be started. The delivery of the report never changes the exit code. But if the command ended with 0 and a
    part of its messages on standard output could not be written, the code is the one with which the tool ends by itself
    then, or 141 if the reader of these messages went away.

    Call it in the main thread, whose signals it handles meanwhile. Afterwards our own standard input and output are
    closed.
    """
    handed_down = inherited_outputs()
    can_wait_for_children()
    tracker = JobTracker(
        order.command,
        order.tool,
        environment=order.environment,
        service=order.service,
        type=order.type,
        plan=order.plan,
        description=order.description,
        resource=order.resource,
        heartbeat=order.heartbeat,
    )
    reporter = Reporter(tracker, sink, spool, order.heartbeat, warn)
    with Signals() as signals:
        lock = _take_lock(order, tracker, reporter, signals, warn)
        returncode, trouble, exit_code = None, "", 0
        lost: list[Lost] = []
        if signals.stopped is None:
            stdout, stderr = _outputs(order, ours)
            try:
                process = Process(
                    order.command, order.environment, stdout, stderr, tracker.lines, signals.running, warn
                )
            except NotStartedError as error:
                trouble, exit_code = str(error), error.exit_code
                warn(trouble)
            else:
                close(handed_down)
                let_go(ours.stdin)
                if not stdout.read:
                    let_go(ours.stdout)
                while not process.ended.wait(_STEP):
                    pass
                returncode = process.returncode
        stopped = signals.stopped
        signals.leaving(reporter.leave)
        if returncode is not None:
            exit_code = returncode if returncode >= 0 else 128 - returncode
            while not process.drained and not reporter.left:
                process.join(_STEP)
            let_go(ours.stdout)
            lost = process.lost
            if exit_code == 0 and lost and lost[0].stream == "stdout":
                exit_code = READER_GONE if lost[0].reader_gone else code_without_messages(order.tool)
        elif stopped is not None:
            exit_code = 128 + stopped
        if lock is not None:
            lock.release()
        reporter.finish(tracker.ends(returncode, stopped, trouble, lost), order.deliver_for)
    return exit_code


def _outputs(order: Order, ours: Standard) -> tuple[Output, Output | None]:
    """Returns the command's standard output, and its standard error if that goes elsewhere. Errors are always read. If
    no tool of ours knows the command, its output is read only if it goes where the errors go, and so is for people;
    otherwise it may be the backup itself.
    """
    try:
        use = stdout_use(order.tool, order.command)
    except Exception:  # noqa: BLE001 - a command line that we cannot read must not stop the backup
        use = StdoutUse.UNKNOWN
    if use is StdoutUse.UNKNOWN and same_place(ours.stdout, ours.stderr):
        return Output(descriptor=ours.stdout, read=True), None
    read = use is StdoutUse.MESSAGES
    return Output(descriptor=ours.stdout, read=read), Output(descriptor=ours.stderr, read=True)


def _take_lock(
    order: Order, tracker: JobTracker, reporter: Reporter, signals: Signals, warn: Callable[[str], None]
) -> RunLock | None:
    """Begins to report. Returns when the command may start, or when a signal has ended the wait."""
    lock = None
    if order.lock:
        try:
            lock = RunLock(order.locks, order.lock)
            if not lock.take():
                tracker.waits()
                reporter.report()
                if not lock.wait(signals.pause):
                    return None
        except OSError as error:
            # A backup that runs beside another is better than none; the tools lock their repositories themselves.
            warn(f"cannot lock {order.lock!r}, running without: {error.strerror or error}")
            lock = None
    tracker.starts()
    reporter.report()
    return lock
