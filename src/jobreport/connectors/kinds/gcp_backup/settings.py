"""The settings of a connector of the kind `gcp-backup`, and what each key means."""

import re
from typing import Final

import msgspec

from jobreport.configuration.check import Span
from jobreport.connectors.http_client import check_address

JOBS: Final = "backup-and-dr"
APPLIANCES: Final = "appliances"
DATABASES: Final = "cloud-sql"
LISTS: Final = (JOBS, DATABASES, APPLIANCES)
_USUAL: Final = (JOBS, DATABASES)
_PROJECT: Final = re.compile(r"(?:[a-z0-9.-]{1,80}:)?[a-z][a-z0-9-]{4,29}", re.ASCII)
_MONTH: Final = 30 * 86_400


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    project: str
    lists: tuple[str, ...] = _USUAL
    credentials_file: str = ""
    remembers: Span = _MONTH
    logging_url: str = "https://logging.googleapis.com"
    sql_url: str = "https://sqladmin.googleapis.com"

    def __post_init__(self) -> None:
        if not _PROJECT.fullmatch(self.project):
            raise ValueError("project must be a project's ID, such as backups-prod; not its number")
        if not self.lists or len(set(self.lists)) < len(self.lists) or not set(self.lists) <= set(LISTS):
            raise ValueError(f"lists must name some of {', '.join(LISTS)}, each once")
        check_address("logging_url", self.logging_url)
        check_address("sql_url", self.sql_url)


KEYS: Final = {
    "project": "The ID of the project.",
    "lists": f"What is read: {', '.join(LISTS)}; by default {' and '.join(_USUAL)}. Of appliances there are only "
    "failures in the log.",
    "credentials_file": "A file with a service account's key; left out: they are found as Google's library does: "
    "by GOOGLE_APPLICATION_CREDENTIALS, gcloud's, those of the machine.",
    "remembers": "How long the log is kept; by default 30d, as in the bucket _Default.",
    "logging_url": "Another address of Cloud Logging, such as a private endpoint.",
    "sql_url": "Another address of the Cloud SQL Admin API.",
}
