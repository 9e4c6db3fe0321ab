"""Tells from its lines whether the tool in a body is still running, and when it finished.

A program that is killed prints nothing more, and in a pipe its exit status is lost. So output that stops before the
tool's last line never proves a success.
"""

import re
from enum import Enum, auto
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from jobreport.runner.text import child, json_object, seconds_of, string, whole


class Sign(Enum):
    """What a line says of a tool's run."""

    WORK = auto()
    """It is at work."""
    REST = auto()
    """All that it knows of is done; it may find more."""
    END = auto()
    """It prints this last, and goes on no more."""
    SAME = auto()
    """These figures go on from those before."""
    ANEW = auto()
    """These figures are those of another process, which began after the figures before."""


class Endings(Protocol):
    """Watches one run. Where figures are SAME or ANEW, only they tell whose the lines between are."""

    def sign(self, line: str) -> tuple[Sign, ...]:
        """Returns what a line says, in this order."""


class Marks(NamedTuple):
    """The forms of a tool's lines that say so. Beginnings of lines, except for `end`, which may stand anywhere."""

    work: str
    end: str
    rest: str = r"(?!)"


_MARKS: Final = {
    "restic": Marks(
        r"\{.*\"message_type\": ?\"(?:status|verbose_status|summary)\"|Files:\s+\d+ new,|start (?:scan|backup) on "
        r"|using parent snapshot |no parent snapshot found|\[\d+:\d\d(?::\d\d)?\]\s+(?:[\d.]+%\s+)?\d+ files\b",
        r"\"message_type\": ?\"summary\"|^snapshot \w+ saved|^skipped creating snapshot|^processed \d+ files?"
        r"|^Summary: Restored ",
    ),
    "borg": Marks(
        r"\{.*\"type\": ?\"(?:archive_progress|file_status)\"|\s{4}\"archive\": \{$|\{\"archive\": ?\{"
        r"|\{.*\"message\": ?\"Archive name: |[AMUCE] \S*/|Archive name: "
        r"|[\d.]+ \w+ O [\d.]+ \w+ C [\d.]+ \w+ D \d+ N ",
        r"^\s{12}\"nfiles\": \d+|\"stats\": ?\{.*\"nfiles\"|(?:^|\")Number of files: \d+|(?:^|\")This archive:\s",
        r"\{.*\"type\": ?\"archive_progress\".*\"finished\": ?true"
        r"|\{.*\"finished\": ?true.*\"type\": ?\"archive_progress\""
        r"|\{.*\"msgid\": ?\"cache\.commit\".*\"finished\": ?true|Saving cache config"
        r"|.*terminating with \w+ status, rc \d",
    ),
    "borgmatic": Marks(
        r"(?:.+: )?(?:Running actions for repository|Creating archive)$",
        r"^summary:$|Successfully ran configuration file",
        r"(?:.+: )?Pinging \S.* finish\b",
    ),
    "rsync": Marks(
        r"(?:sending|receiving) incremental file list|(?:sending|building) file list"
        r"|[<>c.][fLDS][+.? a-zA-Z]{9}\s"
        r"|\s*[\d.,]+[KMGTPE]?\s+\d+%\s|Number of files: ",
        r"^sent [\d.,]+\w? bytes\s+received |^total size is ",
        r".*\(xfr#\d+, (?:to|ir)-chk=0/\d+\)",
    ),
    "azcopy": Marks(
        r"\{.*\"MessageType\": ?\"(?:Init|Progress)\"|Job \S+ has started$|[\d.]+ %, \d+ Done, ",
        r"\"MessageType\": ?\"EndOfJob\"|^\s*Final Job Status:",
    ),
    "duplicity": Marks(r"-+\[ Backup Statistics \]-+$", r"^Errors \d+"),
    "pgbackrest": Marks(
        r"[\d-]{10} [\d:.]{8,15} P\d+ +INFO: backup command begin", r"INFO: backup command end: completed successfully"
    ),
    "vzdump": Marks(r"INFO: Starting Backup of VM \d+ ", r"^INFO: Backup job finished |^job errors$"),
    "proxmox-backup-client": Marks(r"Starting backup protocol: ", r"^End Time: "),
    "robocopy": Marks(r"\s+ROBOCOPY\s+::", r":(?:\s+\d{1,18}){6}\s*$"),
}
ALWAYS: Final = frozenset({"restic", "azcopy"})
"""Tools that print their end whatever they are asked for. Others may be asked to be silent about it."""
_MOST_LOOKED_AT: Final = 4_000
_COMPILED: Final = {
    name: (re.compile(marks.work), re.compile(marks.rest), re.compile(marks.end)) for name, marks in _MARKS.items()
}


class Marked:
    """Watches a tool whose lines say it one by one."""

    def __init__(self, tool: str) -> None:
        self._work, self._rest, self._end = _COMPILED[tool]

    def sign(self, line: str) -> tuple[Sign, ...]:
        """Returns what a line says, in this order."""
        looked_at = line[:_MOST_LOOKED_AT]
        return (
            *((Sign.WORK,) if self._work.match(looked_at) else ()),
            *((Sign.REST,) if self._rest.match(looked_at) else ()),
            *((Sign.END,) if self._end.search(looked_at) else ()),
        )


