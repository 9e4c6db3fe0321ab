"""A whole result as a file: its number before its first byte, in pieces, and never half of it without an error."""

import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from misbehaving import Deed, Misbehaving, answer, raw

from jobreport.client import (
    ConnectionFailedError,
    JobState,
    RequestRefusedError,
    ServerUnavailableError,
    SignInRefusedError,
    UnexpectedAnswerError,
)
from runs import SECRET

PIECES = [b"jobId,state\r\n", b"a,Failed\r\n", b"b,Failed\r\n"]


def chunked(pieces: list[bytes], *, whole: bool = True, pause: float = 0) -> Deed:
    """The file of an export, as a server sends it that does not know its length."""

    def do(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Total-Count", "2")
        to.send_header("Transfer-Encoding", "chunked")
        to.end_headers()
        for piece in pieces:
            to.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            to.wfile.flush()
            time.sleep(pause)
        if whole:
            to.wfile.write(b"0\r\n\r\n")
        else:
            raw(b"")(to)

    return do


@pytest.fixture
def client(misbehaving: Misbehaving, connect: Any) -> Any:
    return connect(misbehaving.url, "app", SECRET, timeout=1, retries=1)


def test_a_file_comes_in_pieces_after_its_number(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [chunked(PIECES, pause=0.1)]
    with client.export(format="csv", state=[JobState.Failed], plan="p") as download:
        assert download.total == 2
        came = list(download.pieces)
    assert b"".join(came) == b"".join(PIECES)
    assert len(came) > 1
    ((_, path, question, _),) = misbehaving.requests
    assert (path, question) == ("/api/export", {"format": ["csv"], "state": ["16"], "plan": ["p"]})


def test_a_reader_may_be_kept_waiting_for_a_file(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [chunked(PIECES[:2], pause=1.3)]
    with client.export(format="xlsx") as download:
        assert len(list(download.pieces)) == 2


def test_half_a_file_is_an_error(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [chunked(PIECES, whole=False)]
    came = []
    with client.export(format="csv") as download, pytest.raises(ConnectionFailedError) as failed:  # noqa: PT012 - it fails at one of several steps
        for piece in download.pieces:
            came.append(piece)  # noqa: PERF402 - what has come before the error counts
    assert b"".join(came) == b"".join(PIECES)
    assert failed.value.temporary


def test_it_is_tried_again_until_it_begins(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [answer({"detail": "busy"}, 503), answer({"detail": "expired"}, 401), chunked(PIECES)]
    with client.export([("format", "csv")]) as download:
        assert b"".join(download.pieces) == b"".join(PIECES)
    assert misbehaving.tokens == 2


@pytest.mark.parametrize(
    ("deed", "kind"),
    [
        (answer({"detail": "no", "errors": [{"field": "format", "message": "is none"}]}, 400), RequestRefusedError),
        (answer({"detail": "no"}, 403), SignInRefusedError),
        (answer({"detail": "broken"}, 500), ServerUnavailableError),
        (answer(b"", 302, Location="/elsewhere"), UnexpectedAnswerError),
        (answer(b"<html>hello</html>"), UnexpectedAnswerError),
        (answer(b"a,b", Total_Count="many"), UnexpectedAnswerError),
    ],
    ids=["400", "403", "500", "302", "a page", "no number"],
)
def test_what_is_no_file_is_told_before_any_piece(
    misbehaving: Misbehaving, client: Any, deed: Deed, kind: type[Exception]
) -> None:
    misbehaving.deeds = [deed]
    with pytest.raises(kind), client.export(format="csv"):
        pytest.fail("it began")


def test_who_stops_reading_leaves_the_client_usable(misbehaving: Misbehaving, client: Any) -> None:
    misbehaving.deeds = [chunked(PIECES * 100)]
    with client.export(format="csv") as download:
        assert next(download.pieces)
    assert client.find().total_count == 0


def test_an_error_of_the_readers_own_stays_his(misbehaving: Misbehaving, client: Any) -> None:
    def write(_: bytes) -> None:
        raise OSError("disk full")

    misbehaving.deeds = [chunked(PIECES)]
    with pytest.raises(OSError, match="disk full"), client.export(format="csv") as download:
        write(next(download.pieces))


def test_an_unknown_keyword_is_named(client: Any) -> None:
    with pytest.raises(TypeError, match="'form' is no keyword"), client.export(form="csv"):
        pytest.fail("it began")
