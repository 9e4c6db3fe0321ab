"""Records of senders: no secret of one, no more of one than a job keeps, and not slow however many values it has."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.inbox.masking import masked, record_of
from jobreport.model.job import MAX_RAW
from jobreport.runner.redact import redact_long
from jobreport.runner.text import clean

_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
)


@given(st.text(alphabet="abckpwd_.:-=+ Zeyj09TJ/", max_size=30))
def test_what_is_taken_as_harmless_is_what_masking_leaves(text: str) -> None:
    assert masked(text) == redact_long(clean(text))


@given(_json)
def test_a_record_is_json_again(value: object) -> None:
    record = record_of(json.dumps(value))
    assert value is None or json.loads(record) is not None or record in {"null", ""}


@pytest.mark.parametrize("name", ["password", "api_key", "apiKey", "X-Auth-Token", "clientSecret"])
@pytest.mark.parametrize("value", ["hunter2", 1234])
def test_what_has_the_name_of_a_secret_is_masked(name: str, value: object) -> None:
    assert json.loads(record_of(json.dumps({"a": [{name: value, "name": "nas"}]}))) == {
        "a": [{name: "***", "name": "nas"}]
    }


@pytest.mark.parametrize(
    "value",
    [
        lambda: ["a, b, c, d, e, f"] * 300_000,
        lambda: {str(number): "short" for number in range(300_000)},
        lambda: "x, " * 1_000_000,
        lambda: [[]] * 1_000_000,
    ],
)
def test_no_more_of_a_long_document_is_kept_than_a_job_may_have(value: Callable[[], object]) -> None:
    record = record_of(json.dumps(value()))
    assert len(record.encode()) <= MAX_RAW
    assert list(json.loads(record)) == ["beginning"]


def test_a_deep_document_is_cut_and_what_is_no_json_gives_nothing() -> None:
    deep = record_of("[" * 500 + "]" * 500)
    assert deep.count("[") == 100
    assert record_of("<xml/>") == record_of("") == ""
