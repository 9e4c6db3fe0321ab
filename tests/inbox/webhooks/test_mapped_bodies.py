"""Mappings: several jobs in one body, forms and texts, and what cannot be read or cannot be a mapping."""

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapped import PLAIN, delivery, job, mapping, read

from jobreport.configuration.file import ConfigurationError
from jobreport.inbox.patterns import Budget
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.expressions import Context, Expression, ExpressionError
from jobreport.inbox.webhooks.registry import Forms
from jobreport.model.catalog import JobState

EACH = """
each = "jobs"
when = "type == 'backup'"
fields.state = "result"
fields.key = "join('-', [root().host, name])"
fields.plan = "not_null(plan, header('X-Plan'))"
fields.resource = "query('site')"
states.ok = "Successful"
"""


def test_several_jobs_in_one_body_are_told_apart_and_others_left_out() -> None:
    body = {
        "host": "nas",
        "jobs": [
            {"type": "backup", "name": "a", "result": "ok", "plan": "p"},
            {"type": "scrub", "name": "b", "result": "ok"},
            {"type": "backup", "name": "c", "result": "bad"},
        ],
    }
    first, second = read(EACH, body, **{"x-plan": "q"}).jobs
    assert (first.key, first.plan, first.resource, first.state) == ("nas-a", "p", "b", JobState.Successful)
    assert (second.key, second.plan, second.state) == ("nas-c", "q", JobState.Exception)
    assert msgspec.json.decode(second.raw) == body["jobs"][2]


@pytest.mark.parametrize(
    ("body", "words"),
    [({"jobs": []}, "jobs finds nothing in it"), ({"jobs": [{"type": "x"}]}, "it is not what the mapping is for: ")],
)
def test_a_body_without_a_job_is_no_fault(body: Any, words: str) -> None:
    found = read(EACH, body)
    assert (found.jobs, found.ignored.startswith(words)) == ((), True)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"status=ok&plan=a&plan=b", "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="status"\r\n\r\nok\r\n--x\r\n'
            b'Content-Disposition: form-data; name="plan"; filename="../f"\r\n\r\na\nb\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_forms_are_documents_too(body: bytes, content_type: str) -> None:
    told = job(PLAIN.replace("[mapping.states]", 'plan = "plan"\n[mapping.states]'), body, content_type)
    assert (told.state, told.plan) == (JobState.Successful, "a\nb")


FORM_DATA = "multipart/form-data; boundary=x"


