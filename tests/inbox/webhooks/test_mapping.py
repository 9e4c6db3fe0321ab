"""Mappings: what the fields of a foreign document become."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapped import PLAIN, job, mapping

from jobreport.configuration.file import ConfigurationError
from jobreport.inbox.report import ReportedJob
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.base import Counts

NIGHT = ticks.from_iso("2026-11-23T02:00:00Z")
HOUR = 3600 * ticks.PER_SECOND


@pytest.mark.parametrize(
    ("word", "state"),
    [("ok", JobState.Successful), ("OK ", JobState.Successful), ("warn", JobState.Exception), ("bad", JobState.Failed)],
)
def test_words_are_translated_by_the_table(word: str, state: JobState) -> None:
    told = job(PLAIN, {"status": word})
    assert (told.state, told.comments) == (state, "")


@given(st.text(min_size=1).filter(lambda word: word.strip().casefold() not in {"", "ok", "warn", "bad"}))
def test_a_word_that_the_table_does_not_have_is_an_exception_that_names_it(word: str) -> None:
    told = job(PLAIN, {"status": word})
    assert told.state is JobState.Exception
    assert told.comments.startswith("unknown state ")


def test_a_state_may_be_any_value_and_the_contracts_names_need_no_table() -> None:
    table = 'fields.state = "x"\nstates.true = "Successful"\nstates."0" = "Successful"\nstates."1.5" = "Failed"'
    assert [job(table, {"x": value}).state for value in (True, 0, 0.0, 1.5, False)] == [
        JobState.Successful,
        JobState.Successful,
        JobState.Successful,
        JobState.Failed,
        JobState.Exception,
    ]
    assert job('fields.state = "x"', {"x": "successful"}).state is JobState.Successful
    assert job('fields.state = "x"', {"x": "done"}).state is JobState.Exception


def test_any_other_word_may_be_a_failure_and_never_a_success() -> None:
    table = 'fields.state = "x"\nstates.ok = "Successful"\nstates."*" = "{}"'
    told = job(table.format("Failed"), {"x": "?"})
    assert (told.state, told.comments) == (JobState.Failed, "")
    with pytest.raises(ConfigurationError, match=r"line 5: mapping 'm', states.\*: must not be Successful"):
        mapping(table.format("Successful"))


WHOLE = """
zone = "Europe/Berlin"
times = ["%d.%m.%Y %H:%M"]
[mapping.fields]
state = "status"
key = "id"
start = "begin"
finish = "end"
duration = "took"
plan = "join('/', [site, job])"
resource = "regex(target, 'to (.+)$')"
comments = "errors[].text"
service = "kind"
type = "'Backup'"
failed = "errors"
total = "files"
size = "bytes"
[mapping.states]
ok = "Successful"
[mapping.services]
share = "FileShare"
[mapping.defaults]
resource = "somewhere"
service = "VMware"
"""


def test_each_field_is_found_by_its_expression() -> None:
    told = job(
        WHOLE,
        {
            "status": "ok",
            "id": 17,
            "begin": "23.11.2026 03:00",
            "end": 1795402800,
            "site": "b",
            "job": "nightly",
            "target": "copied to /srv",
            "errors": [{"text": "one"}, {"text": "two"}],
            "kind": "share",
            "files": "1,204",
            "bytes": "1.5 GiB",
        },
    )
    assert told == ReportedJob(
        state=JobState.Successful,
        key="17",
        start=NIGHT,
        finish=ticks.UNIX_EPOCH + 1795402800 * ticks.PER_SECOND,
        plan="b/nightly",
        resource="/srv",
        comments="one\ntwo",
        service=ServiceType.FileShare,
        type=JobType.Backup,
        counts=Counts(failed=2, successful=1202, total=1204, size=1_610_612_736),
    )


def test_what_a_document_does_not_tell_has_its_default() -> None:
    told = job(WHOLE, {"status": "ok"})
    assert (told.resource, told.service, told.plan, told.counts) == ("somewhere", ServiceType.VMware, "", None)
    assert told.comments.startswith("plan could not be read: join('/', [site, job]): ")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-23T02:00:00Z", NIGHT),
        ("2026-11-23 03:00:00", NIGHT),
        ("2026-11-23T04:00:00.000+02:00", NIGHT),
        ("23.11.2026 03:00", NIGHT),
        ("Mon, 23 Nov 2026 02:00:00 +0000", NIGHT),
        (1795399200, NIGHT),
        (1795399200.5, NIGHT + ticks.PER_SECOND // 2),
        ("1795399200", NIGHT),
        (1795399200000, NIGHT),
        (1795399200000000, NIGHT),
        (1795399200000000000, NIGHT),
        (NIGHT, NIGHT),
        ("/Date(1795399200000)/", NIGHT),
        (0, 0),
        ("", 0),
        (None, 0),
    ],
)
def test_times_are_read_in_all_forms_that_mean_one_thing(value: Any, expected: int) -> None:
    assert job(WHOLE, {"status": "ok", "begin": value}).start == expected


@pytest.mark.parametrize(
    "value", ["11/23/2026 3pm", "yesterday", "2026-11-23", True, [], "1e400", -5, "0001-01-01T00:00Z"]
)
def test_a_time_that_cannot_be_read_loses_no_job_and_is_told(value: Any) -> None:
    told = job(WHOLE, {"status": "bad", "begin": value, "errors": []})
    assert (told.state, told.start) == (JobState.Exception, 0)
    assert "start could not be read: " in told.comments


@pytest.mark.parametrize("value", [90, "90", "1m30s", "PT1M30S", "00:01:30", 90.0])
def test_a_length_gives_the_time_that_is_not_told(value: Any) -> None:
    length = 90 * ticks.PER_SECOND
    assert job(WHOLE, {"status": "ok", "begin": NIGHT, "took": value}).finish == NIGHT + length
    assert job(WHOLE, {"status": "ok", "end": NIGHT, "took": value}).start == NIGHT - length
    both = job(WHOLE, {"status": "ok", "begin": NIGHT, "end": NIGHT + HOUR, "took": value})
    assert (both.start, both.finish) == (NIGHT, NIGHT + HOUR)


def test_a_success_whose_failures_cannot_be_counted_is_none() -> None:
    table = 'fields.state = "s"\nfields.failed = "f"\nstates.ok = "Successful"'
    told = job(table, {"s": "ok", "f": "many"})
    assert (told.state, told.comments) == (JobState.Exception, "failed could not be read: 'many' is no number")
    assert job(table, {"s": "ok", "f": None}).state is JobState.Successful


def test_bytes_alone_leave_the_one_object() -> None:
    table = 'fields.state = "s"\nfields.size = "b"\nstates.ok = "Successful"'
    assert job(table, {"s": "ok", "b": 5}).counts == Counts(successful=1, total=1, size=5)


@pytest.mark.parametrize(("told", "count"), [("1.000", 1000), ("1.204.567", 1_204_567), ("1,204", 1204), ("7.0", 7)])
def test_counts_may_have_points_between_thousands(told: str, count: int) -> None:
    table = 'fields.state = "s"\nfields.total = "n"\nstates.ok = "Successful"'
    assert job(table, {"s": "ok", "n": told}).counts == Counts(successful=count, total=count)


@pytest.mark.parametrize(
    ("told", "size"),
    [
        ("1,5 KB", 1536),
        ("1.5 KB", 1536),
        ("1,204", 1204),
        ("1.204,5 KB", 1_233_408),
        ("1,204.5 KB", 1_233_408),
        ("1.204.567", 1_204_567),
    ],
)
def test_bytes_may_have_a_decimal_comma(told: str, size: int) -> None:
    table = 'fields.state = "s"\nfields.size = "b"\nstates.ok = "Successful"'
    assert job(table, {"s": "ok", "b": told}).counts == Counts(successful=1, total=1, size=size)


def test_an_unknown_service_is_told_and_the_inboxs_stays() -> None:
    told = job(WHOLE, {"status": "ok", "kind": "tape", "site": "a", "job": "b"})
    assert told.service is None
    assert told.comments.startswith("service could not be read: 'tape' ")


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "id"]), inner, max_size=2),
)
_names = ("id", "begin", "end", "took", "site", "job", "target", "errors", "kind", "files", "bytes")


@given(st.dictionaries(st.sampled_from(_names), _values))
def test_whatever_stands_in_the_other_fields_the_state_is_told(document: dict[str, Any]) -> None:
    told = job(WHOLE, {**document, "status": "bad"})
    assert told.state is JobState.Exception
    assert "unknown state 'bad'" in told.comments
