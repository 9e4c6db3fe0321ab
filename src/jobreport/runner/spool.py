"""Keeps the reports that could not be delivered yet, one file for each job.

No report is lost, and no report waits for ever, whatever other files are in the folder and whatever other processes use
it.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import filelock
import msgspec

from jobreport import atomic_file
from jobreport.model.job import Job
from jobreport.runner.delivery import Sink
from jobreport.runner.report_file import Entry, age, file_name, read

_LOCK_SECONDS: Final = 10.0
_STALE_SECONDS: Final = 3600.0


class Spool:
    """A folder (mode 0700) with one file (mode 0600) for each job: its newest report. Several processes may use it at
    once.

    Any method raises OSError if the folder cannot be used, also filelock.Timeout, which is an OSError.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.aside = folder / "refused"
        """Where refused reports lie, each with a file that says why."""

    def _path(self, job: Job) -> Path:
        return self.folder / f"{file_name(job.job_id)}.json"

    def put(self, job: Job, sink: Sink) -> None:
        """Writes `job` for `sink` to disk. An older report of the job is replaced; a newer one stays."""
        path = self._path(job)
        self._put(Entry(path=path, job=job, url=sink.address, tenant=sink.tenant, client_id=sink.client_id))

    def _put(self, entry: Entry) -> None:
        self._make(self.folder)
        with self._locked():
            with contextlib.suppress(OSError, ValueError):
                if read(entry.path).job.observed > entry.job.observed:
                    return
            atomic_file.write(entry.path, entry.content())

    def entries(self, warn: Callable[[str], None]) -> Iterator[Entry]:
        """Gives every report that waits, oldest file first. A file that cannot be understood is moved to `refused/`."""
        for path in sorted(self._files(self.folder), key=age):
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
        return len(self._files(self.folder))

    def refused(self) -> Iterator[Entry]:
        """Gives every report that was refused, with the reason, oldest file first. `damaged` has the other files."""
        for path in sorted(self._files(self.aside), key=age):
            with contextlib.suppress(OSError, ValueError):
                yield msgspec.structs.replace(read(path), reason=_text(path.with_suffix(".reason")))

    def damaged(self) -> list[Path]:
        """Returns the files that were put aside because they cannot be understood as reports."""
        understood = {entry.path for entry in self.refused()}
        return sorted(path for path in self._files(self.aside) if path not in understood)

    def count_refused(self) -> int:
        """Returns how many files were put aside: refused reports, and what cannot be understood."""
        return len(self._files(self.aside))

    def wait_again(self, entry: Entry) -> None:
        """Puts a report back among those that wait, with the destination that `entry` has. A newer report of the same
        job that waits already stays.
        """
        self._put(msgspec.structs.replace(entry, path=self._path(entry.job)))
        if entry.path.parent == self.aside:
            self.discard(entry.path)

    def discard(self, path: Path) -> None:
        """Deletes a file that was put aside, and the reason beside it."""
        with self._locked():
            path.unlink(missing_ok=True)
            path.with_suffix(".reason").unlink(missing_ok=True)

    def remove(self, job: Job) -> None:
        """Removes the report of `job`, unless a newer one has replaced it."""
        path = self._path(job)
        with contextlib.suppress(FileNotFoundError, ValueError), self._locked():
            if read(path).job.observed <= job.observed:
                path.unlink()

    def refuse(self, job: Job, reason: str) -> None:
        """Moves the report of `job` to `refused/`, with the reason in a file beside it, unless a newer report has
        replaced it.
        """
        path = self._path(job)
        with contextlib.suppress(FileNotFoundError, ValueError), self._locked():
            if read(path).job.observed <= job.observed:
                self._refuse(path, reason)

    @staticmethod
    def _files(folder: Path) -> list[Path]:
        try:
            names = os.listdir(folder)  # noqa: PTH208 - a glob finds nothing where it may not look
        except FileNotFoundError:
            return []
        return [folder / name for name in names if name.endswith(".json")]

    def _put_aside(self, path: Path, reason: str, warn: Callable[[str], None]) -> None:
        self._refuse(path, reason)
        words = reason.partition(":")[0]
        warn(f"the report {path.name} {words} and was put aside into {self.aside}")

    def _refuse(self, path: Path, reason: str) -> None:
        self._make(self.aside)
        atomic_file.write(self.aside / f"{path.stem}.reason", f"{reason}\n".encode("utf-8", "replace"))
        path.replace(self.aside / path.name)

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


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "unknown"
