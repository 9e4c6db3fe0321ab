"""The kind `kopia`: reads the snapshots of a repository by kopia itself, and the tasks of its server, if there is one.

Snapshots are results: one that failed left none. Only a server knows what failed, and forgets it soon.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import msgspec

from jobreport.configuration.check import Span
from jobreport.connectors.base import Kind
from jobreport.connectors.command import Limits, check_call
from jobreport.connectors.environment_file import environment
from jobreport.connectors.http_client import check_address, secret
from jobreport.connectors.kinds.kopia.repository import RIGHT, Repository
from jobreport.connectors.kinds.kopia.server import RIGHT as SERVER_RIGHT
from jobreport.connectors.kinds.kopia.server import Server
from jobreport.model import ticks
from jobreport.model.brings import brings
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.sees import Sees

_OURS: Final = {
    "KOPIA_SEND_ERROR_NOTIFICATIONS": "never",  # that we cannot read it is told by us
    "KOPIA_CHECK_FOR_UPDATES": "false",
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    config_file: str = ""
    password_file: str = ""
    environment_file: str = ""
    command: tuple[str, ...] = ("kopia",)
    longest: Span = 600
    server_url: str = ""
    server_user: str = "kopia"
    server_password_file: str = ""
    ca_file: str = ""
    remembers: Span = 86_400

    def __post_init__(self) -> None:
        check_call(self.command, '["kopia"]', longest=self.longest)
        if self.server_url:
            check_address("server_url", self.server_url)
        if bool(self.server_url) != bool(self.server_password_file):
            raise ValueError("server_url and server_password_file must be there together")
        if self.ca_file and not self.server_url:
            raise ValueError("ca_file is for server_url, which is missing")


KEYS: Final = {
    "config_file": "The file by which kopia is connected to the repository, made by `kopia repository connect "
    "--config-file`; left out: that of the user.",
    "password_file": "A file with the password of the repository; left out: as kopia has kept it.",
    "environment_file": 'A file with the variables that kopia needs, such as AWS_SECRET_ACCESS_KEY="…".',
    "command": 'The program, and options of it; by default ["kopia"].',
    "longest": 'How long one call may take; by default "10m".',
    "server_url": "The address of the repository's server, such as https://kopia.example.com:51515, for what fails; "
    "http only on this machine. Left out: failures are not seen.",
    "server_user": 'The user of its pages (`--server-username`); by default "kopia".',
    "server_password_file": "A file with the password of that user.",
    "ca_file": "A PEM file with the server's certificate, or with the authorities that it may come from.",
    "remembers": 'How long the server keeps its tasks at the least; by default "1d": it keeps fifty.',
}


@contextmanager
def _open(settings: Settings) -> Iterator[Repository]:
    variables = _OURS | environment(settings.environment_file)
    if settings.password_file:
        variables["KOPIA_PASSWORD"] = secret("password_file", settings.password_file)
    if settings.config_file:
        variables["KOPIA_CONFIG_PATH"] = settings.config_file
    with ExitStack() as held:
        server = None
        if settings.server_url:
            password = secret("server_password_file", settings.server_password_file)
            server = Server(
                settings.server_url,
                settings.server_user,
                password,
                ca_file=settings.ca_file,
                remembers=settings.remembers * ticks.PER_SECOND,
            )
            held.enter_context(server)
        yield Repository(settings.command, variables, Limits(seconds=settings.longest), server)


KIND: Final = Kind(
    name="kopia",
    about="the snapshots of a kopia repository, and the tasks of its server",
    sees=Sees.RESULTS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=brings(
        (ServiceType.FileShare, JobType.FileBackup),
        (ServiceType.FileShare, JobType.FileRestore),
        (ServiceType.FileShare, JobType.Retention),
    ),
    rights=[RIGHT, SERVER_RIGHT],
)
