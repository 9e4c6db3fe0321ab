"""Answers are compressed if the client accepts it. The content stays the same. Answers with a secret never are."""

import contextlib
import gzip

import httpx
import pytest

from jobreport.app import URLS
from jobreport.server.compression import MIN_SIZE
from jobs import job
from serving import EXPORT, FIND, JOBS, REPORT, SEARCH, SUMMARY, App, Server

JOBS_KEPT = 200
PAGE = b'{"pagination":{"pageSize":200}}'


@pytest.fixture(scope="module")
def full(server: Server) -> App:
    """An app whose tenant has some jobs."""
    app = server.app("compressed")
    assert app.write([job(f"c{n}", comments="a comment " * 5) for n in range(JOBS_KEPT)]).status_code == 200
    return app


def ask(app: App, method: str, path: str, encoding: str | None, content: bytes = b"") -> tuple[httpx.Response, bytes]:
    """The response, and its body as it came over the connection."""
    request = app.server.http.build_request(
        method, path, content=content, headers={**app.bearer, "Content-Type": "application/json"}
    )
    del request.headers["accept-encoding"]
    if encoding is not None:
        request.headers["accept-encoding"] = encoding
    answer = app.server.http.send(request, stream=True)
    with contextlib.closing(answer):
        return answer, b"".join(answer.iter_raw())


QUESTIONS = [
    ("POST", REPORT, PAGE),
    ("GET", f"{FIND}?pageSize=200", b""),
    ("GET", f"{SEARCH}?pageSize=200", b""),
    ("GET", f"{EXPORT}?format=csv", b""),
    ("GET", f"{EXPORT}?format=ndjson", b""),
    ("GET", "/openapi.json", b""),
]


@pytest.mark.parametrize(("method", "path", "content"), QUESTIONS, ids=[path for _, path, _ in QUESTIONS])
def test_compressed_answer_says_the_same_in_fewer_bytes(full: App, method: str, path: str, content: bytes) -> None:
    plain, whole = ask(full, method, path, None, content)
    assert plain.status_code == 200
    assert "content-encoding" not in plain.headers
    packed, short = ask(full, method, path, "gzip, deflate, br", content)
    assert packed.status_code == 200
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(short) == whole
    assert len(short) < len(whole) / 3
    assert packed.headers["content-type"] == plain.headers["content-type"]
    for answer in (plain, packed):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert "etag" not in answer.headers
    if "content-length" in packed.headers:
        assert int(packed.headers["content-length"]) == len(short)


# Whether the answer is compressed, for each value of Accept-Encoding.
WISHES = {
    "gzip": True,
    "GZIP": True,
    "x-gzip": True,
    "*": True,
    "deflate, gzip;q=0.5": True,
    "gzip; q=1.0": True,
    "gzip;q=0.001": True,
    "gzip;q=0.8, identity;q=0.8": True,
    "br;q=1, *;q=0.1": True,
    "identity;q=0, *": True,
    "": False,
    "identity": False,
    "br, zstd": False,
    "gzip;q=0": False,
    "gzip;q=0.000": False,
    "*;q=0": False,
    "gzip;q=0, *": False,
    "identity;q=1, gzip;q=0.5": False,
    "gzip;q=2": False,
    "gzip;q=much": False,
    "gzipped": False,
}


@pytest.mark.parametrize(("wish", "packed"), WISHES.items(), ids=map(repr, WISHES))
def test_accept_encoding_is_followed_with_its_weights(full: App, wish: str, packed: bool) -> None:
    answer, body = ask(full, "POST", REPORT, wish, PAGE)
    assert ("content-encoding" in answer.headers) == packed
    assert body.startswith(b"\x1f\x8b") == packed


def test_short_answer_is_sent_as_it_is(full: App) -> None:
    answer, body = ask(full, "POST", REPORT, "gzip", b'{"pagination":{"pageSize":1}}')
    assert len(body) < MIN_SIZE
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", [f"{FIND}?pageSize=200", SUMMARY + "?by=day", "/openapi.json", EXPORT + "?format=csv"])
def test_head_has_the_same_headers_as_get(full: App, path: str) -> None:
    asked, whole = ask(full, "GET", path, "gzip")
    head, nothing = ask(full, "HEAD", path, "gzip")
    assert whole
    assert not nothing
    for name in ("content-encoding", "content-type", "content-length", "vary"):
        assert head.headers.get(name) == asked.headers.get(name), name


def test_files_that_are_compressed_by_themselves_are_not_compressed_again(full: App) -> None:
    answer, body = ask(full, "GET", f"{EXPORT}?format=parquet", "gzip")
    assert "content-encoding" not in answer.headers
    assert body.startswith(b"PAR1")


def test_no_token_and_no_error_is_compressed(full: App, server: Server) -> None:
    form = {"grant_type": "client_credentials", "client_id": full.client_id, "client_secret": full.secret}
    answer = server.http.post("/connect/token", data=form, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
    refused = server.http.post(
        JOBS,
        json=[{f"unknown{n}": n for n in range(100)}],
        headers={**full.bearer, "Accept-Encoding": "gzip"},
    )
    assert (refused.status_code, len(refused.content) > MIN_SIZE) == (400, True)
    assert "content-encoding" not in refused.headers


def test_only_answers_about_jobs_and_the_openapi_document_may_be_compressed() -> None:
    compressed = {path for _, path, operation in URLS if operation.compress}
    assert "/connect/token" not in compressed
    assert {path for _, path, operation in URLS if operation.compress and not operation.needs} == {"/openapi.json"}
