"""Reads the server of Duplicati on one machine: each of its backups is a stream, for each has a log of its own.

The log is a table in the backup's own database. It is read newest first, in pages of "rows before this number". It
cannot be read while an operation uses the database. When the database is created again, its numbers begin again.
"""

from collections.abc import Hashable, Iterator
from datetime import UTC
from typing import Any, Final, TypeVar

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.http_client import AnsweredError, HttpServer, UnauthorizedError
from jobreport.connectors.kinds.duplicati.records import Backup, Row, ended_badly, error_of, job_of, next_run_of
from jobreport.connectors.paging import Answer, walk
from jobreport.connectors.refusals import readable
from jobreport.model import ticks

T = TypeVar("T")
RIGHT: Final = Right(name="the password of Duplicati's server", without="all of its backups")
REMEMBERS: Final = 30 * ticks.PER_DAY
"""How long Duplicati keeps a log, unless it is told otherwise (`--log-retention`)."""
_PAGE: Final = 100
_MACHINE_ID: Final = "machine-id"
_MACHINE: Final = "machine-name"
_BUSY: Final = ticks.PER_DAY
"""For so long a log may be in use, before that is no data."""


class Setting(msgspec.Struct, rename="pascal"):
    """An option: of a backup with its value, of the server with what it is if nobody sets it."""

    name: str | None = None
    value: str | None = None
    default_value: str | None = None


class Entry(msgspec.Struct, rename="pascal"):
    """A backup in the server's list."""

    id: str = msgspec.field(name="ID")
    name: str = ""
    is_temporary: bool = False
    metadata: dict[str, str] | None = None
    settings: tuple[Setting, ...] | None = None


class Listed(msgspec.Struct, rename="pascal"):
    """A backup, which has a schedule beside it."""

    backup: Entry


class System(msgspec.Struct, rename="pascal"):
    """What of the server's own description is looked at."""

    machine_name: str = ""
    options: tuple[Setting, ...] = ()


class Due(msgspec.Struct):
    """When a backup, by its number, begins next."""

    backup: str = msgspec.field(name="Item1")
    at: str = msgspec.field(name="Item2")


class State(msgspec.Struct, rename="pascal"):
    """What of the server's state is looked at."""

    proposed_schedule: tuple[Due, ...] = ()


class Active(msgspec.Struct, rename="pascal"):
    """Whether a backup runs, or waits to."""

    active: bool = False


class LogPosition(msgspec.Struct, frozen=True):
    """How far a log was read: its newest row, by its number and its time; when the last row ended that is not good, and
    when it was last read (ticks).
    """

    id: int = 0
    timestamp: int = 0
    bad: int = 0
    read: int = 0

    def is_of(self, row: Row) -> bool:
        """Whether this is the row that was the newest."""
        return (row.id, row.timestamp) == (self.id, self.timestamp)


