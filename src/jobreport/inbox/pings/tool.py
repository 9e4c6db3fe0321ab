"""Finds the tool whose output a body contains: the one that the inbox names, or one whose form is recognised.

A form counts only if no other program prints it, such as an object with restic's `message_type`, or rsync's statistics.
Anything else is read as the output of any command.
"""

import re
import shlex
from collections.abc import Sequence
from typing import Any, Final

from jobreport.runner.text import json_object, string
from jobreport.runner.tools.base import Tool
from jobreport.runner.tools.known import GENERIC, TOOLS, recognise

_USUAL: Final[dict[str, tuple[str, ...]]] = {
    "restic": ("restic", "backup"),
    "borg": ("borg", "create"),
    "borgmatic": ("borgmatic",),
    "duplicity": ("duplicity",),
    "rclone": ("rclone", "copy"),
    "rsync": ("rsync", "-a"),
    "robocopy": ("robocopy",),
    "tar": ("tar", "-cv"),
    "azcopy": ("azcopy", "copy"),
    "aws s3": ("aws", "s3", "sync"),
    "postgres": ("pg_dump",),
    "git": ("git", "fetch"),
    "pgbackrest": ("pgbackrest", "backup"),
    "barman": ("barman", "backup"),
    "mysqldump": ("mysqldump",),
    "kopia": ("kopia", "snapshot", "create"),
    "resticprofile": ("resticprofile", "backup"),
    "duplicati": ("duplicati-cli", "backup"),
    "vzdump": ("vzdump",),
    "proxmox-backup-client": ("proxmox-backup-client", "backup"),
}
"""What each tool mostly does, where only its name is known."""
FAILED: Final = {"borg": 2, "duplicati": 100, "robocopy": 16, "tar": 2}
"""The exit status of a failure that a ping does not name. Of most tools it is 1; of these that is less."""
ON_STDERR: Final = frozenset({"postgres", "aws s3", "mysqldump"})
"""Tools that say what went wrong on standard error alone. In a body both streams are one."""
_COUNTING: Final = {
    "restic": ("backup",),
    "borg": ("create",),
    "rclone": ("copy", "sync", "move"),
    "azcopy": ("copy", "sync"),
    "rsync": (),
    "robocopy": (),
}
"""What tools count whatever they have done, if they are asked to (`--stats`, `-v`); nothing behind: always."""
_RESTIC: Final = frozenset({"status", "summary", "verbose_status", "error", "exit_error"})
_BORG: Final = frozenset({"archive_progress", "file_status"})
_FORMS: Final = tuple(
    (re.compile(form), command)
    for form, command in (
        (
            r"Files:\s+\d+ new,\s+\d+ changed,\s+\d+ unmodified$|snapshot [0-9a-f]{8,64} saved$"
            r"|using parent snapshot [0-9a-f]{8,64}$|no parent snapshot found, will read all files$"
            r"|\[\d+:\d\d(?::\d\d)?\]\s+[\d.]+%\s+\d+ files ",
            _USUAL["restic"],
        ),
        (r"Summary: Restored \d+ ", ("restic", "restore")),
        (
            r"Fatal: (?:unable to |wrong password |all (?:source|target) |nothing to backup|cannot |could not "
            r"|failed to |repository |create (?:repository|key) |an empty password |invalid |parsing |Please specify "
            r"|Resolving |Options? |Password |config |snapshot |no (?:snapshot|repository)|.* do(?:es)? not exist)",
            _USUAL["restic"],
        ),
        (
            r"(?:unable to create lock in backend: )?repository is already locked (?:exclusively )?by PID \d+ on "
            r"|the `unlock` command can be used to remove |Warning: at least one source file could not be read"
            r"|signal \w+ received, cleaning up$",
            _USUAL["restic"],
        ),
        (
            r"rsync (?:error|warning): .+ \(code \d+\)|rsync: (?:\[\w+\] )?.*\b(?:failed|errors?|denied|refused|closed"
            r"|unknown|not known|No such|No space|Broken pipe|timed out|cannot|can't|[Uu]nable|did not|mismatch|invalid"
            r"|overflow|out of memory|killed|unexpected)\b|rsync: (?:\[\w+\] )?.+\(\d+\)$"
            r"|(?:\[\w+\] )?io timeout after \d+ seconds -- exiting|@ERROR: |file has vanished: "
            r"|IO error encountered -- skipping file deletion",
            _USUAL["rsync"],
        ),
        (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?:ERROR|NOTICE|INFO|DEBUG|CRITICAL) *: ", _USUAL["rclone"]),
        (r"tar: (?:Exiting with failure status|Removing leading )", _USUAL["tar"]),
        (r"pg_(?:dump|dumpall|basebackup|restore): error: ", _USUAL["postgres"]),
        (r"(?:Repository .+ does not exist\.|Failed to create/acquire the lock .+)$", _USUAL["borg"]),
        (r"Archive fingerprint: [0-9a-f]{64}$", _USUAL["borg"]),
        (r"\s{4}\"archive\": \{$", _USUAL["borg"]),
        (r"[\d.]+ \w+ O [\d.]+ \w+ C [\d.]+ \w+ D \d+ N ", _USUAL["borg"]),
        (r"Number of files: [\d.,]+ \(reg: ", _USUAL["rsync"]),
        (r"(?:sending|receiving) incremental file list$", _USUAL["rsync"]),
        (r"\s*[\d.,]+[KMGT]?\s+\d+%\s+[\d.,]+\wB/s\s+\d+:\d\d:\d\d(?:\s|$)", _USUAL["rsync"]),
        (r"[<>c][fLDS](?:\+{9}|[.?c][.?sTtpoguax+]{8}) \S", _USUAL["rsync"]),
        (r"sent [\d.,]+\w? bytes\s+received [\d.,]+\w? bytes\s+[\d.,]+\w? bytes/sec$", _USUAL["rsync"]),
        (r"(?:.*NOTICE:\s*)?Transferred:\s+[\d.]+ ?\w+ / [\d.]+ ?\w+, .*ETA ", _USUAL["rclone"]),
        (r"[\d.]+ %, \d+ Done, \d+ Failed, |\s*Final Job Status: ", _USUAL["azcopy"]),
        (r"-+\[ Backup Statistics \]-+$", _USUAL["duplicity"]),
        (r"[\d-]{10} [\d:.]{8,15} P\d+ +INFO: \S+ command (?:begin|end)", _USUAL["pgbackrest"]),
        (r"Starting backup using \S+ method for server \S+ in ", _USUAL["barman"]),
        (r"(?:mysqldump|mariadb-dump): Got error: \d+: ", _USUAL["mysqldump"]),
        (r"Created(?: partial)? snapshot with root \S+ and ID ", _USUAL["kopia"]),
        (r"INFO: starting new backup job: vzdump ", _USUAL["vzdump"]),
        (r"Starting backup protocol: ", _USUAL["proxmox-backup-client"]),
        (r"\s+ROBOCOPY\s+::\s+Robust File Copy for Windows", _USUAL["robocopy"]),
        (r"(?:.+: )?(?:Running actions for repository$|Pinging Healthchecks \w+$)", _USUAL["borgmatic"]),
    )
)
_MOST_LOOKED_AT: Final = 1_000
"""Characters of a line in which a form is looked for."""
_ANY: Final = re.compile("|".join(form.pattern for form, _ in _FORMS))
_BORG_OBJECT: Final = "{"


