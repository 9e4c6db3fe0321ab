"""The kind `borg`: reads the archives of a repository by borg itself, versions 1.1 to 1.4.

They are results: a backup that failed left none, and one that could not read all looks like a good one. What went
through `jobreport run` keeps what the runner said, and gets its archive as reference.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from jobreport.configuration.check import Span
from jobreport.connectors.base import Kind
from jobreport.connectors.command import Limits, check_call
from jobreport.connectors.environment_file import check_no_password, environment
from jobreport.connectors.http_client import secret
from jobreport.connectors.kinds.borg.repository import RIGHT, Repository
from jobreport.model.brings import brings
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.sees import Sees

_OURS: Final = {
    "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",  # nobody can answer its question
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    repository: str = ""
    passphrase_file: str = ""
    environment_file: str = ""
    command: tuple[str, ...] = ("borg",)
    longest: Span = 600

    def __post_init__(self) -> None:
        check_no_password("repository", self.repository, "BORG_REPO")
        if not self.repository and not self.environment_file:
            raise ValueError("it must have a repository, or an environment_file that sets BORG_REPO")
        check_call(self.command, '["borg"]', longest=self.longest)


KEYS: Final = {
    "repository": 'The repository, as borg names it, such as "/srv/borg" or "ssh://borg@nas/./backups"; left out: as '
    "environment_file has it.",
    "passphrase_file": "A file with its passphrase; left out: as environment_file or the environment has it, or none.",
    "environment_file": 'A file with the variables that borg needs, such as BORG_RSH="ssh -i /etc/jobreport/key".',
    "command": 'The program, and options of it; by default ["borg"].',
    "longest": 'How long one call may take; by default "10m".',
}


@contextmanager
def _open(settings: Settings) -> Iterator[Repository]:
    variables = _OURS | environment(settings.environment_file)
    variables["TZ"] = "UTC"  # borg tells times without a zone, so that no file may name another one
    if settings.repository:
        variables["BORG_REPO"] = settings.repository
    if settings.passphrase_file:
        variables["BORG_PASSPHRASE"] = secret("passphrase_file", settings.passphrase_file)
    with TemporaryDirectory(prefix="jobreport-borg-") as own:
        # borg locks its cache even where it does not lock the repository: a backup of this user's would wait for us,
        # and we for it. And what a backup has noted meanwhile of the repository would make what we read look too old.
        variables |= {name: str(Path(own, name)) for name in ("BORG_CACHE_DIR", "BORG_SECURITY_DIR")}
        yield Repository(settings.command, variables, Limits(seconds=settings.longest))


KIND: Final = Kind(
    name="borg",
    about="the archives of a borg repository",
    sees=Sees.RESULTS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=brings((ServiceType.FileShare, JobType.FileBackup)),
    rights=[RIGHT],
)
