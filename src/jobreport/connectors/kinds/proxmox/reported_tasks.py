"""Remembers from look to look which tasks were reported with what their logs say, so that each log is read once."""

from typing import Final

from jobreport.connectors.base import Look
from jobreport.connectors.kinds.proxmox.tasks import OVERLAP, Upid
from jobreport.model import ticks

LINES: Final = 5_000
"""So many lines of a log are asked for at once."""
_KEPT: Final = OVERLAP + ticks.PER_DAY


class ReportedTasks:
    """The tasks whose logs were read, with their starts (seconds since 1970), as long as lists may contain them."""

    def __init__(self, look: Look) -> None:
        self._tasks: dict[str, int] = dict(look.state) if isinstance(look.state, dict) else {}
        self._since = (look.now - _KEPT - ticks.UNIX_EPOCH) // ticks.PER_SECOND

    def __contains__(self, one: Upid) -> bool:
        return one.text in self._tasks

    def add(self, one: Upid) -> None:
        """Notes that a task was reported, so that its log need not be read again."""
        if one.start >= self._since:
            self._tasks[one.text] = one.start

    @property
    def state(self) -> dict[str, int]:
        """What the next look needs to know."""
        return {text: start for text, start in self._tasks.items() if start >= self._since}
