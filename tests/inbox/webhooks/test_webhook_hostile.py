"""Whatever a body is: it is read, or there are words for why not. No other error, no job that a store would refuse."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.inbox.report import UnreadableError
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.formats import BRINGS, FORMATS
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import INT32_MAX, INT64_MAX
from webhook_samples import OF, delivery

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["0001-01-01T00:00:00", "9999-12-31T23:59:59Z", "1" * 5_000, "NaN", "\0", "(((", "UPID:"]),
    st.just([]),
    st.just({}),
    st.just([{"name": 1, "value": []}]),
)


def paths(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all values in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, one in inner for found in paths(one, (*path, name)))]


def read(name: str, sent: Delivery) -> None:
    """Reads a delivery, and sees that what it says can be stored."""
    try:
        reading = FORMATS[name](sent)
    except UnreadableError as error:
        assert str(error)  # noqa: PT017 - both ways are right, and each has a rule
        return
    assert reading.jobs or reading.log or reading.ignored
    for job in reading.jobs:
        assert job.service is None or job.type in {None, *BRINGS[name][job.service]}
        assert not job.finish or job.state.finished
        assert all(not at or ticks.UNIX_EPOCH <= at < ticks.YEAR_2200 for at in (job.start, job.finish, job.observed))
        if job.counts is not None:
            numbers = (job.counts.failed, job.counts.successful, job.counts.skipped, job.counts.total)
            assert all(0 <= number <= INT32_MAX for number in numbers)
            assert 0 <= job.counts.size <= INT64_MAX
            assert job.state is not JobState.Failed or not job.counts.successful
            assert job.state is not JobState.Successful or not job.counts.failed


@pytest.mark.parametrize("name", sorted(FORMATS))
@given(data=st.data())
def test_a_value_of_any_kind_at_any_place(name: str, data: st.DataObject) -> None:
    body = copy.deepcopy(data.draw(st.sampled_from(OF[name])))
    for _ in range(data.draw(st.integers(1, 3))):
        if isinstance(body, str):
            at = data.draw(st.integers(0, len(body)))
            body = body[:at] + data.draw(st.text(max_size=20)) + body[at + data.draw(st.integers(0, 200)) :]
            continue
        path = data.draw(st.sampled_from(paths(body)))
        if not path:
            body = data.draw(ODD)
            break
        holder: Any = body
        for step in path[:-1]:
            holder = holder[step]
        if isinstance(holder, dict) and data.draw(st.booleans()):
            del holder[path[-1]]
        else:
            holder[path[-1]] = copy.deepcopy(data.draw(ODD))
    read(name, delivery(body))


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b"\xef\xbb\xbf{}", b"\0" * 100),
        *(b"[" * 200_000, b'{"a":' * 200_000, b'{"title":"\\ud800","message":""}', b"1" * 10_000, b"a=b&" * 200),
    ],
)
def test_a_body_that_is_no_document(name: str, body: bytes) -> None:
    for content_type in ("application/json", "application/x-www-form-urlencoded", ""):
        sent = Delivery(method="POST", headers={}, query=(), content_type=content_type, body=body)
        with pytest.raises(UnreadableError, match=r"\w+ \w+"):
            FORMATS[name](sent)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_values_of_enormous_length_are_read_or_refused(name: str) -> None:
    for body in OF[name]:
        if isinstance(body, str):
            read(name, delivery(body.replace("/srv", "/srv" * 100_000)))
            continue
        for path in paths(body)[1:]:
            for long in ("1" * 100_000, '"' + " (a, b" * 50_000 + '"', '"' + "(1.1" * 50_000 + '"'):
                changed = copy.deepcopy(body)
                holder: Any = changed
                for step in path[:-1]:
                    holder = holder[step]
                holder[path[-1]] = "@"
                read(name, delivery(json.dumps(changed).replace('"@"', long)))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_body_from_windows_is_read_alike(name: str) -> None:
    for body in OF[name]:
        text = body if isinstance(body, str) else json.dumps(body)
        plain = delivery(text)
        expected = FORMATS[name](plain)
        for encoding in ("utf-8-sig", "utf-16"):
            sent = Delivery(
                method="POST", headers={}, query=(), content_type="application/json", body=text.encode(encoding)
            )
            assert FORMATS[name](sent) == expected


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_records_of_real_senders_are_read() -> None:
    folder = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", ""))
    found = {
        "aws-backup": sorted((folder / "aws-backup").glob("event.*.json")),
        "duplicati": sorted((folder / "duplicati").glob("report.*.json")),
    }
    words = {
        "ABORTED": JobState.Stopped,
        "COMPLETED": JobState.Successful,
        "EXPIRED": JobState.Failed,
        "FAILED": JobState.Failed,
        "RUNNING": JobState.InProgress,
        "error": JobState.Failed,
        "fatal": JobState.Failed,
        "success": JobState.Successful,
        "warning": JobState.Exception,
    }
    assert all(found.values())
    for name, files in found.items():
        for file in files:
            (job,) = FORMATS[name](delivery(file.read_text(encoding="utf-8"))).jobs
            word = next(word for word in file.name.split(".") if word in words)
            assert (file.name, job.state) == (file.name, words[word])
            assert job.key or word == "fatal"
