"""The kind `backrest`: reads the operations of a Backrest instance, and of those that report to it as their hub."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from jobreport.configuration.check import Span
from jobreport.connectors.base import Kind
from jobreport.connectors.http_client import HttpServer, check_address, secret
from jobreport.connectors.kinds.backrest.instances import RIGHT, Backrest
from jobreport.model import ticks
from jobreport.model.sees import Sees
from jobreport.origins.backrest import BRINGS

_DAY: Final = 86_400


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    url: str
    user: str = ""
    password_file: str = ""
    ca_file: str = ""
    next_runs: bool = True
    remembers: Span = _DAY

    def __post_init__(self) -> None:
        check_address("url", self.url)
        if bool(self.user) != bool(self.password_file):
            raise ValueError("user and password_file belong together: name both, or none where Backrest asks for none")
        if ":" in self.user:
            raise ValueError("user must have no colon, which ends it in what is sent")


KEYS: Final = {
    "url": "The address of Backrest, such as https://backrest.example.com; http only on this machine.",
    "user": "A user of Backrest; left out: it asks for none.",
    "password_file": "A file with the user's password.",
    "ca_file": "A PEM file with the authorities that its certificate may come from; by default the usual ones.",
    "next_runs": "Whether the next backup of each plan is expected of it; by default true, but of a hub none is.",
    "remembers": 'How long it keeps an operation at the least; by default "1d": it keeps a hundred backups of a plan.',
}


@contextmanager
def _open(settings: Settings) -> Iterator[Backrest]:
    headers = _signed(settings) if settings.user else {}
    with HttpServer(settings.url, "Backrest", ca_file=settings.ca_file, headers=headers) as server:
        remembers = settings.remembers * ticks.PER_SECOND
        yield Backrest(server, remembers, next_runs=settings.next_runs, signed=bool(settings.user))


def _signed(settings: Settings) -> dict[str, str]:
    password = secret("password_file", settings.password_file)
    token = base64.b64encode(f"{settings.user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


KIND: Final = Kind(
    name="backrest",
    about="Backrest: the operations of an instance, and of those whose hub it is",
    sees=Sees.RUNS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=BRINGS,
    rights=[RIGHT],
)
