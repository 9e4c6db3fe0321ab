"""Finds the runs of tools in the lines of a body, and has each of them read by its tool's reader.

A script may run several tools: if restic succeeded and rclone was killed, there are two runs, and the second decides.
"""

import re
from collections import deque
from typing import Final

import msgspec

from jobreport.inbox.pings.endings import ALWAYS, Sign, endings_of
from jobreport.inbox.pings.tool import ON_STDERR, counts_always, ends_always, shown_by, tool_of
from jobreport.runner.text import without_escapes
from jobreport.runner.tools.base import Reader, Tool

_MOST_RUNS: Final = 50
_MOST_UNREAD: Final = 1_000_000
"""Characters of lines that wait until a tool is recognised, or until it is known whose they are. After these, they are
no tool's, or those of the run before.
"""
_MOST_BETWEEN: Final = 200
"""Lines after the end of a run that are read with the next tool's too: it may have begun with them."""
_A_LINE: Final = 50
"""Added to each of these lines, so that many short ones are not looked at for long."""
_PARTS: Final = {"borgmatic": frozenset({"borg"})}
"""What tools have others do, and whose output is theirs."""
_KILLED: Final = re.compile(
    r"\S+: line \d+:\s+\d+ (Killed|Terminated|Hangup|Aborted|Segmentation fault|Bus error|Illegal instruction)\b"
)
"""How a shell tells that a program was ended by a signal."""
_OPENS: Final = "{"
_TELLS: Final = frozenset({Sign.WORK, Sign.REST, Sign.END})


class ToolRun(msgspec.Struct, frozen=True, kw_only=True):
    """The run of a tool that a body shows. `reader` has read its output.

    `named`: the inbox names its command. `counts`: it always counts something when it has done its work. `unended`: it
    showed its work and not its end. `always`: it prints its end whatever it is asked for.
    """

    tool: Tool
    reader: Reader
    named: bool = False
    counts: bool = False
    unended: bool = False
    always: bool = False


class _Open:
    """A run that is being read."""

    def __init__(self, command: tuple[str, ...], *, named: bool = False) -> None:
        self.command, self.named = command, named
        self.tool = tool_of(command)
        self.reader = self.tool.reader(command)
        self.endings = endings_of(self.tool.name)
        self.closed = False
        self.unended = ends_always(command)
        self.holds = False
        self.held: list[str] = []
        self.waiting = 0

    def read(self, line: str) -> None:
        self.reader.line("stderr" if self.tool.name in ON_STDERR else "stdout", line)

    def take(self, line: str) -> None:
        """Reads a line, or keeps it until it is known whether it is another run's."""
        if not self.holds:
            self.read(line)
            return
        self.held.append(line)
        self.waiting += len(line) + _A_LINE
        if self.waiting > _MOST_UNREAD:
            self.release()

    def release(self) -> None:
        """Reads the lines that wait."""
        held, self.held, self.waiting = self.held, [], 0
        for line in held:
            self.read(line)

    def settled(self) -> ToolRun:
        self.release()
        return ToolRun(
            tool=self.tool,
            reader=self.reader,
            named=self.named,
            counts=self.named and counts_always(self.command),
            unended=self.unended,
            always=self.tool.name in ALWAYS,
        )


class ToolRuns:
    """Takes the lines of one body. `command` is the one whose output the inbox expects; empty: none is expected."""

    def __init__(self, command: tuple[str, ...] = ()) -> None:
        self._runs: list[_Open] = []
        self._now: _Open | None = None
        self._unread: list[str] = []
        self._waiting = 0
        self._looks = True
        self._between: deque[str] = deque(maxlen=_MOST_BETWEEN)
        self._before = ""
        self.too_many = False
        """Whether there were more runs than are told apart."""
        self.killed = ""
        """The signal by which a shell said that one of its programs ended; empty: none."""
        if command:
            self._begin(command, named=True)

    def take(self, line: str) -> None:
        """Takes the next line."""
        line = without_escapes(line)
        if match := _KILLED.match(line):
            self.killed = match[1]
        if self._looks:
            if command := shown_by(line):
                self._turn_to(command)
            self._read(line)
            self._before = line

    def end(self) -> tuple[ToolRun, ...]:
        """Returns the runs, in the order in which they began."""
        return tuple(run.settled() for run in self._runs)

    def _turn_to(self, command: tuple[str, ...]) -> None:
        """Goes on with the tool that a line shows: with its run that is open, or with a new one."""
        now, name = self._now, tool_of(command).name
        if now and (now.tool.name == name or name in _PARTS.get(now.tool.name, ())):
            return
        for run in reversed(self._runs):
            if not run.closed and (run.tool.name == name or name in _PARTS.get(run.tool.name, ())):
                self._now = run
                return
        run = self._begin(command)
        for line in self._between:
            run.take(line)
        self._between.clear()

    def _begin(self, command: tuple[str, ...], *, named: bool = False) -> _Open:
        if self._now and len(self._runs) >= _MOST_RUNS:
            self.too_many = True
            return self._now
        run = self._now = _Open(command, named=named)
        self._runs.append(run)
        before, self._unread = self._unread, []
        for line in before:
            self._read(line)
        return run

    def _read(self, line: str) -> None:
        if self._now is None:
            self._unread.append(line)
            self._waiting += len(line) + _A_LINE
            if self._waiting > _MOST_UNREAD:
                self._looks, self._unread = False, []
            return
        run = self._now
        signs = run.endings.sign(line)
        if Sign.ANEW in signs:
            run = self._after(run)
        elif Sign.SAME in signs:
            run.release()
        elif Sign.WORK in signs and run.closed:
            run = self._begin(run.command)
            if self._before == _OPENS:
                run.read(_OPENS)
        for sign in signs:
            if sign in _TELLS:
                run.unended = sign is Sign.WORK
                run.closed |= sign is Sign.END
        if signs:
            self._between.clear()
        elif run.closed:
            self._between.append(line)
        if told := {Sign.ANEW, Sign.SAME}.intersection(signs):
            run.holds = False
        run.take(line)
        if told:
            run.holds = Sign.REST in signs

    def _after(self, run: _Open) -> _Open:
        """Returns the run that follows one of the same tool. What came since the last figures of that is its own."""
        new = self._begin(run.command)
        if new is not run:
            new.endings = run.endings
            held, run.held = run.held, []
            run.unended &= not run.holds
            for line in held:
                new.read(line)
        return new
