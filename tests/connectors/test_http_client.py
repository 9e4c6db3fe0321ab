"""How servers are asked over HTTP: with a secret for one of them alone, again where that helps, and in words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.loopback import Reply, Request, serving

from certificates import for_this_machine
from jobreport.connectors import http_client
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.http_client import (
    AbsentError,
    AnsweredError,
    DeniedError,
    HttpServer,
    SilentError,
    UnauthorizedError,
    check_address,
)
from jobreport.model import ticks
from strategies import NOW

Ask = Callable[[Request], Reply]


class Told:
    """Answers with what it is told, one after the other, and keeps what was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies, self.asked = list(replies), list[Request]()

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        return self.replies.pop(0) if self.replies else Reply({"data": []})


def test_a_question_goes_beside_the_address_with_its_headers_and_parameters_and_brings_the_servers_time() -> None:
    told = Told(Reply(b"{}", clock=NOW), Reply(b"[]"))
    with serving(told) as url, HttpServer(f"{url}/base/", "it", headers={"x-api-version": "1"}) as server:
        answered = server.get("api/x", "x", limit=5, after=None, type=["a", "b"])
        server.post("/api/y", "y", {"selector": {}})
    assert (answered.body, answered.clock) == (b"{}", NOW // ticks.PER_SECOND * ticks.PER_SECOND)
    first, second = told.asked
    assert (first.path, first.query) == ("/base/api/x", {"limit": ["5"], "type": ["a", "b"]})
    assert first.headers["x-api-version"] == "1"
    assert (second.method, second.path, second.body) == ("POST", "/base/api/y", b'{"selector":{}}')
    assert second.headers["content-type"] == "application/json"


def test_it_signs_in_at_the_first_question_and_anew_when_that_is_not_taken_any_more() -> None:
    told = Told(Reply(), Reply(status=401), Reply(b"there"), Reply(b"more"))
    signed: list[str] = []

    def sign_in(server: HttpServer) -> dict[str, str]:
        signed.append(f"Bearer {len(signed)}")
        return {"Authorization": signed[-1]}

    with serving(told) as url, HttpServer(url, "it", sign_in=sign_in) as server:
        assert not signed
        assert [server.get("x", "x").body for _ in range(3)] == [b"", b"there", b"more"]
    assert [one.headers["authorization"] for one in told.asked] == ["Bearer 0", "Bearer 0", "Bearer 1", "Bearer 1"]


def test_a_secret_beyond_ascii_is_sent_and_fails_only_where_it_is_not_taken() -> None:
    told = Told(Reply(b"there"), Reply(status=401), Reply(status=401))
    secret = {"Authorization": "Token gehëim"}
    with serving(told) as url, HttpServer(url, "it", sign_in=lambda _: secret, headers={"x": "é"}) as server:
        assert server.get("x", "x").body == b"there"
        with pytest.raises(UnauthorizedError, match="it does not take the credentials"):
            server.get("x", "x")
    sent = told.asked[0].headers
    assert sent["authorization"].encode("latin-1").decode() == "Token gehëim"
    assert sent["x"].encode("latin-1").decode() == "é"


def test_an_answer_that_comes_by_the_byte_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "ANSWER_SECONDS", 0.0)
    with serving(Told(Reply(b"there"), Reply(b"there"))) as url, HttpServer(url, "it") as server:
        for ask in (lambda: server.get("x", "x"), lambda: [*server.pieces("x", "x", {})]):
            with pytest.raises(CannotReadError, match="x: the answer of it has not ended after 0 s"):
                ask()


def test_credentials_that_are_new_and_not_taken_are_not_tried_once_more_since_that_locks_accounts() -> None:
    told = Told(Reply(status=401))
    refused = pytest.raises(UnauthorizedError, match=r"^the server does not take the credentials$")
    with serving(told) as url, HttpServer(url, "the server", sign_in=lambda server: {}) as server, refused:
        server.get("x", "x")
    assert len(told.asked) == 1


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (Reply(status=403), DeniedError, "access denied for sessions"),
        (Reply(status=404), AbsentError, "the server does not have what is asked for: sessions"),
        (Reply(status=400), AnsweredError, "sessions: the server answers 400"),
        (
            Reply(status=302, headers={"Location": "http://127.0.0.1:1/"}),
            AnsweredError,
            "sessions: the server answers 302, which leads elsewhere, and only the address that was named is asked",
        ),
        (Reply(status=429, headers={"Retry-After": "61"}), AnsweredError, "sessions: the server answers 429"),
    ],
)
def test_what_another_try_does_not_help_is_said_at_once(reply: Reply, error: type[AnsweredError], said: str) -> None:
    told = Told(reply)
    with serving(told) as url, HttpServer(url, "the server") as server, pytest.raises(error) as raised:
        server.get("x", "sessions")
    assert (str(raised.value), raised.value.status, len(told.asked)) == (said, reply.status, 1)


