"""Passes signals that reach us on to the command, each exactly once, and remembers which signal asked us to stop."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final, Self

from jobreport.runner.hold import PASSED_ON, STOPS, release

_FROM_THE_KEYBOARD: Final = frozenset({"SIGINT", "SIGQUIT", "SIGBREAK"})


class Signals:
    """Handles this process's signals inside a `with` block (in the main thread only), also those held back until then.

    `stopped` is the first signal that asked to stop, or None. Before the command runs, a stop is only noted. While it
    runs (`running`), each signal is sent to it. Once it has ended, a stop calls the function given to `leaving`: at
    once, or as soon as it is given.
    """

    def __init__(self) -> None:
        self.stopped: int | None = None
        self._send: Callable[[int], bool] | None = None
        self._leave: Callable[[], None] | None = None
        self._late = False
        self._early: list[int] = []
        self._had_terminal = _has_terminal()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (*STOPS, *PASSED_ON):
            # What was ignored when we were started (nohup, a shell's background job) stays so, for the command too.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._take)
        release()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def running(self, send: Callable[[int], bool]) -> None:
        """Sends signals to the command from now on, and first those that arrived while it was being started.

        `send` returns whether the command still ran; for 0 it sends nothing.
        """
        self._send = send
        for number in self._early:
            send(number)
        self._early.clear()

    def leaving(self, leave: Callable[[], None]) -> None:
        """Notes that the command has ended. From now on a stop calls `leave`."""
        self._send = None
        self._leave = leave
        if self._late:
            leave()

    def pause(self, seconds: float) -> bool:
        """Waits for `seconds`, and returns whether a stop was asked for."""
        time.sleep(seconds)  # the handler runs when a signal breaks in on it, or after it
        return self.stopped is not None

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self._leave is not None:
            if number in STOPS:
                self._leave()
            return
        if self._send is not None and not self._send(0 if self._command_has_it(number) else number):
            # The command has ended, and the main thread will learn of it in a moment.
            self._late = self._late or number in STOPS
            return
        if number in STOPS and self.stopped is None:
            self.stopped = number
        if self._send is None:
            self._early.append(number)

    def _command_has_it(self, number: int) -> bool:
        """Returns whether the signal was sent to our whole process group, which includes the command, and not only to
        us.
        """
        name = signal.Signals(number).name
        if os.name != "posix":
            return name in _FROM_THE_KEYBOARD
        if name in _FROM_THE_KEYBOARD:
            return _in_foreground()
        # A terminal that closes tells everyone on it. One that is still there has not closed.
        return name == "SIGHUP" and self._had_terminal and not _has_terminal()


def name_of(number: int) -> str:
    """Returns the signal's number and name: `9 (SIGKILL)`."""
    try:
        return f"{number} ({signal.Signals(number).name})"
    except ValueError:
        return str(number)


def _has_terminal() -> bool:
    return _foreground_group() is not None


def _in_foreground() -> bool:
    return sys.platform != "win32" and _foreground_group() == os.getpgrp()


def _foreground_group() -> int | None:
    """Returns the process group that receives signals from the keyboard of our terminal; None without a terminal."""
    if sys.platform == "win32":
        return None
    try:
        terminal = os.open(Path("/dev/tty"), os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return None
    try:
        return os.tcgetpgrp(terminal)
    except OSError:
        return None
    finally:
        os.close(terminal)
