"""Reads pings in the words of Cronitor's telemetry: `/p/<ping-key>/<slug>?state=run|complete|fail`.

`series` joins the events of a run; `status_code`, `message` and `metric` say how it went. An unknown state is refused:
it is no success.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.inbox.pings.healthchecks import KEY, NOT_FOUND, SLUG, last_of
from jobreport.inbox.pings.ping import Ping, Refused, Target
from jobreport.model import ticks
from jobreport.model.ping import Signal
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded

MOST_MESSAGE: Final = 2000
"""The characters of a message that are kept."""
_STATES: Final = {
    "run": Signal.START,
    "complete": Signal.SUCCESS,
    "fail": Signal.FAIL,
    # Heartbeats: something is well now.
    "": Signal.SUCCESS,
    "tick": Signal.SUCCESS,
    # Somebody says that a monitor is well again; nothing ran.
    "ok": Signal.LOG,
}
_NUMBER: Final = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)
_STATUS: Final = re.compile(r"-?\d{1,10}", re.ASCII)
_METRICS: Final = ("count", "error_count", "duration")
_ABOUT: Final = ("env", "host")


def target_of(key: str, monitor: str) -> Target:
    """Returns whom the path is for. Raises Refused if nobody can have such an address."""
    if not KEY.fullmatch(key) or not SLUG.fullmatch(monitor):
        raise Refused(404, NOT_FOUND)
    return Target(key, monitor.lower())


def read(word: str, query: Sequence[tuple[str, str]]) -> Ping:
    """Returns the ping of a query string; `word` is the state where it is in the path. Raises Refused."""
    state = word or last_of(query, "state") or ""
    signal = _STATES.get(state)
    if signal is None:
        raise Refused(400, "unknown state: it must be run, complete, fail or ok")
    code = last_of(query, "status_code") or "0"
    # What is no number loses no report, and proves no success.
    status = int(code) if _STATUS.fullmatch(code) else None
    if status != 0 and signal is Signal.SUCCESS:
        signal = Signal.FAIL
    numbers = _metrics(query)
    length = numbers.get("duration")
    return Ping(
        signal=signal,
        exit_status=abs(status) if status and signal is Signal.FAIL else None,
        run=last_of(query, "series") or "",
        length=None if length is None else int(length * ticks.PER_SECOND),
        message=(last_of(query, "message") or last_of(query, "msg") or "")[:MOST_MESSAGE],
        counts=_counts(numbers),
        about={name: value for name in _ABOUT if (value := last_of(query, name))},
    )


def _metrics(query: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Returns the numbers of `metric=count:5` and, as older clients write it, of `count=5`; no other values."""
    found: dict[str, float] = {}
    for given, value in query:
        name, _, number = value.partition(":") if given == "metric" else (given, "", value)
        if name in _METRICS and _NUMBER.fullmatch(number):
            found[name] = float(number)
    return found


def _counts(numbers: dict[str, float]) -> Counts | None:
    if "count" not in numbers and "error_count" not in numbers:
        return None
    failed, total = int(numbers.get("error_count", 0)), int(numbers.get("count", 0))
    return bounded(failed=failed, successful=max(0, total - failed), total=total)