def test_what_passes_is_asked_again_not_sooner_than_the_server_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    told = Told(Reply(status=503), Reply(status=429, headers={"Retry-After": "7"}), Reply(b"there"))
    with serving(told) as url, HttpServer(url, "it") as server:
        assert server.get("x", "x").body == b"there"
    assert pauses[0] < 1 < 7 <= pauses[1] < 9


def test_a_server_that_does_not_come_back_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    told = Told(*[Reply(b"<html>secret</html>", 503)] * 9)
    with serving(told) as url, HttpServer(url, "it") as server, pytest.raises(AnsweredError) as raised:
        server.get("x", "x")
    assert (str(raised.value), len(told.asked)) == ("x: it answers 503", 5)


def test_no_other_host_is_asked(tmp_path: Path) -> None:
    told = Told()
    with serving(told) as url, serving(told) as other, HttpServer(url, "it") as server:
        assert server.get(f"{url}/next?page=2", "x").body
        for elsewhere in (f"{other}/x", "https://127.0.0.1/x", "http://[::1/x"):
            with pytest.raises(CannotReadError, match="another host"):
                server.get(elsewhere, "x")
    assert [one.path for one in told.asked] == ["/next"]


def test_a_certificate_is_checked_against_the_file_that_names_who_signed_it(tmp_path: Path) -> None:
    certificate = for_this_machine(tmp_path)
    with serving(Told(Reply(b"there")), certificate) as url:
        with HttpServer(url, "the server", ca_file=str(certificate[0])) as server:
            assert server.get("x", "x").body == b"there"
        with HttpServer(url, "the server") as server, pytest.raises(SilentError) as raised:
            server.get("x", "x")
    assert "its certificate is not trusted" in str(raised.value)
    assert "ca_file" in str(raised.value)


@pytest.mark.parametrize(("text", "said"), [(None, "No such file"), ("nothing", "it has no certificate")])
def test_a_file_without_a_certificate_is_told(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)
    with pytest.raises(CannotReadError, match=f"^ca_file: cannot read .*ca.pem: {said}"):
        HttpServer("https://127.0.0.1", "it", ca_file=str(file))


def test_an_answer_that_is_too_long_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MOST_ANSWER", 1 << 20)
    refused = pytest.raises(CannotReadError, match=r"^x: it answers with more than 1 MiB$")
    with serving(Told(Reply(b"x" * (1 << 21)))) as url, HttpServer(url, "it") as server, refused:
        server.get("x", "x")


def test_an_answer_of_any_length_comes_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MOST_ANSWER", 1 << 20)
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    told = Told(Reply(), Reply(status=401), Reply(status=503), Reply(b"x" * (1 << 21)), Reply(status=403))
    with serving(told) as url, HttpServer(url, "it", sign_in=lambda server: {"Authorization": "a"}) as server:
        server.get("x", "x")
        assert sum(map(len, server.pieces("x", "x", {"since": 1}))) == 1 << 21
        with pytest.raises(DeniedError, match=r"^access denied for x$"):
            next(server.pieces("x", "x", {"since": 1}))
    assert [one.body for one in told.asked] == [b"", *[b'{"since":1}'] * 4]


def test_who_is_not_there_is_told_without_what_was_sent() -> None:
    with serving(Told()) as url:
        gone = url
    refused = pytest.raises(SilentError, match=r"^the server cannot be reached: no server listens there$")
    with HttpServer(gone, "the server", headers={"Authorization": "secret"}) as server, refused:
        server.get("x?token=secret", "x")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://backup.example.com", "url must begin with https"),
        ("https://user:pw@backup.example.com", "without a user"),
        ("ftp://backup.example.com", "url must be an address"),
        ("https://[::1", "url must be an address"),
        ("https://backup.example.com:99999", "url must be an address"),
        ("https://backup.example.com/?x=1", "url must be an address"),
        ("backup.example.com", "url must be an address"),
    ],
)
def test_an_address_that_cannot_have_a_secret_is_refused(address: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_address("url", address)


@pytest.mark.parametrize("address", ["https://backup.example.com:9419", "http://127.0.0.1:1", "http://localhost/x"])
def test_an_address_with_tls_or_on_this_machine_is_taken(address: str) -> None:
    check_address("url", address)


@pytest.mark.parametrize(("text", "said"), [("", "must have a line"), ("a\nb\n", "must have one line, and has 2")])
def test_a_secret_is_the_only_line_of_its_file(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "secret"
    file.write_text(text)
    with pytest.raises(CannotReadError, match=f"^password_file: .*{said}"):
        http_client.secret("password_file", str(file))
    file.write_text("pa ss\n")
    assert http_client.secret("password_file", str(file)) == "pa ss"
