"""The kind `gcp-backup`: reads the backups of a Google project: Backup and DR's from its log, and Cloud SQL's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from jobreport.connectors.base import Kind
from jobreport.connectors.extra import needed
from jobreport.connectors.http_client import HttpServer
from jobreport.connectors.kinds.gcp_backup.project import Project
from jobreport.connectors.kinds.gcp_backup.rights import RIGHTS
from jobreport.connectors.kinds.gcp_backup.settings import KEYS, Settings
from jobreport.model.sees import Sees
from jobreport.origins.google_backup import BRINGS

EXTRA: Final = "gcp"


@contextmanager
def _open(settings: Settings) -> Iterator[Project]:
    with needed(EXTRA):
        from jobreport.connectors.kinds.gcp_backup.credentials import Credentials
    sign_in = Credentials(settings.credentials_file).sign_in
    with (
        HttpServer(settings.logging_url, "Cloud Logging", sign_in=sign_in) as logging,
        HttpServer(settings.sql_url, "Cloud SQL", sign_in=sign_in) as sql,
    ):
        yield Project(logging, sql, settings)


KIND: Final = Kind(
    name="gcp-backup",
    about="Google Cloud: Backup and DR by its log, and Cloud SQL",
    sees=Sees.RUNS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=BRINGS,
    rights=RIGHTS,
    extra=EXTRA,
)
