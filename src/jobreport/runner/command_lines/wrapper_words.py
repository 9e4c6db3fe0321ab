"""Tells the messages of a wrapper (`sudo: a password is required`) from those of the command that it starts.

A wrapper that could not start the command, or ended it, says so under its own name and ends with an exit code of its
own.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.runner.command_lines.command import program_name
from jobreport.runner.command_lines.wrappers import CONTAINERS

# What systemd-run and time print beside the command's own words.
_ASIDE: Final = re.compile(
    r"Running (?:as unit|scope as unit|as)|Finished with result: |Main processes terminated with: |Service runtime: "
    r"|CPU time consumed: |Memory peak: |IO bytes |IP traffic |Press \^\] three times"
    r"|Command exited with non-zero status |[\d.]+user [\d.]+system |\d+inputs\+\d+outputs"
    r"|(?:real|user|sys)\s+\d+m?[\d.,]+s?$"
)
_CONTAINER_WORDS: Final = re.compile(
    r"Error response from daemon|Error: (?:No such|no |unable to|can only|container |statfs )"
    r"|OCI runtime |Unable to find image|Cannot connect to the Docker daemon"
    r"|Trying to pull |Using default tag|[\w.]+: Pulling |Digest: |Status: "
)
_WARNING: Final = re.compile(r"unable to resolve host|: warning: ")
_SYSTEMD_WORDS: Final = re.compile(r"Failed to (?:connect to|start|create|talk|query)|Job for \S+ failed")
_PYTHON_WORDS: Final = re.compile(r"Traceback \(most recent call last\)|(?:Import|ModuleNotFound)Error: ")
_SUDO_WORDS: Final = re.compile(r"\[sudo\] |Sorry, try again")


def is_aside(line: str, names: Sequence[str]) -> bool:
    """Returns whether one of the wrappers `names` printed this beside the command's output, and it does not concern the
    result: the figures of systemd-run and time, and needless warnings of sudo and shells.
    """
    if _ASIDE.match(line.lstrip()):
        return True
    return _WARNING.search(line) is not None and is_their_word(line, names)


def is_their_word(line: str, names: Sequence[str]) -> bool:
    """Returns whether one of the wrappers `names`, not the command, printed this: `sudo: a password is required`."""
    speaker = program_name(re.split(r"[:\[]", line, maxsplit=1)[0].rstrip().removesuffix(" (deleted)"))
    if ":" in line and speaker in names:
        return True
    if "sudo" in names and _SUDO_WORDS.match(line):
        return True
    if "systemd-run" in names and _SYSTEMD_WORDS.match(line):
        return True
    if _PYTHON_WORDS.match(line) and any(name.startswith("py") for name in names):
        return True
    if "cmd" in names and re.match(r"[\"']\S+[\"'] ", line):
        return True
    return not CONTAINERS.isdisjoint(names) and _CONTAINER_WORDS.match(line) is not None
