"""Each form of a file: what is read back by other programs is what was written, whatever the texts."""

import io
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from jobreport.contract.formula_guard import guarded, unguarded
from jobreport.export import as_parquet, as_xlsx
from jobreport.export.batches import CountMismatchError, Result
from jobreport.export.formats import FORMATS as KNOWN
from jobreport.export.recount import Lines, jobs_in
from jobreport.model.job import Job
from long import times
from reading import EVERY, FORMATS, TEXTS, TIMES, by_duckdb, cut, expected, lines, row
from strategies import NOW, jobs

ODD = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "'",
    "'=1",
    "＝1",  # noqa: RUF001 - they are meant
    '=HYPERLINK("http://x";"y")',
    "_x0041_",
)
LAWS = settings(max_examples=times(25), deadline=None)


@st.composite
def odd_jobs(draw: st.DrawFn) -> Job:
    """A job with texts that a spreadsheet may take for something else."""
    job = draw(jobs())
    names = draw(st.sets(st.sampled_from(("job_id", "comments", "description", "plan", "resource", "origin"))))
    return job.evolve(**{name: draw(st.sampled_from(ODD)) for name in names})


def result(found: list[Job], batch: int = 1000, total: int | None = None) -> Result:
    rows = [row(job) for job in found]
    batches = [rows[at : at + batch] for at in range(0, len(rows), batch)]
    return Result(len(rows) if total is None else total, NOW, batches)


def encoded(form: str, found: Result) -> bytes:
    return b"".join(KNOWN[form].encoder()(found))


@pytest.mark.parametrize("form", FORMATS)
@LAWS
@given(found=st.lists(odd_jobs(), max_size=6), batch=st.integers(1, 4))
def test_any_jobs_are_read_back_as_they_were(form: str, found: list[Job], batch: int) -> None:
    file = encoded(form, result(found, batch))
    with tempfile.TemporaryDirectory() as folder:
        read = lines(form, file, Path(folder))
    assert [cut(line, form) for line in read] == [approximate(cut(expected(job, NOW), form), form) for job in found]


def approximate(line: dict[str, object], form: str) -> dict[str, object]:
    """A length of years, in seconds, has fewer digits left behind the point; a workbook's numbers have 15 in all.

    openpyxl rounds the fraction of a day to a millisecond, which for half of one may be this or the next.
    """
    near: dict[str, Any] = {"durationSeconds": {"rel": 1e-14}}
    if form == "xlsx":
        moment = {"abs": 1, "rel": 0}
        near = {"bytes": {"rel": 1e-14}, **dict.fromkeys(TIMES, moment), "durationSeconds": {"abs": 0.0011}}
    return {name: pytest.approx(value, **near[name]) if name in near else value for name, value in line.items()}


@pytest.mark.parametrize("form", FORMATS)
def test_every_code_is_told_by_its_name(form: str, tmp_path: Path) -> None:
    read = lines(form, encoded(form, result(EVERY)), tmp_path)
    assert [(line["serviceType"], line["jobType"], line["state"]) for line in read] == [
        (job.service.name, job.type.name, job.state.name) for job in EVERY
    ]


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_duckdb_reads_what_was_written_and_takes_times_for_times(form: str, tmp_path: Path) -> None:
    jobs_ = [
        job.evolve(
            start=NOW - 10_000_000_000,
            finish=NOW if job.state.finished else 0,
            size=3_000_000_000,
            plan="nightly",
            observed=NOW,
        )
        for job in EVERY
    ]
    path = tmp_path / f"jobs.{form}"
    path.write_bytes(encoded(form, result(jobs_)))
    read = by_duckdb(path, form)
    for line in read:
        line.update({name: line[name] or "" for name in TEXTS})
    assert [cut(line, "parquet") for line in read] == [cut(expected(job, NOW), "parquet") for job in jobs_]


@pytest.mark.parametrize("form", FORMATS)
def test_result_without_jobs_is_still_a_file_of_its_form(form: str, tmp_path: Path) -> None:
    assert lines(form, encoded(form, result([])), tmp_path) == []


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("total", [2, 4, 0])
def test_other_number_than_announced_is_an_error_and_no_file(form: str, total: int, tmp_path: Path) -> None:
    pieces: list[bytes] = []
    with pytest.raises(CountMismatchError, match="jobreport check --repair"):
        pieces.extend(KNOWN[form].encoder()(result(EVERY[:3], total=total)))
    if form in ("xlsx", "parquet"):
        (tmp_path / "file").write_bytes(b"".join(pieces))
        assert jobs_in(form, tmp_path / "file") == 0


# The guard


FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
PASSED_OVER = ' "\xa0\u3000\u200b\ufeff\x0b\x1f\u2028'
HOSTILE = st.text(st.sampled_from(f"{FORMULA}{PASSED_OVER};,\t\r\n'a1"), max_size=12)


def begins_a_formula(text: str) -> list[str]:
    """The cells that begin a formula, wherever a spreadsheet of any country splits the text."""
    cells = re.split(r"[;\t\r\n]", text)
    return [cell for cell in cells if cell.lstrip(PASSED_OVER).startswith(tuple(FORMULA))]


