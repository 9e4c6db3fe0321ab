"""Finds out from a command line whether the command writes data to its standard output.

A dump, the content of a file or a list must not be read: a row of a table may say "terminated by user", and reading a
hundred megabytes takes seconds.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from jobreport.runner.command_lines.command import Options, parse, program_name
from jobreport.runner.command_lines.options import (
    AWS_S3,
    AZCOPY,
    BARMAN,
    BORG,
    DUPLICATI,
    GIT,
    KOPIA,
    MYSQLDUMP,
    PGBACKREST,
    PROXMOX_BACKUP_CLIENT,
    RCLONE,
    RESTIC,
    RESTICPROFILE,
    RSYNC,
    VZDUMP,
)
from jobreport.runner.command_lines.wrappers import unwrap
from jobreport.runner.tools.base import StdoutUse, Tool
from jobreport.runner.tools.generic import Generic
from jobreport.runner.tools.known import recognise
from jobreport.runner.tools.postgres import Postgres
from jobreport.runner.tools.tar import Tar


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RESTIC: Final = frozenset({"dump", "cat", "ls", "list", "find", "diff", "version", "options", "features", "key"})
_BORG: Final = frozenset({"list", "info", "diff", "serve", "with-lock", "key", "config", "debug", "version", "help"})
_BORGMATIC: Final = frozenset({"list", "rlist", "repo-list", "info", "rinfo", "repo-info", "borg", "config", "key"})
_RCLONE: Final = _words(
    "cat ls lsl lsd lsf lsjson tree size hashsum md5sum sha1sum config listremotes obscure reveal link rc rcd serve "
    "backend version about help gendocs completion"
)
_AZCOPY: Final = frozenset({"list", "ls", "jobs", "env", "doc", "login"})
_PGBACKREST: Final = frozenset({"info", "repo-ls", "repo-get", "version", "help"})
_BARMAN: Final = _words(
    "list-backup list-backups list-server list-servers list-files list-process list-processes show-backup show-backups "
    "show-server show-servers get-wal sync-info diagnose help"
)
_KOPIA: Final = _words("show cat list ls content blob index manifest object logs policy server user benchmark")
_PBS: Final = _words("list snapshot snapshots status catalog key version login logout mount map benchmark task")
_DUPLICATI: Final = _words("list find compare search affected help system-info list-filesets list-file-versions")
_RESTICPROFILE: Final = _words("show generate profiles schedule unschedule status self-update version random-key help")
# git tells its messages on stderr; what these say on stdout is little, and about the run.
_GIT_MESSAGES: Final = _words(
    "clone fetch pull push remote gc repack prune fsck submodule lfs annex svn checkout switch init commit add merge "
    "maintenance"
)


def _restic(given: Options, action: str, words: Sequence[str]) -> bool:
    return action in _RESTIC and not (action == "dump" and given.has("-t", "--target"))


def _borg(given: Options, action: str, words: Sequence[str]) -> bool:
    return action in _BORG or given.has("--stdout") or (action == "export-tar" and "-" in words)


def _rclone(given: Options, action: str, words: Sequence[str]) -> bool:
    return action in _RCLONE


def _rsync(given: Options, action: str, words: Sequence[str]) -> bool:
    # With --server it is the other end of a connection, which is its stdout; with one place alone it lists that.
    return given.has("--server", "--list-only", "--daemon") or not words


def _azcopy(given: Options, action: str, words: Sequence[str]) -> bool:
    ways = given.first("--from-to").lower()
    one_place = action in {"copy", "cp"} and len(words) == 1 and not ways.startswith("pipe")
    return ways.endswith("pipe") or one_place or action in _AZCOPY


def _aws_s3(given: Options, action: str, words: Sequence[str]) -> bool:
    return bool(words) and (words[0] in {"ls", "presign"} or words[-1] == "-")


def _git(given: Options, action: str, words: Sequence[str]) -> bool:
    if action == "bundle":
        return words[:1] == ["create"] and "-" in words
    return action not in _GIT_MESSAGES


def _borgmatic(given: Options, action: str, words: Sequence[str]) -> bool:
    return action in _BORGMATIC or (action == "export-tar" and given.first("--destination") == "-")


def _pgbackrest(given: Options, action: str, words: Sequence[str]) -> bool:
    return action in _PGBACKREST or (action == "archive-get" and "-" in words)


def _barman(given: Options, action: str, words: Sequence[str]) -> bool:
    return action in _BARMAN or given.first("-f", "--format") == "json"


def _mysqldump(given: Options, action: str, words: Sequence[str]) -> bool:
    return not given.has("-r", "--result-file", "-T", "--tab")


def _kopia(given: Options, action: str, words: Sequence[str]) -> bool:
    return action in _KOPIA or bool({"list", "ls", "estimate"} & set(words[:1]))


def _vzdump(given: Options, action: str, words: Sequence[str]) -> bool:
    return given.has("--stdout", "-s")  # `-stdout` is taken for letters


def _proxmox_backup_client(given: Options, action: str, words: Sequence[str]) -> bool:
    return action in _PBS or (action == "restore" and words[-1:] == ["-"])


def _duplicati(given: Options, action: str, words: Sequence[str]) -> bool:
    return action in _DUPLICATI


def _resticprofile(given: Options, action: str, words: Sequence[str]) -> bool:
    command = action.rpartition(".")[2]
    return command in _RESTICPROFILE or _restic(given, command, words)


_DATA: Final[dict[str, tuple[frozenset[str], Callable[[Options, str, Sequence[str]], bool]]]] = {
    "restic": (RESTIC, _restic),
    "borg": (BORG, _borg),
    "borgmatic": (frozenset({"--destination"}), _borgmatic),
    "rclone": (RCLONE, _rclone),
    "rsync": (RSYNC, _rsync),
    "azcopy": (AZCOPY, _azcopy),
    "aws s3": (AWS_S3, _aws_s3),
    "git": (GIT, _git),
    "pgbackrest": (PGBACKREST, _pgbackrest),
    "barman": (BARMAN, _barman),
    "mysqldump": (MYSQLDUMP, _mysqldump),
    "kopia": (KOPIA, _kopia),
    "vzdump": (VZDUMP, _vzdump),
    "proxmox-backup-client": (PROXMOX_BACKUP_CLIENT, _proxmox_backup_client),
    "duplicati": (DUPLICATI, _duplicati),
    "resticprofile": (RESTICPROFILE, _resticprofile),
}
"""For each tool its options that take a value, and whether a command of it writes data."""

_PROGRAM: Final = {"postgres": "pg_", "aws s3": "aws"}
"""What the names of a tool's programs have in them, where it is not the tool's own."""

# Programs that no tool of ours reads: the options that lead their output elsewhere, or those that lead it to stdout.
_TO_STDOUT_UNLESS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("cat", "zcat", "xzcat", "bzcat", "zstdcat", "cpio"), frozenset({"-F", "--file"})),
    "curl": frozenset({"-o", "-O", "--output", "--remote-name", "--remote-name-all", "-T", "--upload-file"}),
    "openssl": frozenset({"-o"}),
    **dict.fromkeys(("gpg", "gpg2", "age"), frozenset({"-o", "--output"})),
    "slapcat": frozenset({"-l"}),
    "sqlite3": frozenset(),
}
_TO_STDOUT_WITH: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("gzip", "pigz", "bzip2", "pbzip2", "xz", "zstd", "lz4"), frozenset({"-c", "--stdout"})),
    **dict.fromkeys(("xtrabackup", "mariabackup", "mariadb-backup", "innobackupex"), frozenset({"--stream"})),
}
_TAR_WORDS: Final = 50  # among these its options are; the files may be very many
_TO_STDOUT_BY_WORD: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "zfs": (frozenset({"send"}), frozenset()),
    "btrfs": (frozenset({"send"}), frozenset({"-f"})),
    **dict.fromkeys(("docker", "podman"), (frozenset({"save", "export"}), frozenset({"-o", "--output"}))),
}

# Measured with the tools: on a full disk for messages all of these finish their backup. tar and borg then say so.
_WITHOUT_MESSAGES: Final = {"restic": 0, "rclone": 0, "rsync": 0, "git": 0, "tar": 2, "borg": 2}


def code_without_messages(tool: Tool) -> int:
    """Returns the exit code with which `tool` ends by itself if all went well, but its messages on standard output
    could not be written. It is 1 for a tool of which that is not known.
    """
    return _WITHOUT_MESSAGES.get(tool.name, 1)


def stdout_use(tool: Tool, argv: Sequence[str]) -> StdoutUse:
    """Returns what `argv`, read as a command of `tool`, writes to its standard output."""
    known = recognise(argv)
    if known.name != Generic.name:
        return _of_tool(known.name, unwrap(argv))
    if tool.name == Generic.name:
        return StdoutUse.DATA if _is_data(unwrap(argv)) else StdoutUse.UNKNOWN
    # A script around the tool. That it is read was ordered; not so where it plainly shows that it writes data.
    inner = unwrap(argv, _PROGRAM.get(tool.name, tool.name))
    if recognise(inner).name == tool.name:
        return _of_tool(tool.name, inner)
    # PostgreSQL's programs say all that is read on stderr; a script may have led that to stdout.
    return StdoutUse.UNKNOWN if tool.name == Postgres.name else StdoutUse.MESSAGES


def _of_tool(name: str, command: Sequence[str]) -> StdoutUse:
    """Returns what a tool's own program, without wrappers, writes to its standard output."""
    if name == Postgres.name:
        verifies = program_name(command[0]).startswith("pg_verifybackup")
        return StdoutUse.MESSAGES if verifies else StdoutUse.DATA
    if name == Tar.name:
        return StdoutUse.DATA if _tar(command[1:]) else StdoutUse.MESSAGES
    if name not in _DATA:  # robocopy and duplicity write none
        return StdoutUse.MESSAGES
    valued, writes_data = _DATA[name]
    given = parse(command[1:], valued)
    action, *words = given.words or [""]
    return StdoutUse.DATA if writes_data(given, action, words) else StdoutUse.MESSAGES


