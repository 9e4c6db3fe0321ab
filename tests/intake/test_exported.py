"""What was exported can be imported again: the same jobs, with all that an export has of them."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.contract.job_row import JobRow
from jobreport.export.batches import Result
from jobreport.export.formats import FORMATS
from jobreport.intake.parse import parse
from jobreport.intake.source import Source, UnreadableInputError
from jobreport.model.job import Job
from long import times
from strategies import NOW, jobs

_PARTS = ["=1+1", "a;=1", "'", "''=", "\t=1", 'say "hi", twice\nand more', "\r\n", "-", "; ", "ü🙂", "\ufeff", " "]
TEXTS = st.lists(st.sampled_from(_PARTS), max_size=4).map("".join)


@st.composite
def odd_jobs(draw: st.DrawFn) -> Job:
    """A job with texts that a form may stumble over."""
    names = draw(st.sets(st.sampled_from(("comments", "description", "plan", "resource", "origin"))))
    job = draw(jobs()).evolve(**{name: draw(TEXTS) for name in names})
    return job if draw(st.booleans()) else job.evolve(job_id=draw(TEXTS.filter(bool)))


def exported(form: str, found: list[Job]) -> bytes:
    rows = [tuple(getattr(job, name) for name in JobRow._fields) for job in found]
    return b"".join(FORMATS[form].encoder()(Result(len(rows), NOW, [rows] if rows else [])))


@pytest.mark.parametrize("form", ["csv", "ndjson"])
@settings(max_examples=times(50))
@given(found=st.lists(odd_jobs(), max_size=6))
def test_exported_jobs_come_back_as_they_were(form: str, found: list[Job]) -> None:
    file = exported(form, found)
    read = list(parse(Source(io.BytesIO(file)), NOW))
    assert [line.faults for line in read] == [()] * len(found)
    # An export has no records of origins, and no word on when and how often one was seen.
    assert [line.job for line in read] == [job.evolve(raw="", observed=0, heartbeat=0) for job in found]
    assert exported(form, [line.job for line in read if line.job]) == file


@pytest.mark.parametrize(("form", "words"), [("xlsx", "Excel workbook"), ("parquet", "Parquet file")])
def test_other_forms_are_told_that_they_are_not_read(form: str, words: str) -> None:
    with pytest.raises(UnreadableInputError, match=f"{words}.*what is read are lines of JSON .NDJSON. and CSV"):
        Source(io.BytesIO(exported(form, [])))
