"""The settings of a connector of the kind `veeam`, and what each key means."""

import re
from typing import Final
from urllib.parse import urlsplit

import msgspec

from jobreport.configuration.check import Span
from jobreport.connectors.http_client import check_address

VERSIONS: Final = (
    *("1.3-rev2", "1.3-rev1", "1.3-rev0"),
    *("1.2-rev1", "1.2-rev0", "1.1-rev2", "1.1-rev1", "1.1-rev0"),
)
"""The revisions of the API that are known, the newest first: of Backup & Replication 13.1, 13.0.1, 13.0, 12.3.1, 12.3,
12.2, 12.1 and 12.0."""
_VERSION: Final = re.compile(r"\d{1,3}\.\d{1,3}-rev\d{1,3}", re.ASCII)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    url: str
    user: str
    password_file: str
    ca_file: str = ""
    api_version: str = ""
    server: str = ""
    next_runs: bool = True
    remembers: Span = 0

    def __post_init__(self) -> None:
        check_address("url", self.url)
        for key in ("user", "password_file"):
            if not getattr(self, key):
                raise ValueError(f"{key} must not be empty")
        if self.api_version and not _VERSION.fullmatch(self.api_version):
            raise ValueError("api_version must be a revision of the API as Veeam writes them, such as 1.2-rev1")

    @property
    def name(self) -> str:
        """What the server is called in the report."""
        return self.server or urlsplit(self.url).hostname or ""


KEYS: Final = {
    "url": "The address of the backup server's REST API, such as https://veeam.example.com:9419.",
    "user": "The user that signs in, such as VEEAM\\jobreport. The role Backup Viewer is enough.",
    "password_file": "A file with the user's password.",
    "ca_file": "A PEM file with the server's certificate, or with the authority that signed it; by default the usual "
    "authorities.",
    "api_version": "The revision of the API to ask in, such as 1.2-rev1; by default the newest that both sides know.",
    "server": "The server's name in the report, as the resource of its jobs; by default the host of url.",
    "next_runs": "Whether the next run of each job, as the server plans it, is expected of its plan; by default true.",
    "remembers": "How long the server keeps its history, such as 371d; left out: it is taken to keep all.",
}
