"""Names of foreign jobs: dates that go, IDs that fit, statuses that are never guessed into success."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.connectors.names import Statuses, job_id, raw_hidden, raw_text, reference, undated
from jobreport.model.catalog import JobState
from jobreport.model.job import MAX_RAW


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("nightly-20261122020000", "nightly"),
        ("nightly-2026-11-22T02:00:00Z", "nightly"),
        ("nightly_2026-11-22_02-00", "nightly"),
        ("Backup Job 1 (2026-11-22)", "Backup Job 1"),
        ("db 2026.11.22", "db"),
        ("20261122-weekly", "weekly"),
        ("snapshot of 2026/11/22 14:30:05.123 on db", "snapshot of on db"),
        ("20261122020000", "20261122020000"),
        ("archive 2026", "archive 2026"),
        ("vm-20261399", "vm-20261399"),
        ("order 4202611221", "order 4202611221"),
        ("10.20.30.40", "10.20.30.40"),
        ("", ""),
    ],
)
def test_a_date_goes_with_what_joined_it(name: str, bare: str) -> None:
    assert undated(name) == bare


def test_a_name_of_nothing_but_what_joins_dates_takes_no_longer_than_another() -> None:
    assert undated(f"{'-' * 200_000}x19") == f"{'-' * 200_000}x19"
    assert undated(f"{'-' * 200_000}2026-11-22x") == "x"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60))
def test_a_name_without_its_dates_has_none_and_is_never_longer(name: str) -> None:
    bare = undated(name)
    assert len(bare) <= len(name)
    assert bool(bare) == bool(name)


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=300), min_size=1, max_size=3))
def test_an_id_fits_and_ends_as_its_key(parts: list[str]) -> None:
    made, key = job_id(*parts), ":".join(parts)
    assert len(made) <= 128
    assert made == key or key.endswith(made.partition(":")[2])
    assert job_id(*parts, "other") != made


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=300), min_size=1, max_size=3))
def test_a_reference_fits_and_is_printable_ascii_and_another_one_for_each_key(parts: list[str]) -> None:
    made = reference(*parts)
    assert len(made) <= 256
    assert made.isascii()
    assert made.isprintable()
    assert reference(*parts, "other") != made


def test_a_reference_is_its_key_where_that_can_be() -> None:
    assert reference("velero", "s3.example.net:9000/a b", 7) == "velero:s3.example.net:9000/a b:7"
    assert reference("ü", "100%") == "%C3%BC:100%25"


def test_a_record_is_kept_as_it_came_and_one_that_is_too_long_says_so() -> None:
    assert raw_text({"State": "COMPLETED", "ü": [1]}) == '{"State":"COMPLETED","ü":[1]}'
    long = raw_text({"log": "ü" * 100_000})
    assert len(long.encode()) <= MAX_RAW
    assert json.loads(long)["tooLong"].startswith('{"log":"ü')


def test_a_record_with_secrets_in_peoples_words_is_kept_without_them() -> None:
    assert raw_hidden({"a": ["b"]}, '{"a" : ["b"]}') == '{"a" : ["b"]}'
    deep: list[object] = []
    for _ in range(900):
        deep = [deep]
    record = {"error": [{"said": "token=hunter2"}], "deep": deep}
    kept = json.loads(raw_hidden(record, json.dumps(record)))
    assert kept["error"] == [{"said": "token=***"}]


def test_a_status_that_is_not_known_is_told_and_never_success() -> None:
    statuses = Statuses({"Completed": JobState.Successful})
    assert statuses.read("COMPLETED", ended=True) == (JobState.Successful, "")
    assert statuses.read("Done?", ended=True) == (JobState.Exception, "unknown status 'Done?' of its origin")
    assert statuses.read("Done?", ended=False)[0] is JobState.InProgress
