"""The kind `restic`: reads the snapshots of a repository by restic itself.

They are results: a backup that failed left none, and one that could not read all looks like a good one. What went
through `jobreport run` keeps what the runner said, and gets its snapshot as reference.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from jobreport.configuration.check import Span
from jobreport.connectors.base import Kind
from jobreport.connectors.command import Limits, check_call
from jobreport.connectors.environment_file import check_no_password, environment
from jobreport.connectors.http_client import trusted
from jobreport.connectors.kinds.restic.repository import RIGHT, Repository
from jobreport.model.brings import brings
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.sees import Sees


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    repository: str = ""
    password_file: str = ""
    environment_file: str = ""
    ca_file: str = ""
    command: tuple[str, ...] = ("restic",)
    longest: Span = 600

    def __post_init__(self) -> None:
        check_no_password("repository", self.repository, "RESTIC_REPOSITORY")
        if not self.repository and not self.environment_file:
            raise ValueError("it must have a repository, or an environment_file that sets RESTIC_REPOSITORY")
        check_call(self.command, '["restic"]', longest=self.longest)


KEYS: Final = {
    "repository": 'The repository, as restic names it, such as "/srv/restic" or "s3:https://s3.example.com/backups"; '
    "left out: as environment_file has it.",
    "password_file": "A file with its password; left out: as environment_file or the environment has it.",
    "environment_file": 'A file with the variables that restic needs, such as AWS_SECRET_ACCESS_KEY="…".',
    "ca_file": "A PEM file with the authorities that the certificate of its storage may come from.",
    "command": 'The program, and options of it; by default ["restic"].',
    "longest": 'How long one call may take; by default "10m".',
}


@contextmanager
def _open(settings: Settings) -> Iterator[Repository]:
    variables = environment(settings.environment_file)
    if settings.repository:
        variables["RESTIC_REPOSITORY"] = settings.repository
    if settings.password_file:
        variables["RESTIC_PASSWORD_FILE"] = settings.password_file
    options = ("--cacert", settings.ca_file) if settings.ca_file else ()  # older ones know no variable for it
    if settings.ca_file:
        trusted(settings.ca_file)  # restic says of it where in its source it was, and at the end of that nothing else
    yield Repository((*settings.command, *options), variables, Limits(seconds=settings.longest))


KIND: Final = Kind(
    name="restic",
    about="the snapshots of a restic repository",
    sees=Sees.RESULTS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=brings((ServiceType.FileShare, JobType.FileBackup)),
    rights=[RIGHT],
)
