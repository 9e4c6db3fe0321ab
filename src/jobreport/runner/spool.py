"""Keeps the reports that could not be delivered yet, one file for each job.

No report is lost, and no report waits for ever, whatever other files are in the folder and whatever other processes use
it.
"""

import contextlib
import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final, Literal

import filelock
import msgspec

from jobreport import atomic_file
from jobreport.contract.job_document import job_from_wire, job_to_wire
from jobreport.model import ticks
from jobreport.model.errors import InvalidInputError
from jobreport.model.job import Job
from jobreport.runner.delivery import DeliveryError, RefusedError, Sink

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_LOCK_SECONDS: Final = 10.0
_STALE_SECONDS: Final = 3600.0
_MAX_FILE: Final = 1024 * 1024  # far more than the longest job takes


Difference = Literal["server", "tenant", "client"]
"""In what a destination can be another than the one for which a report was made."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A report that waits. `url`, `tenant`, `client_id` say for which destination; if empty, any
    sender may deliver it.
    """

    path: Path
    job: Job
    url: str = ""
    tenant: str = ""
    client_id: str = ""

    @property
    def destination(self) -> str:
        """The destination for which the report waits, in words."""
        named = (self.url, self.tenant and f"tenant {self.tenant}", self.client_id and f"client ID {self.client_id}")
        return ", ".join(name for name in named if name)

    def differences(self, sink: Sink) -> set[Difference]:
        """Returns in what `sink` is another than the report's destination; nothing if it is the one."""
        differences: set[Difference] = set()
        if self.url not in ("", sink.address):
            differences.add("server")
        if self.tenant not in ("", sink.tenant):
            differences.add("tenant")
        if self.client_id not in ("", sink.client_id):
            differences.add("client")
        return differences


class Flushed(msgspec.Struct, kw_only=True):
    """The result of a flush: how many reports were delivered, refused or left, and why some were left (empty: none
    was).
    """

    delivered: int = 0
    refused: int = 0
    reason: str = ""