def command_of(text: str) -> tuple[str, ...]:
    """Returns the command that a text names, such as `restic` or `rclone sync`.

    Raises ValueError, which names the tools that there are, if it names none.
    """
    words = tuple(shlex.split(text))
    if not words:
        raise ValueError("name a tool, such as restic or rclone sync")
    if usual := _USUAL.get(" ".join(words)):
        return usual
    if recognise(words) is GENERIC:
        known = ", ".join(name for name in TOOLS if name != GENERIC.name)
        raise ValueError(f"{words[0]!r} is no tool that is known; there are {known}")
    return words


def tool_of(command: Sequence[str]) -> Tool:
    """Returns the tool that a command runs."""
    return recognise(command)


def shown_by(line: str) -> tuple[str, ...]:
    """Returns the command in whose own form a line is; nothing if it may be anybody's."""
    if line.startswith(_BORG_OBJECT) and (message := json_object(line)) is not None:
        return _shown_by_object(message)
    if not _ANY.match(line, 0, _MOST_LOOKED_AT):
        return ()
    return next((command for form, command in _FORMS if form.match(line, 0, _MOST_LOOKED_AT)), ())


def counts_always(command: Sequence[str]) -> bool:
    """Returns whether the output of a command that has done its work counts something."""
    tool = tool_of(command)
    actions = _COUNTING.get(tool.name)
    return actions is not None and (not actions or not {*actions}.isdisjoint(command))


def ends_always(command: Sequence[str]) -> bool:
    """Returns whether a command says in any case that it has come to its end, also if it has shown no work before."""
    return tool_of(command).name == "restic" and "backup" in command


def _shown_by_object(message: dict[str, Any]) -> tuple[str, ...]:
    if message.get("message_type") in _RESTIC:
        restores = "files_restored" in message
        return ("restic", "restore") if restores else _USUAL["restic"]
    named = string(message.get("name"))
    if message.get("type") in _BORG or (message.get("type") == "log_message" and named.startswith("borg.")):
        return _USUAL["borg"]
    if isinstance(message.get("archive"), dict) and "repository" in message:
        return _USUAL["borg"]
    if isinstance(message.get("stats"), dict) and string(message.get("source")).startswith("accounting/"):
        return _USUAL["rclone"]
    if {"TimeStamp", "MessageType", "MessageContent"} <= message.keys():
        return _USUAL["azcopy"]
    return ()
