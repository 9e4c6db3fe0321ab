"""Keeps signals waiting until `run` can take them.

Python needs some hundred milliseconds to load what `run` stands on. A signal in that time would end us without a job
that tells of it; held, it is taken as the first thing that comes. Imports next to nothing itself, for the same reason.
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
    """Blocks the signals that `run` takes, where the platform can; those that were blocked before are none of ours."""
    if hasattr(signal, "pthread_sigmask"):
        taken = {*STOPS, *PASSED_ON}
        _held.update(taken - signal.pthread_sigmask(signal.SIG_BLOCK, taken))


def release() -> None:
    """Lets through what `hold` held, and nothing else: what is blocked by others is so for the command too."""
    if _held:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _held)
        _held.clear()
