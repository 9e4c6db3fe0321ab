"""What a run of vzdump, the backup of Proxmox VE, tells of itself: in the log of its task, and in messages about it.

A message does not name its task. Both have the command, and of the first guest its name and when its backup began by
the node's own clock, so these are the name by which all tell of the run.
"""

import re
import shlex
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from jobreport.runner.text import size_of

COMMAND: Final = "vzdump "
_DIGEST_BYTES: Final = 4
_BEGINS: Final = "INFO: starting new backup job: "
_STARTS: Final = re.compile(r"INFO: Starting Backup of VM (\d{1,9}) \(", re.ASCII)
_AT_WORDS: Final = "INFO: Backup started at "
_AT: Final = re.compile(rf"{_AT_WORDS}(\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d)", re.ASCII)
_NAMED: Final = re.compile(r"INFO: (?:VM|CT) Name: (.{1,255})")
_SIZE: Final = "INFO: archive file size: "
_WHOLE: Final = re.compile(r"INFO: {1,4}100% \(\d[\d.]{0,20} [KMGTP]?i?B of (\d[\d.]{0,20} [KMGTP]?i?B)\)", re.ASCII)
_SAVED: Final = re.compile(r"INFO: Finished Backup of VM (\d{1,9}) \(", re.ASCII)
_LOST: Final = re.compile(r"ERROR: Backup of VM (\d{1,9}) failed - (.{0,1000})", re.ASCII)
_WARNED: Final = ("WARN: ", "WARNING: ", "ERROR: ")
_MAILED: Final = re.compile(r"(\d{1,9}): (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (.{1,400})", re.ASCII)
_LONGEST: Final = 2_000
_MOST_COMMAND: Final = 1_000
"""Characters of a command that count: messages cut longer lines."""
_MOST_SAID: Final = 20


class TaskLog:
    """The log of a vzdump task, as far as its lines were given to it. However long it is, little of it is kept."""

    def __init__(self) -> None:
        self.command = ""
        self.saved = self.lost = self.size = 0
        self.why: list[str] = []
        """The first guests that were not saved, each with the reason."""
        self.said: list[str] = []
        """The last warnings and errors."""
        self._first = self._began = self._called_first = ""
        self._is_named = False
        self._guest = self._name = ""
        self._begun = self._archive = 0

    def line(self, text: str) -> None:
        """Takes the next line."""
        text = text[:_LONGEST].rstrip()
        if not self.command and text.startswith(_BEGINS):
            self.command = text[len(_BEGINS) :]
        elif started := _STARTS.match(text):
            self._is_named = self._is_named or bool(self._first)
            self._guest, self._name, self._archive = started[1], "", 0
            self._first = self._first or self._guest
            self._begun += 1
        elif at := _AT.fullmatch(text):
            self._began = self._began or at[1]
        elif named := _NAMED.match(text):
            self._name = named[1].strip()
            self._called_first = self._called_first if self._is_named else self._name
            self._is_named = True
        elif text.startswith(_SIZE):
            self._archive = size_of(text[len(_SIZE) :])
        elif whole := _WHOLE.match(text):
            self._archive = size_of(whole[1])
        elif _SAVED.match(text):
            self._is_named = True
            self.saved += 1
            self.size += self._archive
        elif lost := _LOST.match(text):
            self._lose(lost[1], lost[2])
        elif text.startswith(_WARNED):
            self.said = [*self.said, text][-_MOST_SAID:]

    def _lose(self, guest: str, reason: str) -> None:
        self._is_named = True
        self.lost += 1
        if len(self.why) < _MOST_SAID:
            called = self._called() if guest == self._guest else guest
            self.why.append(f"{called} was not backed up: {reason}")

    @property
    def is_there(self) -> bool:
        """Whether the log says anything of the run. Of one that is not kept any more a line says so."""
        return bool(self.command or self._begun or self.lost or self.said)

    @property
    def guests(self) -> int:
        """How many guests were saved, or were not."""
        return self.saved + self.lost

    @property
    def only(self) -> str:
        """The number of the only guest so far, with its name where that is known; empty if there are more, or none."""
        return self._called() if self._begun == 1 and self.guests <= 1 else ""

    def _called(self) -> str:
        return f"{self._guest} ({self._name})" if self._name else self._guest

    def reference(self, node: str) -> str:
        """Returns the name of the run on this node; empty if the log does not tell what that takes, or not yet: what
        the first guest is called stands before its end, and of one that could not begin it is never said.
        """
        if not (node and self.command and self._first and self._began and self._is_named):
            return ""
        return _reference(node, self.command, self._first, self._called_first, self._began)


def reference_in(node: str, lines: Iterable[str]) -> str:
    """Returns the name of a run by a message about it, which ends with the command and the logs of the guests; empty
    if it has none, as with a template of an operator's own. `node` may have its domain.
    """
    log = TaskLog()
    name, began = node.partition(".")[0], ""
    for line in lines:
        if not log.command:
            log.command = line if line.startswith(COMMAND) else ""
        elif told := _MAILED.match(line[:_LONGEST]):
            if not began and _STARTS.match(told[3]):
                began = told[2]
                log.line(told[3])
                log.line(f"{_AT_WORDS}{began}")
            elif began:
                log.line(told[3])
        if found := log.reference(name):
            return found
    return ""


def _reference(node: str, command: str, guest: str, name: str, began: str) -> str:
    """Nodes of two clusters may have one name, and begin at one time: their commands, whose options stand in no order,
    and what their first guests are called, are hardly the same.
    """
    words = " ".join(command.split())[:_MOST_COMMAND]
    digest = blake2b(f"{words} {name}".encode("utf-8", "replace"), digest_size=_DIGEST_BYTES).hexdigest()
    return f"pve:{node}:{guest}:{'T'.join(began.split())}:{digest}"


def options_of(command: str) -> tuple[frozenset[str], dict[str, str]]:
    """Returns the guests that a command names, and its options."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    guests: set[str] = set()
    options: dict[str, str] = {}
    option = ""
    for word in words[1:]:
        if word.startswith("--"):
            option, _, value = word[2:].partition("=")
            options[option] = value
        elif option:
            options[option] = word
            option = ""
        else:
            guests.add(word)
    return frozenset(guests), options


def plan_of(command: str) -> str:
    """Returns what a run is called whose backup job nobody names: where it saves to."""
    _, options = options_of(command)
    target = options.get("storage") or options.get("dumpdir")
    return f"vzdump to {target}" if target else "vzdump"