class Unmarked:
    """Watches a tool that prints nothing by which its end can be told."""

    def sign(self, line: str) -> tuple[Sign, ...]:
        """Returns nothing."""
        return ()


class _Figures(msgspec.Struct, frozen=True):
    """What rclone counts, and never less in one process; `seconds` since it began."""

    seconds: float = 0.0
    transfers: int = 0
    checks: int = 0
    errors: int = 0

    def before(self, other: "_Figures") -> bool:
        return any(getattr(self, name) < getattr(other, name) for name in self.__struct_fields__)


_BLOCK: Final = re.compile(r"(?:.*(?:INFO|NOTICE) *:\s*)?Transferred:\s+[\d.]+ ?\w+ / [\d.]+ ?\w+, .*ETA ")
_DONE_OF: Final = re.compile(r"\s*(Transferred|Checks):\s+(\d+) / (\d+)(?:,|$)")
_ERRORS: Final = re.compile(r"\s*(Errors):\s+(\d+)")
_ELAPSED: Final = re.compile(r"\s*Elapsed time:\s+([\dhmsdwy.]+)")
_BUSY: Final = re.compile(r"\s*(?:Transferring|Checking):\s*$")
_LOGGED: Final = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?:INFO|DEBUG) *: (.*)")
_ONE_LINE: Final = re.compile(r"\s*[\d.]+ ?\w+ / [\d.]+ ?\w+, (100%|-|\d+%), ")
_OF_OBJECT: Final = re.compile(
    r"(?:^|: )(?:Multi-thread )?(?:Copied \(|Deleted|Moved \(|Renamed|Updated modification time|Unchanged skipping"
    r"|Need to transfer|There was nothing to transfer)"
)
_BEGINS: Final = re.compile(r"(?:rclone: )?(?:Version \".* starting with parameters|Starting bandwidth limiter)")


class RcloneEndings:
    """Watches rclone, which prints the same figures while it works and at its end. At the end nothing is under way, and
    all that was found is done. Another process begins its figures anew.
    """

    def __init__(self) -> None:
        self._last = _Figures()
        self._now: dict[str, int] = {}
        self._busy = self._figures = False

    def sign(self, line: str) -> tuple[Sign, ...]:
        """Returns what a line says, in this order."""
        if (record := json_object(line)) is not None:
            return self._of_record(record)
        if _BLOCK.match(line):
            self._now, self._busy = {}, False
            return (Sign.WORK,)
        if match := _DONE_OF.match(line):
            self._now[match[1]] = whole(match[2])
            self._busy |= whole(match[2]) < whole(match[3])
        elif match := _ERRORS.match(line):
            self._now[match[1]] = whole(match[2])
        elif match := _ELAPSED.match(line):
            figures = _Figures(
                seconds_of(match[1]), *(self._now.get(name, 0) for name in ("Transferred", "Checks", "Errors"))
            )
            return self._figured(figures, busy=self._busy)
        elif _BUSY.match(line):
            return (Sign.WORK,)
        elif match := _LOGGED.match(line):
            if one_line := _ONE_LINE.match(match[1]):
                return (Sign.WORK if one_line[1] not in {"100%", "-"} else Sign.REST,)
            return self._logged(match[1])
        return ()

    def _logged(self, text: str) -> tuple[Sign, ...]:
        """Reads a line of the log. After its last figures rclone may still tell that it tidies up."""
        if self._figures and _BEGINS.match(text):
            self._last, self._figures = _Figures(), False
            return (Sign.ANEW, Sign.WORK)
        return (Sign.WORK,) if not self._figures or _OF_OBJECT.search(text) else ()

    def _of_record(self, record: dict[str, Any]) -> tuple[Sign, ...]:
        stats = child(record, "stats")
        if not stats:
            return self._logged(string(record.get("msg"))) if record.get("level") in {"info", "debug"} else ()
        busy = bool(stats.get("transferring") or stats.get("checking")) or any(
            whole(stats.get(done)) < whole(stats.get(total))
            for done, total in (("transfers", "totalTransfers"), ("checks", "totalChecks"))
        )
        seconds = stats.get("elapsedTime")
        figures = _Figures(
            float(seconds) if isinstance(seconds, int | float) else 0.0,
            *(whole(stats.get(name)) for name in ("transfers", "checks", "errors")),
        )
        return self._figured(figures, busy=busy)

    def _figured(self, figures: _Figures, *, busy: bool) -> tuple[Sign, ...]:
        anew = figures.before(self._last)
        self._last, self._figures = figures, True
        return (Sign.ANEW if anew else Sign.SAME, Sign.WORK if busy else Sign.REST)


def endings_of(tool: str) -> Endings:
    """Returns what watches a run of a tool."""
    if tool == "rclone":
        return RcloneEndings()
    return Marked(tool) if tool in _MARKS else Unmarked()
