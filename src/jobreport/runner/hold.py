"""Holds back signals until `run` can handle them.

Python needs some hundred milliseconds to load the modules of `run`. A signal in that time would end the process, and no
job would report it. A signal that is held back is handled first of all afterwards. For the same reason this module
imports next to nothing.
"""

import signal


def _those(*names: str) -> tuple[signal.Signals, ...]:
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


STOPS = _those("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""The signals that stop a run."""
PASSED_ON = _those("SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGPWR")
"""What else would end us by itself, and is meant for the command: an alarm that was set before us comes to us, too."""

_held: set[int] = set()


def hold() -> None:
    """Blocks the signals that `run` handles, if the platform can. Signals that were already blocked are left as they
    are.
    """
    if hasattr(signal, "pthread_sigmask"):
        taken = {*STOPS, *PASSED_ON}
        _held.update(taken - signal.pthread_sigmask(signal.SIG_BLOCK, taken))


def release() -> None:
    """Unblocks the signals that `hold` blocked, and no others: signals that somebody else blocked stay blocked for the
    command too.
    """
    if _held:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _held)
        _held.clear()
