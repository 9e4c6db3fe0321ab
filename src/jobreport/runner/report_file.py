"""The file of one report that waits in the spool: the job, and the server, app and tenant that the report is for."""

import hashlib
import os
import re
import stat
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from jobreport.contract.job_document import job_from_wire, job_to_wire
from jobreport.model import ticks
from jobreport.model.errors import InvalidInputError
from jobreport.model.job import Job
from jobreport.runner.delivery import Sink

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_MAX_FILE: Final = 1024 * 1024  # far more than the longest job takes

Difference = Literal["server", "client"]
"""In what a destination can be another than the one for which a report was made."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A report in the spool. `url`, `client_id` and `tenant` say for which destination; one that is empty was not set.

    `reason` says why a server refused the report; empty while it waits.
    """

    path: Path
    job: Job
    url: str = ""
    tenant: str = ""
    client_id: str = ""
    reason: str = ""

    @property
    def destination(self) -> str:
        """The destination of the report, in words."""
        named = (self.url, self.tenant and f"tenant {self.tenant}", self.client_id and f"client ID {self.client_id}")
        return ", ".join(name for name in named if name)

    def differences(self, sink: Sink) -> set[Difference]:
        """Returns in what `sink` is another than the report's destination, apart from the tenant; nothing if it is the
        one.
        """
        differences: set[Difference] = set()
        if self.url not in ("", sink.address):
            differences.add("server")
        if self.client_id not in ("", sink.client_id):
            differences.add("client")
        return differences

    def content(self) -> bytes:
        """Returns what stands in the file."""
        document: dict[str, object] = {"url": self.url}
        if self.tenant:
            document["tenant"] = self.tenant
        if self.client_id:
            document["clientId"] = self.client_id
        return msgspec.json.encode({**document, "job": job_to_wire(self.job)})


def read(path: Path) -> Entry:
    """Returns the report in `path`. Raises OSError if the file cannot be read, ValueError if it
    cannot be understood.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("is no file")
    with open(path, "rb", opener=_at_once) as file:
        content = file.read(_MAX_FILE + 1)
    try:
        document: Any = msgspec.json.decode(content)
    except RecursionError:
        raise ValueError("nests too deep") from None
    if len(content) > _MAX_FILE or not isinstance(document, dict):
        raise ValueError("is no report")
    names = [document.get(name) or "" for name in ("url", "tenant", "clientId")]
    if not all(isinstance(name, str) for name in names):
        raise ValueError("its url, tenant and clientId must be texts")
    job = job_from_wire(document.get("job"), now=ticks.YEAR_2200 - 1)
    if not job.job_id:
        raise InvalidInputError.of("jobId", "is missing")
    return Entry(path=path, job=job, url=names[0], tenant=names[1], client_id=names[2])


def file_name(job_id: str) -> str:
    """Returns the name of the file of a job's report, without `.json`."""
    # Two names that differ in case only are one file on some platforms, so only our own form is used as it is.
    if _PLAIN_NAME.fullmatch(job_id):
        return job_id
    return hashlib.sha256(job_id.encode("utf-8", "surrogatepass")).hexdigest()


def age(path: Path) -> tuple[float, str]:
    """Returns what sorts files from the oldest to the newest."""
    try:
        return path.stat().st_mtime, path.name
    except OSError:
        return 0.0, path.name


def _at_once(path: str, flags: int) -> int:
    """Opens a file without waiting, even if somebody has put a named pipe in its place."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