def _is_data(command: Sequence[str]) -> bool:
    """Returns whether a program that is not one of our tools writes data."""
    program = program_name(command[0]) if command else ""
    given = parse(command[1:], frozenset())
    if program == "dd":
        return not any(word.startswith("of=") for word in given.words)
    if program == "mongodump":
        return "" in given.options.get("--archive", [])
    if program in _TO_STDOUT_UNLESS:
        return not given.has(*_TO_STDOUT_UNLESS[program])
    if program in _TO_STDOUT_BY_WORD:
        actions, elsewhere = _TO_STDOUT_BY_WORD[program]
        return not actions.isdisjoint(given.words[:2]) and not given.has(*elsewhere)
    return given.has(*_TO_STDOUT_WITH.get(program, ()))


def _tar(arguments: Sequence[str]) -> bool:
    """Returns whether tar writes an archive, or files from an archive, to stdout."""
    first, *more = arguments or [""]
    bundles = [first.removeprefix("-"), *(word[1:] for word in more if re.match(r"-\w", word))]  # also `tar cf - /srv`
    letters = "".join(bundle.partition("f")[0] for bundle in bundles if not bundle.startswith("-"))
    if "c" in letters or "--create" in arguments:
        file = re.search(r"(?:^|\s)(?:-?[A-Za-z]*f\s*|--file[= ])(\S+)", " ".join(arguments[:_TAR_WORDS]))
        return file is None or file[1] == "-"
    return "O" in letters or "--to-stdout" in arguments
