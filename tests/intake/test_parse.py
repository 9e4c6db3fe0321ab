"""Files of jobs: the same jobs from JSON and CSV, plain and compressed; faults by line; files that break off."""

import csv
import gzip
import io
import json
import random
from collections.abc import Callable

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.contract.job_document import job_to_wire
from jobreport.contract.job_fields import NAMES
from jobreport.intake.parse import Line, parse
from jobreport.intake.source import MAX_LINE, Source, UnreadableInputError
from jobreport.model.job import Job
from jobs import job
from strategies import NOW, jobs

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "mark": b"\xef\xbb\xbf".__add__,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "two frames": lambda data: b"".join(zstandard.ZstdCompressor().compress(half) for half in halves(data)),
    "two members": lambda data: b"".join(gzip.compress(half) for half in halves(data)),
}


def halves(data: bytes) -> tuple[bytes, bytes]:
    return data[: len(data) // 2], data[len(data) // 2 :]


def lines(data: bytes) -> list[Line]:
    return list(parse(Source(io.BytesIO(data)), NOW))


def ndjson(many: list[Job]) -> bytes:
    return b"".join(msgspec.json.encode(job_to_wire(one)) + b"\n" for one in many)


def table(many: list[Job], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(NAMES.values()), delimiter=delimiter)
    writer.writeheader()
    for one in many:
        document = job_to_wire(one)
        writer.writerow(document | ({"raw": one.raw} if one.raw else {}))
    return out.getvalue().encode()


@settings(max_examples=60, deadline=None)
@given(st.lists(jobs(), min_size=1, max_size=6), st.sampled_from([*PACKINGS]))
def test_any_jobs_come_back_from_json_in_any_packing(many: list[Job], packing: str) -> None:
    assert [line.job for line in lines(PACKINGS[packing](ndjson(many)))] == many


@settings(max_examples=60, deadline=None)
@given(st.lists(jobs(), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_any_jobs_come_back_from_csv(many: list[Job], delimiter: str) -> None:
    found = lines(table(many, delimiter))
    assert [line.faults for line in found] == [()] * len(many)
    assert [line.job for line in found] == many


def test_values_may_be_names_and_times_of_people() -> None:
    data = (
        "jobId,serviceType,jobType,state,startTime,finishTime,comments,raw\n"
        "FB1,vm,Backup,Successful,2026-11-23T08:00Z,2026-11-23T08:01:00+00:00,"
        '"two\nlines, and a ""quote""","{""a"": 1}"\n'
        "\n"
        "FB2,1,1,1, 639000000000000000 ,,,\n"
    )
    first, second = lines(data.encode())
    assert (first.number, second.number) == (2, 5)
    assert first.job
    assert (first.job.comments, first.job.raw) == ('two\nlines, and a "quote"', '{"a":1}')
    assert second.job
    assert (second.job.start, second.job.finish) == (639_000_000_000_000_000, 0)


def test_each_fault_has_its_line_and_the_others_are_read() -> None:
    good = json.dumps(job("FB1")).encode()
    data = b"\n".join(
        [
            good,
            b"",
            b"{nonsense",
            json.dumps(job()).encode(),
            json.dumps(job("FB2", state="Done")).encode(),
            b'{"jobId": "\xff"}',
            b'{"x": ' + b"[" * 5000,
            b'{"jobId": "' + b"x" * MAX_LINE + b'"}',
            b"[]",
            b'{"jobId": NaN}',
            good,
        ]
    )
    found = lines(data)
    assert [line.number for line in found if line.job] == [1, 11]
    assert [(line.number, line.faults[0].field) for line in found if not line.job] == [
        (3, ""),
        (4, "jobId"),
        (5, "state"),
        (6, ""),
        (7, ""),
        (8, ""),
        (9, ""),
        (10, ""),
    ]


def test_each_fault_of_csv_has_its_line() -> None:
    head = b"jobId,serviceType,jobType,state,startTime,failedCount,raw\n"
    rows = [
        b"FB1,1,1,1,639000000000000000,,",
        b"FB2,1,1,1,639000000000000000,x,",
        b"FB3,1,1",
        b'FB4,1,1,1,639000000000000000,,"{"',
        b'"FB5"x,1,1,1,639000000000000000,,',
        b"F\xff,1,1,1,639000000000000000,,",
        b",1,1,1,639000000000000000,,",
        b"FB8,1,1,1,639000000000000000,,",
    ]
    found = lines(head + b"\n".join(rows))
    assert [line.job.job_id for line in found if line.job] == ["FB1", "FB8"]
    assert [(line.number, line.faults[0].field) for line in found if not line.job] == [
        (3, "failedCount"),
        (4, ""),
        (5, "raw"),
        (6, ""),
        (7, ""),
        (8, "jobId"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[{}]", "one job a line"),
        (b"job,state\n1,2\n", "did you mean jobId"),
        (b"jobId,state\n1,2\n", "lacks serviceType, jobType"),
        (b"jobId,serviceType,jobType,state,state\n", "twice"),
        (b"\x00\x01\x02 nonsense", "no text"),
        (b"\x1f\x8bnonsense and more of it", "damaged"),
        (b"\x28\xb5\x2f\xfdnonsense and more of it", "damaged"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_a_reason(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableInputError, match=words):
        lines(data)


@pytest.mark.parametrize("packing", ["gzip", "zstd", "two frames", "two members"])
def test_a_file_that_was_cut_off_is_read_so_far_and_then_said(packing: str) -> None:
    dice = random.Random(1)
    many = [{**job(f"FB{number}"), "comments": f"{dice.getrandbits(4000):x}"} for number in range(2000)]
    data = PACKINGS[packing](b"".join(json.dumps(one).encode() + b"\n" for one in many))
    found = []
    with pytest.raises(UnreadableInputError, match="cut off"):  # noqa: PT012 - it fails at one of several steps
        for line in parse(Source(io.BytesIO(data[: len(data) * 3 // 4])), NOW):
            found.append(line)  # noqa: PERF402 - what was read before it broke counts
    assert len(found) > 1000
    assert all(line.job for line in found)


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", gzip.compress(b""), zstandard.ZstdCompressor().compress(b"")], ids=range(4)
)
def test_an_empty_file_has_no_jobs(data: bytes) -> None:
    assert lines(data) == []