@settings(max_examples=500)
@given(st.text() | st.sampled_from(ODD) | HOSTILE)
def test_guarded_text_begins_no_formula_anywhere_and_the_guard_comes_off_exactly(text: str) -> None:
    cell = guarded(text)
    assert begins_a_formula(cell) == []
    assert not cell.startswith(("\t", "\r", "\n"))
    assert unguarded(cell) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a\t=1", "a\t'=1"),
        ("a\n+1", "a\n'+1"),
        ("\xa0=1", "'\xa0=1"),
        ('a; "=1"', 'a;\' "=1"'),
        ("x\uff1d1", "x\uff1d1"),
        ("\u3000\uff1d1", "'\u3000\uff1d1"),
        ("\u061c=1", "'\u061c=1"),
        ("a;\u3164\ufe0f=1", "a;'\u3164\ufe0f=1"),
        ("it's; a-b", "it's; a-b"),
        ("'", "''"),
    ],
)
def test_guard_stands_before_what_would_be_a_formula(text: str, cell: str) -> None:
    assert guarded(text) == cell


@LAWS
@given(st.lists(jobs(), max_size=3), HOSTILE, HOSTILE)
def test_no_line_of_a_csv_file_begins_a_formula_in_any_country(found: list[Job], one: str, two: str) -> None:
    odd = [job.evolve(comments=one, description=two, plan=two, resource=one) for job in found]
    assert begins_a_formula(encoded("csv", result(odd)).decode()) == []


def test_workbook_has_texts_where_a_formula_might_be(tmp_path: Path) -> None:
    jobs_ = [job.evolve(comments=text, plan=text) for job, text in zip(EVERY, ODD, strict=False)]
    book = openpyxl.load_workbook(io.BytesIO(encoded("xlsx", result(jobs_))))
    for cells in book.active.iter_rows(min_row=2):
        for cell in (cells[13], cells[15]):
            assert cell.data_type in ("s", "inlineStr")
            assert cell.quotePrefix


# The workbook


def test_workbook_is_for_people(tmp_path: Path) -> None:
    job = EVERY[0].evolve(size=2**40)
    (sheet,) = openpyxl.load_workbook(io.BytesIO(encoded("xlsx", result([job, job])))).worksheets
    assert [cell.value for cell in sheet[1]] == [name for name, _, _ in as_xlsx.COLUMNS]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:V3"
    row_ = sheet[2]
    assert row_[3].value == "Not started"
    assert (row_[4].is_date, row_[4].number_format) == (False, "General")  # it is not known when it is due
    assert row_[12].value == 2**40


def test_workbook_goes_on_in_a_further_sheet_where_one_is_full(tmp_path: Path) -> None:
    file = b"".join(as_xlsx.encode(result(EVERY[:25]), sheet_rows=11))
    book = openpyxl.load_workbook(io.BytesIO(file))
    assert [(sheet.title, sheet.max_row) for sheet in book.worksheets] == [("Jobs", 11), ("Jobs 2", 11), ("Jobs 3", 6)]
    assert all(sheet.auto_filter.ref.startswith("A1:V") for sheet in book.worksheets)
    assert [line["jobId"] for line in lines("xlsx", file, tmp_path)] == [job.job_id for job in EVERY[:25]]
    assert as_xlsx.SHEET_ROWS == 1_048_576


# Parquet


def test_parquet_has_row_groups_and_a_type_for_each_column(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(as_parquet, "ROW_GROUP", 20)
    (tmp_path / "file").write_bytes(encoded("parquet", result(EVERY, batch=10)))
    found = parquet.ParquetFile(tmp_path / "file")
    assert found.metadata.num_row_groups == len(EVERY) // 20 + 1
    assert found.schema_arrow.remove_metadata() == as_parquet.SCHEMA
    assert jobs_in("parquet", tmp_path / "file") == len(EVERY)


def test_parquet_is_written_without_pandas_which_takes_memory_like_a_whole_export() -> None:
    program = """
import sys
from jobreport.export import as_parquet
from jobreport.export.batches import Result
row = ("a", 8, 1024, 2, 638599392481859693, 638599392481859694, *[1] * 6, *["text"] * 9)
file = b"".join(as_parquet.encode(Result(1, 0, [[row]])))
sys.exit(not file or "pandas" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# How many there are


@given(found=st.lists(odd_jobs(), max_size=5), sizes=st.lists(st.integers(1, 50), min_size=1))
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_lines_are_counted_wherever_a_piece_ends(form: str, found: list[Job], sizes: list[int]) -> None:
    counter = Lines(form)
    for piece in _pieces(encoded(form, result(found)), sizes):
        counter.add(piece)
    assert counter.jobs == len(found)


def _pieces(file: bytes, sizes: list[int]) -> Iterator[bytes]:
    stream, number = io.BytesIO(file), 0
    while piece := stream.read(sizes[number % len(sizes)]):
        yield piece
        number += 1


def test_cut_workbook_has_no_jobs(tmp_path: Path) -> None:
    file = b"".join(partial(as_xlsx.encode, sheet_rows=11)(result(EVERY[:25])))
    (tmp_path / "whole").write_bytes(file)
    (tmp_path / "cut").write_bytes(file[:-100])
    assert (jobs_in("xlsx", tmp_path / "whole"), jobs_in("xlsx", tmp_path / "cut")) == (25, 0)
    with zipfile.ZipFile(tmp_path / "whole") as book:
        assert book.testzip() is None