class Duplicati:
    """Duplicati's server. `next_runs`: those of its backups are announced."""

    def __init__(self, server: HttpServer, *, next_runs: bool) -> None:
        self._server, self._next_runs = server, next_runs

    def streams(self) -> Iterator[Stream]:
        """Returns each backup that the server knows."""
        found = _decoded(self._server.get("api/v1/backups", "the backups").body, tuple[Listed, ...], "the backups")
        about = _decoded(self._server.get("api/v1/systeminfo", "the system").body, System, "the system")
        due = self._due() if self._next_runs else {}
        for one in found:
            if not one.backup.is_temporary:
                backup = _backup(one.backup, about, due.get(one.backup.id, 0))
                yield Stream(name=backup.number, remembers=REMEMBERS, announces=True, about=backup)

    def _due(self) -> dict[str, int]:
        """Returns when backups begin next (ticks), by their numbers."""
        state = _decoded(self._server.get("api/v1/serverstate", "its state").body, State, "its state")
        return {one.backup: _time(one.at) for one in state.proposed_schedule}

    def rights(self) -> list[Right]:
        """Asks whether it takes the password. Duplicati knows no other right."""
        try:
            self._server.get("api/v1/systeminfo", "the system")
        except UnauthorizedError:
            return [msgspec.structs.replace(RIGHT, held=False)]
        return [msgspec.structs.replace(RIGHT, held=True)]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the jobs of the rows that are new, the last error if none of them tells it, and the next run."""
        backup: Backup = stream.about
        before = msgspec.convert(look.state, LogPosition) if isinstance(look.state, dict) else LogPosition()
        yield Page(next_runs=next_run_of(backup))
        newest: Row | None = None
        bad = before.bad
        try:
            for rows, is_last in self._new(backup, before):
                newest = newest or next(iter(rows), None)
                jobs, refused = readable(rows, lambda row: job_of(row, backup))
                bad = max([bad, *map(ended_badly, jobs)])
                yield Page(jobs=jobs, refused=refused)
                if is_last:
                    break
        except AnsweredError as error:
            self._must_be_in_use(backup, before, look, error)
            return
        if backup.error >= look.now - REMEMBERS and (failed := error_of(backup, bad)):
            yield Page(jobs=[failed])
        mark = LogPosition(newest.id, newest.timestamp) if newest else before
        yield Page(state=msgspec.to_builtins(msgspec.structs.replace(mark, bad=bad, read=look.now)))

    def _new(self, backup: Backup, before: LogPosition) -> Iterator[tuple[list[Row], bool]]:
        """Gives the rows that were not there at the last look, page by page, and whether that was all."""
        what = f"the log of {backup.name}"

        def ask(number: Hashable | None) -> Answer[Row]:
            path = f"api/v1/backup/{backup.number.removeprefix('DB-')}/log"
            answered = self._server.get(path, what, pagesize=_PAGE, offset=number)
            rows = _decoded(answered.body, list[Row], what)
            return Answer(rows, rows[-1].id if len(rows) >= _PAGE else None)

        for rows in walk(ask, what):
            new: list[Row] = []
            for row in rows:
                if before.is_of(row):
                    yield new, True
                    return
                new.append(row)
            yield new, False

    def _must_be_in_use(self, backup: Backup, before: LogPosition, look: Look, error: AnsweredError) -> None:
        """Raises CannotReadError, unless the log cannot be read because an operation has the database."""
        path = f"api/v1/backup/{backup.number.removeprefix('DB-')}/isactive"
        if error.status in {401, 403, 404}:
            raise error
        if not _decoded(self._server.get(path, "whether it runs").body, Active, "whether it runs").active:
            raise error
        if not before.read:
            raise CannotReadError(f"{backup.name} runs, and its log can be read when that has ended") from None
        if look.now - before.read > _BUSY:
            since = ticks.to_iso(before.read, digits=0)
            raise CannotReadError(
                f"{backup.name} runs since {since} at the latest, and its log cannot be read"
            ) from None


def _backup(entry: Entry, about: System, next_run: int) -> Backup:
    own, options = entry.settings or (), about.options
    metadata = entry.metadata or {}
    return Backup(
        number=f"DB-{entry.id}",
        name=entry.name,
        machine_id=_value(own, _MACHINE_ID, "value") or _value(options, _MACHINE_ID, "default_value"),
        machine=_value(own, _MACHINE, "value") or _value(options, _MACHINE, "default_value") or about.machine_name,
        error=_time(metadata.get("LastErrorDate", "")),
        why=metadata.get("LastErrorMessage", ""),
        next_run=next_run,
    )


def _value(settings: tuple[Setting, ...], name: str, which: str) -> str:
    """Returns an option as it is set; empty if it is not."""
    named = (one for one in settings if (one.name or "").removeprefix("--") == name)
    return next((getattr(one, which) or "" for one in named), "")


def _time(text: str) -> int:
    """Returns a time such as 20260302T220431Z or 2026-03-02T22:04:31Z in ticks; 0 if it is none."""
    try:
        return ticks.check(ticks.from_iso(text, zone=UTC))
    except ValueError:
        return 0


def _decoded(body: bytes, form: type[T], what: str) -> T:
    try:
        return msgspec.json.decode(body, type=form)
    except (ValueError, RecursionError) as error:
        raise CannotReadError(f"Duplicati's answer is not understood, asked for {what}: {str(error)[:200]}") from None


def sign_in(server: HttpServer, password: str) -> dict[str, str]:
    """Returns the headers of a session of a quarter of an hour. Raises CannotReadError."""
    document: dict[str, Any] = {"Password": password, "RememberMe": False}
    answered = server.once(
        *("POST", "api/v1/auth/login", "to sign in"),
        content=msgspec.json.encode(document),
        headers={"Content-Type": "application/json"},
    )
    token = _decoded(answered.body, dict[str, Any], "to sign in").get("AccessToken")
    if not isinstance(token, str) or not token:
        raise CannotReadError("Duplicati's answer to the password has no AccessToken: it is a version before 2.1")
    return {"Authorization": f"Bearer {token}"}
