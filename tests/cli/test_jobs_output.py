"""The list of jobs for people: at every width each ID and each state is whole, and no line is too long."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from jobreport.cli.output.jobs import show_jobs
from jobreport.contract.generation2 import JobItem
from jobreport.contract.job_details import JobDetails
from jobreport.model.catalog import JobState

ID = "FB20261123080000042-abcdefghij"


def details(**fields: object) -> JobDetails:
    known: dict[str, object] = {
        "job_id": ID,
        "job_type": 1,
        "status": JobState.Exception,
        "failed_count": 3,
        "successful_count": 12,
        "skipped_count": 0,
        "total_count": 15,
        "start_time": "2026-11-23T08:00:00Z",
        "finish_time": "2026-11-23T09:05:00Z",
        "duration": "01:05:00",
        "comments": "3 files could not be read",
        "service_type": 1,
        "service": "VM",
        "type": "Backup",
        "state": "Exception",
        "plan": "nightly",
        "resource": "web-1:/home",
        "description": "",
        "origin": "script/web-1",
        "bytes": 0,
        "observed_at": "2026-11-23T09:05:00Z",
        "cause": "",
        "cause_text": "",
    }
    return JobDetails(**(known | fields))


def shown(width: int, *jobs: JobItem, encoding: str = "utf-8", **options: object) -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    show_jobs(Console(file=file, width=width, highlight=False, **options), jobs)
    return file.buffer.getvalue().decode(encoding).splitlines()


def test_narrow_terminal_gets_two_lines_for_each_job() -> None:
    assert shown(80, details(), details(failed_count=0, status=JobState.Successful, comments="", total_count=12)) == [
        "Exception   2026-11-23 08:00   1h 05m  nightly  web-1:/home",
        f"  {ID}  3 of 15 failed  3 files could not be read",
        "Successful  2026-11-23 08:00   1h 05m  nightly  web-1:/home",
        f"  {ID}  12 of 12 done",
    ]


def test_wide_terminal_gets_a_table_with_plan_and_resource_before_the_counts() -> None:
    header, _, line = shown(200, details())
    assert header.split() == [
        "Job",
        "State",
        "Started",
        "Took",
        "Plan",
        "Resource",
        "Done",
        "Failed",
        "Skipped",
        "Total",
        "Comments",
    ]
    assert line.split("  ")[0] == ID
    assert re.search(r"nightly +web-1:/home +12 +3 +0 +15 +3 files could not be read", line)


def test_columns_go_by_importance_where_there_is_no_room_for_all() -> None:
    header, *_ = shown(136, details(job_id="FB20261123080000042", comments="x" * 60))
    assert header.split() == ["Job", "State", "Started", "Took", "Plan", "Resource", "Failed", "Comments"]


def test_server_that_tells_no_plan_gets_no_empty_columns() -> None:
    plain = JobItem(*(getattr(details(), name) for name in JobItem.__struct_fields__))
    header, *_ = shown(200, plain)
    assert header.split() == ["Job", "State", "Started", "Took", "Done", "Failed", "Skipped", "Total", "Comments"]


def test_comment_is_bounded_and_the_most_important_line_of_it() -> None:
    lines = shown(80, details(comments="first\n" + "x" * 4000 + "\n" + "last " * 500))
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert "last last" in lines[1]
    assert "first" not in lines[1]


@pytest.mark.parametrize("width", [60, 200])
def test_text_of_elsewhere_does_nothing_to_the_terminal(width: int) -> None:
    text = "\n".join(
        shown(width, details(plan="\x1b[2J[red]p[/red]", resource="a\u202eb", comments="c\x07d"), force_terminal=False)
    )
    assert r"\x1b[2J[red]p[/red]" in text
    assert r"a\u202eb" in text
    assert r"c\x07d" in text


@pytest.mark.parametrize("width", [60, 160])
def test_terminal_that_is_not_unicode_gets_ascii_marks(width: int) -> None:
    text = "\n".join(shown(width, details(comments="y" * 500), encoding="latin-1"))
    assert "yyy..." in text
    assert text.isascii()


TEXT = st.text(max_size=60)


@given(
    width=st.integers(40, 240),
    job_id=st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=128),
    state=st.sampled_from(JobState),
    plan=TEXT,
    resource=TEXT,
    comments=TEXT,
    failed=st.integers(0, 2**31 - 1),
)
def test_no_width_cuts_an_id_or_a_state(
    width: int, job_id: str, state: JobState, plan: str, resource: str, comments: str, failed: int
) -> None:
    lines = shown(
        width,
        details(job_id=job_id, status=state, plan=plan, resource=resource, comments=comments, failed_count=failed),
    )
    assert all(cell_len(line) <= width for line in lines)
    assert state.name in "\n".join(lines)
    # An ID that is longer than a line goes on in the next one.
    assert job_id in "\n".join(lines) or job_id in "".join(line.strip() for line in lines)