def test_parts_of_a_form_are_taken_as_they_are() -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="status"'
    for body in (
        b"before\r\n" + head + b'; filename="a"\r\nContent-Type: text/plain\r\n\r\n--y\r\nok\r\n--x--\r\nafter',
        head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\nLS15DQpvaw==\r\n--x  \r\n\r\nno name\r\n--x--",
        head.replace(b"\r\n", b"\n") + b"\n\n--y\r\nok\n--x--\n",
    ):
        assert job(PLAIN, body, FORM_DATA).comments == "unknown state '--y\\r\\nok'"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"--x\r\n\r\n1\r\n" * 75_000, "more than 1,000 fields"),
        (b"--x\r\nA: b" + b"c" * 5_000 + b"\r\n\r\n1\r\n--x--", "a part of the form has no head, or one of more"),
        (b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" * 60_000, "more than 1,000 fields"),
    ],
)
def test_more_parts_than_a_form_has_cost_nothing(body: bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read(PLAIN, body, FORM_DATA)
    with pytest.raises(UnreadableError, match="names no boundary"):
        read(PLAIN, body, "multipart/form-data")


def test_a_form_may_hold_json_and_a_text_is_read_by_patterns() -> None:
    table = 'fields.state = "parse_json(payload).status"\nstates.ok = "Successful"'
    assert job(table, b"payload=%7B%22status%22%3A%22ok%22%7D", "application/x-www-form-urlencoded").state.finished
    text = 'body = "text"\nfields.state = "regex(text, \'Result: (\\\\w+)\')"\nstates.ok = "Successful"'
    assert job(text, b"Job 7\nResult: ok\n", "text/plain").state is JobState.Successful


def test_a_pattern_that_never_ends_is_stopped_and_a_wrong_one_is_told() -> None:
    for pattern, words in (("(x+x+)+y", "take longer than 2 s"), ("(x", "is no regular expression: missing")):
        with pytest.raises(ExpressionError, match=words):
            Expression(f"regex(a, '{pattern}')").find({"a": "x" * 5_000}, Context({}, budget=Budget(0.02)))


@pytest.mark.parametrize("fields", ['state = "a"', 'state = "a"\nfields.plan = "root().a"'])
def test_a_document_that_would_take_hours_is_not_read(fields: str) -> None:
    late = Context({"a": "ok"}, until=0)
    with pytest.raises(UnreadableError, match="the expressions take longer than 5 s"):
        Expression("jobs[?root().a == 'ok']").find({"jobs": [1]}, late)
    assert job(f"fields.{fields}", {"a": "ok"}).state is JobState.Exception


def test_functions_of_ours_find_nothing_in_nothing() -> None:
    table = 'fields.state = "s"\nfields.comments = "{}"\nstates.ok = "Successful"'
    assert job(table.format("trim(a)"), {"s": "ok", "a": " b "}).comments == "b"
    assert job(table.format("join('|', split(a, ','))"), {"s": "ok", "a": "x, y"}).comments == "x|y"
    assert job(table.format("divide(a, `2`)"), {"s": "ok", "a": "7"}).comments == "3.5"
    assert job(table.format("divide(a, `0`)"), {"s": "ok", "a": 7}).comments == ""
    assert job(table.format("add(multiply(a, `3`), subtract(a, `1`))"), {"s": "ok", "a": 7}).comments == "27"
    assert job(table.format("lower(b)"), {"s": "ok"}).comments == ""
    assert job(table.format("lower(a)"), {"s": "ok", "a": 7}).comments.startswith(
        "comments could not be read: lower(a)"
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the body is empty"),
        (b"<xml/>", "the body is no JSON"),
        (b"[" * 100_000, "nested too deep"),
        ({"other": 1}, "state: status finds nothing"),
        ({"status": " "}, "state: status finds nothing"),
        ([1], "state: status finds nothing"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(body: Any, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read(PLAIN, body)


@given(st.binary(max_size=200), st.sampled_from(["application/json", "multipart/form-data; boundary=x", "text/plain"]))
def test_no_body_breaks_a_mapping(body: bytes, content_type: str) -> None:
    states = []
    with suppress(UnreadableError):
        states = [job(PLAIN, body, content_type).state]
    assert JobState.Successful not in states


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('fields.plan = "x"', "line 3: mapping 'm', fields: must say where the state is"),
        ('fields.state = "a["', "line 3: mapping 'm', fields.state: is no JMESPath expression: "),
        ('fields.state = "f(a)"', r"fields.state: calls f\(\), which there is not; there are abs, add, "),
        ('fields.state = "lower(a, b)"', r"fields.state: gives lower\(\) 2 arguments; it takes 1"),
        (
            'fields.state = "a"\nfields.stat = "a"',
            "line 4: mapping 'm', fields.stat: is no field of a job: did you mean state",
        ),
        ('fields.state = "a"\nstates.ok = "Succesful"', "line 4: mapping 'm', states.ok: did you mean Successful"),
        ('fields.state = "a"\neach = "]"', "line 4: mapping 'm', each: is no JMESPath"),
        ('fields.state = "a"\nzone = "Europe/Berln"', "line 4: mapping 'm', zone: .*did you mean Europe/Berlin"),
        ('fields.state = "a"\ndefaults.size = "big"', "line 4: mapping 'm', defaults.size: is no size"),
        ('fields.state = "a"\ndefaults.state = "ok"', "line 4: mapping 'm', defaults.state: has no default"),
        ('fields.state = "a"\nbody = "xml"', "line 4: mapping 'm', body: must be one of"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        mapping(text)


def test_a_word_that_means_two_things_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"line 6: .*is there already with another meaning"):
        mapping('fields.state = "s"\n[mapping.states]\nok = "Failed"\nOK = "Successful"')
    assert job('fields.state = "s"\nstates.ok = "Failed"\nstates.OK = "Failed"', {"s": "Ok"}).state is JobState.Failed


def test_a_form_whose_reading_fails_loses_no_report() -> None:
    def fails(_: Delivery) -> Reading:
        raise KeyError("x")

    with pytest.raises(UnreadableError, match=r"the reading of own failed on it \(KeyError\)"):
        Forms({"own": fails}).read("own", delivery(b""))


@pytest.mark.parametrize("body", [b' {"status": "ok"}', b'[{"status": "ok"}]'])
def test_json_that_is_sent_as_a_form_is_json(body: bytes) -> None:
    table = 'each = "[@][]"\n' + PLAIN
    assert job(table, body, "application/x-www-form-urlencoded").state is JobState.Successful
