"""`jobreport import`: stores the jobs of a file, and says for each refused line what is wrong with it."""

import json
import os
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final

import click
import msgspec

from jobreport import settings
from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.completing import files
from jobreport.cli.options.environment import on_command_line, option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.progress import progress
from jobreport.cli.output.warning import warn

if TYPE_CHECKING:
    from jobreport.intake.parse import Line

_NAMED: Final = 10
"""The most lines with faults that are printed to standard error. Of the others, only the number is printed."""
_SILENT: Final = 1.0
"""Seconds for which opening a file may take before it is said what is waited for."""


@click.command("import")
@click.argument("file", shell_complete=files)
@option(
    "--tenant",
    envvar=settings.TENANT,
    default="default",
    show_default=True,
    help="Whose jobs they are. A new tenant is made.",
)
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the refused lines and their faults to this file, as lines of JSON.",
)
@click.option("--create", is_flag=True, help="Make the store if there is none.")
@json_option
@store_option
@click.pass_context
def import_(
    context: click.Context, file: str, tenant: str, errors: Path | None, create: bool, as_json: bool, store: str | None
) -> None:
    """Stores the jobs of FILE, or of standard input if FILE is -.

    One JSON object a line, or a table whose first row names the fields: CSV, an Excel workbook (xlsx) or Parquet. The
    fields are those of POST /api/jobs. The file may be packed by gzip or zstd. Files of jobreport export are read back
    in all their formats. Each job needs a jobId, so that importing the same file again changes nothing: to continue
    after an interruption, repeat the command. A line with a fault is refused, all others are stored. Ends with 0 if all
    are stored, otherwise with 1.

    \b
    jobreport import jobs.ndjson --tenant acme
    jobreport import history.csv.gz --errors refused.ndjson
    zstdcat old.ndjson.zst | jobreport import - --json
    """
    from jobreport.identity.tenants import TenantError, check_name, ensure
    from jobreport.intake.load import Loaded, load
    from jobreport.intake.parse import parse
    from jobreport.intake.source import Source, UnreadableInputError

    try:
        check_name(tenant)
    except TenantError as error:
        raise click.BadParameter(str(error), param_hint="--tenant") from None
    loaded = Loaded()
    faults = _Faults(errors, file)
    broken = ""
    try:
        with _opened(file) as (raw, size), faults:
            source = Source(raw)
            target = open_chosen_store(store, create=create)
            lines = parse(source, target.clock())
            if target.tenant_id(tenant) is None and on_command_line("tenant"):
                warn(f"there was no tenant {tenant!r}: it is made now. A wrong name? jobreport tenant delete {tenant}")
            number = ensure(target, tenant, by=actor()).number
            with progress("Importing", size) as advance:
                for _ in load(target, number, lines, loaded, faults.add):
                    advance(source.consumed, loaded.stored)
    except TenantError as error:
        raise click.ClickException(str(error)) from None
    except UnreadableInputError as error:
        broken = f"{file}: {error}"
    except KeyboardInterrupt:
        done = f"stopped after line {loaded.line:,}, and stored {counted(loaded.stored, 'job')}"
        warn(f"{done}; to continue, run the same command again")
        context.exit(130)
    faults.conclude()
    if broken:
        warn(broken)
    if as_json:
        click.echo(json.dumps({"jobs": loaded.stored, **msgspec.structs.asdict(loaded), "complete": not broken}))
    else:
        click.echo(
            f"{counted(loaded.stored, 'job')}: {loaded.created:,} created, {loaded.updated:,} updated, "
            f"{loaded.unchanged:,} unchanged; {counted(loaded.refused, 'line')} refused"
        )
    if broken or loaded.refused:
        context.exit(1)


@contextmanager
def _opened(file: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Opens the file, and gives it with its length in bytes; None if the length cannot be known."""
    if file == "-":
        if sys.stdin is None:
            raise click.ClickException("standard input cannot be read: it is closed")
        yield sys.stdin.buffer, None
        return
    try:
        with _told_of_waiting(file):
            raw = Path(file).open("rb")  # noqa: SIM115 - errors of its use are not errors of opening it
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from None
    with raw:
        yield raw, os.fstat(raw.fileno()).st_size or None


@contextmanager
def _told_of_waiting(file: str) -> Iterator[None]:
    """Says what is waited for if opening the file takes long: a FIFO is open only when a program writes into it."""
    timer = threading.Timer(_SILENT, warn, [f"{file} is a pipe into which no program writes yet: waiting for one"])
    timer.daemon = True
    if stat.S_ISFIFO(Path(file).stat().st_mode):
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


class _Faults:
    """Reports the faults of lines: the first ones on standard error, all of them into the file named by --errors."""

    def __init__(self, path: Path | None, read: str) -> None:
        """Takes the path of --errors, and that of the file that is read."""
        self._path, self._read, self._found = path, read, 0
        self._out: IO[bytes] | None = None

    def __enter__(self) -> None:
        try:
            if self._path and self._path.exists() and self._read != "-" and self._path.samefile(self._read):
                raise click.BadParameter(f"{self._path} is the file that is read.", param_hint="--errors")
            self._out = self._path.open("wb") if self._path else None
        except OSError as error:
            raise click.BadParameter(f"{self._path}: {error.strerror}", param_hint="--errors") from None

    def __exit__(self, *_: object) -> None:
        if self._out:
            with self._writing():
                self._out.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise click.ClickException(f"{self._path} cannot be written: {error.strerror}") from None

    def add(self, line: "Line") -> None:
        """Reports what is wrong with a line (or with the lines of one CSV record), or why its job is doubtful."""
        if line.doubt:
            self._tell(line, "", line.doubt)
        for fault in line.faults:
            self._tell(line, fault.field, fault.message)

    def _tell(self, line: "Line", field: str, message: str) -> None:
        self._found += 1
        if self._found <= _NAMED:
            where = f"line {line.number}" if line.last == line.number else f"lines {line.number} to {line.last}"
            warn(f"{where}: {f'{field} ' if field else ''}{message}")
        if self._out:
            entry = {"line": line.number, "lastLine": line.last, "field": field, "message": message}
            with self._writing():
                self._out.write(msgspec.json.encode(entry) + b"\n")

    def conclude(self) -> None:
        """Says how many more faults there are than were reported on standard error."""
        if self._found > _NAMED:
            where = f"{self._path} has them all" if self._path else "--errors FILE lists all"
            warn(f"and {self._found - _NAMED:,} more: {where}")
