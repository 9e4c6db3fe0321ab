"""Opens the kinds `pve` and `pbs` on the fakes, looks at their streams, and has the records that these have."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from fakes.loopback import serving
from fakes.proxmox_server import TOKEN, BackupServer, Cluster, Proxmox

from jobreport.connectors import kinds
from jobreport.connectors.base import Connector, Look, Page
from jobreport.connectors.configured import Configured
from jobreport.model import ticks
from jobreport.model.job import Job

NOW: Final = ticks.from_iso("2026-03-02T12:00:00Z")
T: Final = (NOW - ticks.UNIX_EPOCH) // ticks.PER_SECOND
"""Now in seconds since 1970."""
NIGHT: Final = T - 10 * 3600
COMMAND: Final = "vzdump 101 102 --storage nas --mode snapshot --quiet 1"
BEGAN: Final = "2026-03-02 03:00:02"
"""When the first guest's backup began, by the clock of the node."""


def guest(number: int, *lines: str, name: str = "web", end: str = "", began: str = BEGAN) -> list[str]:
    """What the log of a task says of a guest."""
    return [
        f"INFO: Starting Backup of VM {number} (qemu)",
        f"INFO: Backup started at {began}",
        "INFO: status = running",
        f"INFO: VM Name: {name}",
        *lines,
        end or f"INFO: Finished Backup of VM {number} (00:02:30)",
    ]


def log(
    *guests: Sequence[str], command: str = COMMAND, end: str = "INFO: Backup job finished successfully"
) -> list[str]:
    """The log of a task that backed up these guests."""
    return [f"INFO: starting new backup job: {command}", *(line for one in guests for line in one), end]


def settings(proxmox: Proxmox, url: str, secret: Path, **more: Any) -> Configured:
    """A connector to the fake at this address."""
    kind = kinds.load(proxmox.product)
    secret.write_text(f"{proxmox.secret}\n")
    told = kind.settings(url=url, token=TOKEN, token_secret_file=str(secret), **more)
    return Configured(name="prod", kind=kind, every=300, tenant="default", settings=told)


@contextmanager
def opened(proxmox: Proxmox, **more: Any) -> Iterator[Connector]:
    """Serves a fake, and opens the connector to it."""
    with TemporaryDirectory() as folder, serving(proxmox) as url:
        one = settings(proxmox, url, Path(folder) / "secret", **more)
        with one.kind.open(one.settings) as connector:
            yield connector


def pages(
    connector: Connector, name: str, *unfinished: Job, since: int = NOW - 30 * ticks.PER_DAY, state: Any = None
) -> list[Page]:
    """What a look at a stream brings."""
    stream = next(one for one in connector.streams() if one.name == name)
    return [*connector.read(stream, Look(since=since, now=NOW, unfinished=unfinished, state=state))]


def jobs(found: Sequence[Page]) -> list[Job]:
    """The jobs of pages."""
    return [job for page in found for job in page.jobs]


def one_job(proxmox: Cluster | BackupServer, **more: Any) -> Job:
    """The only job that a fake has."""
    with opened(proxmox, **more) as connector:
        (job,) = jobs(pages(connector, next(iter(connector.streams())).name))
    return job
