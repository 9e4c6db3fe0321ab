"""The kind `duplicati`: reads the logs of the backups that Duplicati's server on one machine has."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import msgspec

from jobreport.connectors.base import Kind
from jobreport.connectors.http_client import HttpServer, check_address, secret
from jobreport.connectors.kinds.duplicati.server import RIGHT, Duplicati, sign_in
from jobreport.model.sees import Sees
from jobreport.origins.duplicati import BRINGS


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    url: str
    password_file: str
    ca_file: str = ""
    next_runs: bool = True

    def __post_init__(self) -> None:
        check_address("url", self.url)


KEYS: Final = {
    "url": "The address of Duplicati's server, such as http://127.0.0.1:8200; http only on this machine.",
    "password_file": "A file with the password of its web page.",
    "ca_file": "A PEM file with the authorities that its certificate may come from; by default the usual ones.",
    "next_runs": "Whether the next run of each backup, by its schedule, is expected of it; by default true. Say false "
    "for a machine that is often off then.",
}


@contextmanager
def _open(settings: Settings) -> Iterator[Duplicati]:
    password = secret("password_file", settings.password_file)
    signing_in = partial(sign_in, password=password)
    with HttpServer(settings.url, "Duplicati", ca_file=settings.ca_file, sign_in=signing_in) as server:
        yield Duplicati(server, next_runs=settings.next_runs)


KIND: Final = Kind(
    name="duplicati",
    about="Duplicati's server on a machine: the log of each of its backups",
    sees=Sees.RUNS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=BRINGS,
    rights=[RIGHT],
)
