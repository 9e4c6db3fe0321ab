"""Content types, sizes, and bodies that are hostile or broken: each its documented status, never 500."""

import json

import pytest

from jobs import job
from serving import JOBS, REPORT, App

LIMIT = 64 * 1024


def nested(depth: int) -> bytes:
    """`depth` arrays and objects within one another, in a field of the report."""
    return b'{"x":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def padded(size: int) -> bytes:
    """A full request of exactly `size` bytes."""
    return b"{" + b" " * (size - 2) + b"}"


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/json-patch+json",
        "application/vnd.api+json",
        "application/problem+json;q=1",
        "text/json",
        "",
    ],
)
def test_json_content_types_are_taken(idle: App, kind: str) -> None:
    assert idle.report(b"{}", Content_Type=kind).status_code == 200


def test_body_without_a_content_type_is_taken(idle: App) -> None:
    answer = idle.server.http.post(REPORT, content=b"{}", headers=idle.bearer)
    assert "content-type" not in answer.request.headers
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/x-ndjson",
        "application/jsonx",
        "text/json+x",
        "application/+json",
        "json",
        "*/*",
    ],
)
def test_other_content_types_are_415(idle: App, kind: str) -> None:
    answer = idle.report(b"{}", Content_Type=kind)
    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize("accept", ["text/plain", "text/html", "image/png", "*/*", "", "nonsense"])
def test_accept_is_not_judged_and_the_answer_is_json(idle: App, accept: str) -> None:
    answer = idle.report({}, Accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", [REPORT, JOBS])
@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "gzip, identity", "nonsense"])
def test_content_encoding_is_415(idle: App, path: str, coding: str) -> None:
    assert idle.post(path, b"{}", Content_Encoding=coding).status_code == 415


def test_content_encoding_in_a_second_field_counts_too(idle: App) -> None:
    fields = [("Content-Encoding", "identity"), ("Content-Encoding", "gzip")]
    assert idle.server.http.post(REPORT, content=b"{}", headers=[*idle.bearer.items(), *fields]).status_code == 415


def test_identity_is_no_encoding(idle: App) -> None:
    assert idle.report(b"{}", Content_Encoding="identity").status_code == 200


BROKEN = {
    "nothing": b"",
    "spaces": b"  \r\n",
    "cut off": b'{"searchText": "x',
    "trailing comma": b'{"jobType": 1,}',
    "single quotes": b"{'jobType': 1}",
    "comment": b'{} // "x"',
    "two values": b"{}{}",
    "bare word": b"nonsense",
    "NaN": b'{"jobType": NaN}',
    "Infinity": b'{"startTime": Infinity}',
    "-Infinity": b'{"startTime": -Infinity}',
    "1e999": b'{"startTime": 1e999}',
    "-1e999": b'{"startTime": -1e999}',
    "thousands of digits": b'{"startTime": ' + b"9" * 5000 + b"}",
    "minus thousands of digits": b'{"pagination": {"pageSize": -' + b"9" * 5000 + b"}}",
    "leading zero": b'{"jobType": 01}',
    "hexadecimal": b'{"jobType": 0x1}',
    "plus": b'{"jobType": +1}',
    "byte order mark twice": b"\xef\xbb\xbf" * 2 + b"{}",
    "byte order mark behind": b"{}\xef\xbb\xbf",
    "UTF-16": "{}".encode("utf-16"),
    "UTF-32": "{}".encode("utf-32"),
    "Latin-1": '{"searchText": "ü"}'.encode("latin-1"),
    "overlong": b'{"searchText": "\xc0\xaf"}',
    "encoded surrogate": b'{"searchText": "\xed\xa0\x80"}',
    "cut off sign": b'{"searchText": "\xf0\x9f\x98"}',
    "raw control character": b'{"searchText": "\x01"}',
    "escaped lone surrogate": rb'{"searchText": "\ud800"}',
    "escaped low surrogate": rb'{"searchText": "x\udc00y"}',
    "surrogates the wrong way round": rb'{"searchText": "\ude00\ud83d"}',
    "lone surrogate in a name": rb'{"\ud800": 1}',
    "NUL": rb'{"searchText": "a\u0000b"}',
    "NUL in a name": rb'{"\u0000": 1}',
    "raw NUL": b'{"searchText": "\x00"}',
    "nesting 65": nested(65),
    "nesting thousands": b"[" * 30_000,
    "nesting thousands, closed": nested(30_000),
    "objects, thousands": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
}


def test_a_byte_order_mark_before_a_body_is_passed_over(app: App) -> None:
    mark = b"\xef\xbb\xbf"
    one = json.dumps(job("one")).encode()
    assert app.write(mark + one).json()["created"] == 1
    assert app.write(mark + b"[" + one + b"]").json()["unchanged"] == 1
    assert app.write(mark + one + b"\n", Content_Type="application/x-ndjson").json()["unchanged"] == 1
    # One that is longer than what is read at once.
    many = [job(f"many{number}", comments="x" * 4000) for number in range(300)]
    assert app.write(mark + json.dumps(many).encode()).json()["created"] == 300
    assert app.report(mark + b'{"searchText": "one"}').json()["totalCount"] == 1


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("path", [REPORT, JOBS])
def test_broken_json_is_400_with_a_reason(idle: App, path: str, what: str) -> None:
    answer = idle.post(path, BROKEN[what])
    assert answer.status_code == 400, what
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("cut off", "line 1, column"),
        ("Latin-1", "not UTF-8"),
        ("NUL", "NUL"),
        ("escaped lone surrogate", "surrogate"),
        ("nesting 65", "deeper than 64"),
        ("nesting thousands", "deeper than 64"),
        ("thousands of digits", "digits"),
        ("NaN", "NaN"),
        ("1e999", "1e999"),
    ],
)
def test_reason_says_what_is_broken(idle: App, what: str, words: str) -> None:
    assert words in idle.report(BROKEN[what]).json()["errors"][0]["message"]


def test_nesting_of_64_is_read(idle: App) -> None:
    fault = idle.report(nested(64)).json()["errors"][0]
    assert fault["field"] == "x"
    assert "not a known field" in fault["message"]


def test_nesting_of_64_is_kept_in_a_record(app: App) -> None:
    raw = json.loads("[" * 63 + "]" * 63)
    assert app.write(job("deep", raw=raw)).status_code == 200
    assert app.show("deep").json()["raw"] == raw
    assert app.write(job("deeper", raw=[raw])).status_code == 400


def test_escaped_pair_of_surrogates_is_one_sign(app: App) -> None:
    app.write(job("smile", description="😀"))
    answer = app.report(rb'{"searchText": "\ud83d\ude00"}')
    assert answer.json()["totalCount"] == 1


def test_body_of_64_kib_is_read_and_one_byte_more_is_413(idle: App) -> None:
    assert idle.report(padded(LIMIT)).status_code == 200
    answer = idle.report(padded(LIMIT + 1))
    assert answer.status_code == 413
    assert str(LIMIT) in answer.json()["detail"]


def test_body_in_chunks_without_a_length_is_read_and_bounded(idle: App) -> None:
    def send(size: int) -> int:
        whole = padded(size)
        parts = (whole[at : at + 1000] for at in range(0, size, 1000))
        answer = idle.server.http.post(REPORT, content=parts, headers=idle.bearer)
        assert answer.request.headers["transfer-encoding"] == "chunked"
        return answer.status_code

    assert send(LIMIT) == 200
    assert send(LIMIT + 1) == 413


def test_empty_object_needs_nothing_but_its_braces(idle: App) -> None:
    for body in (b"{}", b" \n{ }\t"):
        assert idle.report(body).status_code == 200
