"""Lists the backup tools whose runs can be read, and finds out which of them a command line runs.

A tool is recognised by the name of its program, also behind `sudo`, `timeout`, a container or `sh -c`.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.runner.command_lines.command import program_name
from jobreport.runner.command_lines.wrappers import unwrap
from jobreport.runner.tools.aws_s3 import AwsS3, is_s3
from jobreport.runner.tools.azcopy import Azcopy
from jobreport.runner.tools.barman import Barman
from jobreport.runner.tools.base import Tool
from jobreport.runner.tools.borg import Borg
from jobreport.runner.tools.borgmatic import Borgmatic
from jobreport.runner.tools.duplicati import PROGRAMS as DUPLICATIS
from jobreport.runner.tools.duplicati import Duplicati
from jobreport.runner.tools.duplicity import Duplicity
from jobreport.runner.tools.generic import Generic
from jobreport.runner.tools.git import Git
from jobreport.runner.tools.kopia import Kopia
from jobreport.runner.tools.mysqldump import PROGRAMS as DUMPS
from jobreport.runner.tools.mysqldump import Mysqldump
from jobreport.runner.tools.pgbackrest import PgBackRest
from jobreport.runner.tools.postgres import PROGRAMS, Postgres
from jobreport.runner.tools.proxmox_backup_client import ProxmoxBackupClient
from jobreport.runner.tools.rclone import Rclone
from jobreport.runner.tools.restic import Restic
from jobreport.runner.tools.resticprofile import Resticprofile
from jobreport.runner.tools.robocopy import Robocopy
from jobreport.runner.tools.rsync import Rsync
from jobreport.runner.tools.tar import Tar
from jobreport.runner.tools.vzdump import Vzdump

GENERIC: Final[Tool] = Generic()
TOOLS: Final[dict[str, Tool]] = {
    tool.name: tool
    for tool in (
        *(Restic(), Borg(), Borgmatic(), Resticprofile(), Kopia(), Duplicity(), Duplicati()),
        *(Rclone(), Rsync(), Robocopy(), Tar(), Vzdump(), ProxmoxBackupClient()),
        *(Azcopy(), AwsS3(), Postgres(), PgBackRest(), Barman(), Mysqldump(), Git(), GENERIC),
    )
}
"""Every tool by its name; `generic` is the one for any other command."""

_PROGRAMS: Final[dict[str, str]] = {
    **{name: name for name in TOOLS if name not in {"aws s3", "postgres", GENERIC.name}},
    "borg2": "borg",
    **dict.fromkeys(("gtar", "bsdtar"), "tar"),
    "aws": "aws s3",
    **dict.fromkeys(PROGRAMS, "postgres"),
    **dict.fromkeys(DUMPS, Mysqldump.name),
    **dict.fromkeys(DUPLICATIS, Duplicati.name),
}
# Releases are named `restic_0.18.0_linux_amd64`, `borg-linux64`, `azcopy_linux_amd64_10.32`, `pg_dump-15`.
_RELEASE: Final = re.compile(
    r"([-_.](v?\d[\w.]*|linux\w*|darwin\w*|macos\w*|freebsd\w*|windows\w*|win\d*|amd64|arm\w*|i?386|x86|x64|static|glibc\d*))+$"
)


def recognise(argv: Sequence[str]) -> Tool:
    """Returns the tool that `argv` runs, also behind sudo, env, nice, timeout and the like; if none is known, the
    generic one.
    """
    command = unwrap(argv)
    program = program_name(command[0]) if command else ""
    name = _PROGRAMS.get(program) or _PROGRAMS.get(_RELEASE.sub("", program))
    if name is None or (name == "aws s3" and not is_s3(command)):
        return GENERIC
    return TOOLS[name]


def tool_named(name: str) -> Tool:
    """Returns the tool of this name (case, `-` and blanks do not matter). Raises ValueError that
    names the known tools.
    """
    wanted = _bare(name.casefold())
    for known, tool in TOOLS.items():
        if _bare(known) == wanted:
            return tool
    raise ValueError(f"no tool is named {name!r}; there are {', '.join(TOOLS)}")


def _bare(name: str) -> str:
    return re.sub(r"[-_ ]", "", name)