class Spool:
    """A folder (mode 0700) with one file (mode 0600) for each job: its newest report. Several processes may use it at
    once.

    Any method raises OSError if the folder cannot be used, also filelock.Timeout, which is an OSError.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, job: Job, sink: Sink) -> None:
        """Writes `job` for `sink` to disk. An older report of the job is replaced; a newer one stays."""
        document: dict[str, object] = {"url": sink.address}
        if sink.tenant:
            document["tenant"] = sink.tenant
        if sink.client_id:
            document["clientId"] = sink.client_id
        content = msgspec.json.encode({**document, "job": job_to_wire(job)})
        self._make(self.folder)
        path = self.folder / f"{_file_name(job.job_id)}.json"
        with self._locked():
            with contextlib.suppress(OSError, ValueError):
                if read(path).job.observed > job.observed:
                    return
            atomic_file.write(path, content)

    def entries(self, warn: Callable[[str], None]) -> Iterator[Entry]:
        """Gives every report that waits, oldest file first. A file that cannot be understood is moved to `refused/`."""
        for path in sorted(self._files(), key=_age):
            try:
                yield read(path)
            except OSError as error:
                if path.is_symlink():
                    self._put_aside(path, "leads to nothing that can be read", warn)
                elif not isinstance(error, FileNotFoundError):  # else another process has just delivered it
                    warn(f"cannot read the report {path}: {error.strerror or error}")
            except ValueError as error:
                self._put_aside(path, f"cannot be understood: {error}", warn)

    def waiting(self) -> bool:
        """Returns whether any report waits."""
        return self.count() > 0

    def count(self) -> int:
        """Returns how many reports wait."""
        return len(self._files())

    def remove(self, job: Job) -> None:
        """Removes the report of `job`, unless a newer one has replaced it."""
        path = self.folder / f"{_file_name(job.job_id)}.json"
        with contextlib.suppress(FileNotFoundError, ValueError), self._locked():
            if read(path).job.observed <= job.observed:
                path.unlink()

    def refuse(self, job: Job, reason: str) -> None:
        """Moves the report of `job` to `refused/`, with the reason in a file beside it, unless a newer report has
        replaced it.
        """
        path = self.folder / f"{_file_name(job.job_id)}.json"
        with contextlib.suppress(FileNotFoundError, ValueError), self._locked():
            if read(path).job.observed <= job.observed:
                self._refuse(path, reason)

    def _files(self) -> list[Path]:
        try:
            names = os.listdir(self.folder)  # noqa: PTH208 - a glob finds nothing where it may not look
        except FileNotFoundError:
            return []
        return [self.folder / name for name in names if name.endswith(".json")]

    def _put_aside(self, path: Path, reason: str, warn: Callable[[str], None]) -> None:
        self._refuse(path, reason)
        words = reason.partition(":")[0]
        warn(f"the report {path.name} {words} and was put aside into {self.folder / 'refused'}")

    def _refuse(self, path: Path, reason: str) -> None:
        aside = self.folder / "refused"
        self._make(aside)
        atomic_file.write(aside / f"{path.stem}.reason", f"{reason}\n".encode("utf-8", "replace"))
        path.replace(aside / path.name)

    @contextlib.contextmanager
    def flushing(self, timeout: float) -> Iterator[bool]:
        """Gives whether this process may flush now. Waits up to `timeout` seconds for another process that flushes."""
        if not self.folder.is_dir():
            yield True
            return
        lock = filelock.FileLock(self.folder / ".flush.lock", mode=0o600, thread_local=False)
        try:
            lock.acquire(timeout=timeout)
        except filelock.Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def sweep(self) -> None:
        """Removes the incomplete files that a crash left."""
        for path in self.folder.glob(atomic_file.PARTIAL_FILES):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink()

    def _locked(self) -> contextlib.AbstractContextManager[object]:
        return filelock.FileLock(self.folder / ".lock", timeout=_LOCK_SECONDS, mode=0o600)

    @staticmethod
    def _make(folder: Path) -> None:
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)


def flush(
    spool: Spool,
    sink: Sink,
    warn: Callable[[str], None],
    *,
    ignored: AbstractSet[Difference] = frozenset(),
    skip: str = "",
    wait: float = 0,
) -> Flushed:
    """Delivers each report that waits for `sink`, except that of the job `skip`. Waits up to `wait` seconds for another
    flush to end. A report for a destination that is another only in what is `ignored` is delivered, too.

    Stops at the first report that cannot be delivered now. Safe while other flushes and runs work: a report that is
    delivered twice counts once, and only a delivered report is removed. Raises OSError if the folder cannot be used.
    """
    result = Flushed()
    with spool.flushing(wait) as ours:
        if not ours:
            return Flushed(reason="another process is delivering them")
        spool.sweep()
        for entry in spool.entries(warn):
            if entry.job.job_id == skip:
                continue
            if differences := entry.differences(sink) - ignored:
                said = f"made for {entry.destination}, and this is another"
                result.reason = result.reason or f"{said}{_how_to_deliver(differences)}"
                continue
            try:
                sink.send(entry.job)
            except RefusedError as error:
                spool.refuse(entry.job, str(error))
                warn(f"the report of job {entry.job.job_id} was refused and put aside: {error}")
                result.refused += 1
            except DeliveryError as error:
                result.reason = str(error)
                break
            else:
                spool.remove(entry.job)
                result.delivered += 1
    return result


def _how_to_deliver(differences: AbstractSet[Difference]) -> str:
    """Returns how a report can be delivered in spite of `differences`: nothing for another tenant's."""
    if "tenant" in differences:
        return ""
    options = " ".join(f"--any-{difference}" for difference in sorted(differences))
    return f"; `jobreport flush {options}` delivers it all the same"


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


def _at_once(path: str, flags: int) -> int:
    """Opens a file without waiting, even if somebody has put a named pipe in its place."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _file_name(job_id: str) -> str:
    # Two names that differ in case only are one file on some platforms, so only our own form is used as it is.
    if _PLAIN_NAME.fullmatch(job_id):
        return job_id
    return hashlib.sha256(job_id.encode("utf-8", "surrogatepass")).hexdigest()


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except OSError:
        return 0.0, path.name
