"""Where an installed service keeps its files: the same places as the Debian package and the example units have."""

from pathlib import Path
from typing import Final

SETTINGS: Final = Path("/etc/jobreport")
SERVER_ENV: Final = SETTINGS / "server.env"
"""The settings of the service."""
RUNNER_ENV: Final = SETTINGS / "runner.env"
"""The settings of what reports from this machine: the server's address, and the app to sign in as."""
CLIENT_SECRET: Final = SETTINGS / "client-secret"
DATA: Final = Path("/var/lib/jobreport")
STORE: Final = f"sqlite:///{DATA}/jobs.db"
SPOOL: Final = Path("/var/lib/jobreport-spool")
UNITS: Final = Path("/etc/systemd/system")
"""Units that an administrator, or this program, has written."""
PACKAGED_UNITS: Final = (Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))
CRON: Final = Path("/etc/cron.d")
SYSTEMD: Final = Path("/run/systemd/system")
"""A folder that is there while systemd runs, see sd_booted(3)."""
UNIT: Final = "jobreport.service"
FLUSH: Final = ("jobreport-flush.service", "jobreport-flush.timer")
USER: Final = "jobreport"
HIDDEN: Final = (Path("/home"), Path("/root"), Path("/run/user"), Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - not used
"""Folders of which the service's unit sees nothing."""
