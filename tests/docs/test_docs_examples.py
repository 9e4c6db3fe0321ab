"""The examples in the documentation: JSON is valid, Python compiles, questions can be asked."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from pages import FENCE, PAGES, named, text

from jobreport.api.backup_jobs import PARAMETERS
from jobreport.clock import now_ticks
from jobreport.contract import paging, series
from jobreport.contract.cursors import read_plain
from jobreport.contract.generation1 import ReportJobModel
from jobreport.contract.generation2 import JobsPage
from jobreport.contract.incident_change import read_change
from jobreport.contract.incidents import read_rule
from jobreport.contract.job_document import job_from_wire
from jobreport.contract.report_request import parse_query
from jobreport.contract.summary import Summary, summary_query
from jobreport.model import ticks
from jobreport.model.write_result import WriteResult
from jobreport.server.problem import Problem
from jobreport.watch.channels import webhook
from receivers import message

MARKED = re.compile(r"<!-- (\w+): (\w+) -->\n```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def marked_examples() -> Iterator[tuple[str, str, str, Any]]:
    for page in PAGES:
        for kind, name, block in MARKED.findall(text(page)):
            yield named(page), kind, name, json.loads(block)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_json_example_says_what_it_is(page: Path) -> None:
    blocks = [language for language, _ in FENCE.findall(text(page)) if language == "json"]
    assert len(blocks) == len(MARKED.findall(text(page)))


@pytest.mark.parametrize(("page", "kind", "name", "example"), list(marked_examples()))
def test_every_json_example_holds(page: str, kind: str, name: str, example: Any) -> None:
    match kind, name:
        case "role", "azure":
            assert example["Actions"]
        case "role", "aws":
            assert [statement["Effect"] for statement in example["Statement"]] == ["Allow"]
        case "request", "report":
            parse_query(example)
        case "request", "jobs":
            for job in example if isinstance(example, list) else [example]:
                job_from_wire(job, now=now_ticks())
        case "request", "incident":
            assert read_change(json.dumps(example).encode()).ticket
        case "posted", "webhook":
            as_posted = webhook.body(message())
            assert [*example] == [*as_posted]
            assert [*example["data"]] == [*as_posted["data"]]
        case "answer", "report":
            report = msgspec.convert(example, ReportJobModel)
            assert all(job.duration == job.finish_time - job.start_time for job in report.jobs if job.finish_time)
        case "answer", "page":
            page_of_jobs = msgspec.convert(example, JobsPage)
            assert all(
                job.duration == ticks.duration(ticks.from_iso(job.start_time), ticks.from_iso(job.finish_time))
                for job in page_of_jobs.jobs
            )
        case "answer", "summary":
            summary = msgspec.convert(example, Summary)
            assert summary.total.jobs == sum(group.jobs for group in summary.groups)
        case "answer", "recorded":
            msgspec.convert(example, WriteResult)
        case "answer", "problem":
            msgspec.convert(example, Problem)
        case _:
            pytest.fail(f"{page}: {kind} {name} is nothing that can be checked")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_question_in_a_url_is_one(page: Path) -> None:
    for question in re.findall(r"/backup/vm/jobs\?([^\s\"'`]+)", text(page)):
        paging.JOBS.question(parse_qsl(question, strict_parsing=True), PARAMETERS, partial(read_plain, 1))
    for question in re.findall(r"/api/summary\?([^\s\"'`<]+)", text(page)):
        summary_query(parse_qsl(question, strict_parsing=True))
    for question in re.findall(r"/api/series\?([^\s\"'`<]+)", text(page)):
        series.SERIES.question(parse_qsl(question, strict_parsing=True), series.PARAMETERS, partial(read_plain, 1))
    for question in re.findall(r'^where = "([^"]+)"', text(page), re.MULTILINE):
        read_rule(question)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_python_examples_compile(page: Path) -> None:
    for language, block in FENCE.findall(text(page)):
        if language == "python":
            compile(block, named(page), "exec")
