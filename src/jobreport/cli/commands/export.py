"""`jobreport export`: writes all jobs of a question into one file. The file appears only when it is complete."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import OneOf
from jobreport.cli.options.flag_messages import refused
from jobreport.cli.options.night import night_option, with_night
from jobreport.cli.options.query import given, query_options
from jobreport.cli.options.read_from import connected, is_server, opened, reading_options
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.file import output_file
from jobreport.cli.output.progress import progress, received
from jobreport.cli.output.unseen import tell, unseen_by_server, unseen_in_store
from jobreport.contract.job_row import Row
from jobreport.contract.query_language import FILTERS, SORT, Pairs, list_query, read
from jobreport.export.batches import ExportError, Result
from jobreport.export.formats import FORMAT, FORMATS
from jobreport.export.recount import Lines, jobs_in
from jobreport.model.errors import InvalidInputError
from jobreport.model.query import JobQuery

_LINES: Final = ("csv", "ndjson")
_SUFFIXES: Final = {".jsonl": "ndjson", **{f".{name}": name for name in FORMATS}}
_OUT: Final = Path("-")


Tell = Callable[[int], None]


class _Source(NamedTuple):
    """The number of jobs, and the pieces of the file with them. `tells`: while it is read, it reports how many jobs are
    in it so far. `unseen`: what connectors cannot see, in sentences.
    """

    total: int
    pieces: Callable[[Tell], Iterator[bytes]]
    tells: bool
    unseen: list[str]


@click.command()
@query_options(*FILTERS, SORT)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    required=True,
    metavar="FILE",
    help="The file, which is replaced where there is one; - is standard output.",
)
@click.option(
    "--format", "form", type=OneOf(FORMATS), help="The form of the file. By default the end of its name decides."
)
@night_option
@json_option
@reading_options
def export(*, output: Path, form: str | None, as_json: bool, **options: Any) -> None:
    """Writes all jobs that match into one file: CSV, lines of JSON, an Excel workbook or Parquet.

    Asks the server of --url; without one, reads the store. The file shows all jobs as they were at one moment. It
    appears only when it is complete: if the export breaks off, there is no file, and the exit code is 1.

    \b
    jobreport export --since 365d -o jobs.xlsx
    jobreport export --state Failed,Exception --since 30d -o failed.csv
    jobreport export --night last -o night.xlsx
    jobreport export --format ndjson -o - | jq -r .plan
    """
    form = form or _SUFFIXES.get(output.suffix.lower())
    if form is None:
        raise click.UsageError(f"--format is needed: -o {output} does not end with one of {', '.join(_SUFFIXES)}.")
    options = with_night(options)
    pairs = given(options, *FILTERS, SORT)
    try:
        query = list_query(read(pairs, (*FILTERS, SORT)))
    except InvalidInputError as error:
        raise refused(error) from None
    try:
        with _source(options, query, form, pairs) as source:
            _write(source, form, output)
    except ExportError as error:
        raise click.ClickException(str(error)) from None
    total = source.total
    if as_json:
        click.echo(json.dumps({"file": str(output), "format": form, "jobs": total}), err=output == _OUT)
    else:
        click.echo(f"{counted(total, 'job')} in {output}", err=output == _OUT)
    tell(source.unseen)


@contextmanager
def _source(options: Mapping[str, Any], query: JobQuery, form: str, pairs: Pairs) -> Iterator[_Source]:
    if is_server(options):
        asked = [(FORMAT.name, form), *pairs]
        with connected(options) as client, client.export(asked) as download:
            unseen = unseen_by_server(client, download.completeness)
            yield _Source(download.total, lambda _: download.pieces, tells=False, unseen=unseen)
        return
    encode = FORMATS[form].encoder()
    store, tenant = opened(options)
    with store.stream_jobs(tenant, query) as found:

        def pieces(tell: Tell) -> Iterator[bytes]:
            return encode(Result(found.total, found.now, _told(found.batches(), tell)))

        yield _Source(found.total, pieces, tells=True, unseen=unseen_in_store(store, tenant))


def _told(batches: Iterator[list[Row]], tell: Tell) -> Iterator[list[Row]]:
    read_so_far = 0
    for batch in batches:
        yield batch
        read_so_far += len(batch)
        tell(read_so_far)


def _write(source: _Source, form: str, output: Path) -> None:
    """Writes the file. If it has not exactly the announced number of jobs, raises ClickException and leaves no file."""
    lines = Lines(form) if form in _LINES else None
    counted = lines is not None or source.tells
    bar = progress("Exporting", source.total, counted=True) if counted else received("Receiving", source.total)
    with bar as advance:

        def pieces() -> Iterator[bytes]:
            size = 0
            for piece in source.pieces(lambda jobs: advance(jobs, jobs)):
                yield piece
                size += len(piece)
                if lines:
                    lines.add(piece)
                    advance(lines.jobs, lines.jobs)
                elif not counted:
                    advance(size, source.total)

        if output == _OUT:
            out = sys.stdout.buffer
            out.writelines(pieces())
            out.flush()
            _judge(source.total, lines.jobs if lines else None)
            return
        with output_file(output) as (file, path):
            file.writelines(pieces())
            file.flush()
            _judge(source.total, lines.jobs if lines else jobs_in(form, path))


def _judge(total: int, found: int | None) -> None:
    if found not in (None, total):
        raise click.ClickException(f"the file has {found:,} jobs, and not the {total:,} that were announced")
