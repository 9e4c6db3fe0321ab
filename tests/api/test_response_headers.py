"""What every response says to browsers, caches and the curious, and whose word on the client's address counts."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from connecting import TRUSTS_NOBODY, connect
from serving import JOBS, REPORT, App, Server, serve, until

PAGES = ("/docs", "/docs/start.js", "/docs/assets/swagger-ui.css", "/docs/assets/swagger-ui-bundle.js")
WELL_KNOWN = ("openid-configuration", "oauth-authorization-server", "jwks.json")
PUBLIC = ("/healthz", "/readyz", "/openapi.json", *(f"/.well-known/{name}" for name in WELL_KNOWN))


def everything(app: App) -> dict[str, httpx.Response]:
    """A response of each kind."""
    http = app.server.http
    found = {path: http.get(path) for path in (*PAGES, *PUBLIC, "/nowhere", "/docs/assets/nothing")}
    found["token"] = app.server.ask_token(client_id=app.client_id, client_secret=app.secret)
    found["no token"] = app.server.ask_token(client_id="x", client_secret="y")
    found["report"] = app.report()
    found["refused"] = http.post(REPORT, json={})
    found["job"] = app.show("nothing")
    found["too large"] = app.report(b" " * 70_000)
    found["method"] = http.put(JOBS)
    return found


@pytest.fixture(scope="module")
def answers(idle: App) -> dict[str, httpx.Response]:
    return everything(idle)


def test_every_response_is_taken_for_what_it_is_and_gives_no_address_away(answers: dict[str, httpx.Response]) -> None:
    for what, answer in answers.items():
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"], what
        assert answer.headers.get_list("referrer-policy") == ["no-referrer"], what


def test_no_response_says_what_serves_it(answers: dict[str, httpx.Response]) -> None:
    for what, answer in answers.items():
        assert "server" not in answer.headers, what
        assert "x-powered-by" not in answer.headers, what
        assert "uvicorn" not in str(answer.headers).lower(), what


def test_no_response_may_be_framed_and_only_the_page_loads_anything(answers: dict[str, httpx.Response]) -> None:
    for what, answer in answers.items():
        (policy,) = answer.headers.get_list("content-security-policy")
        assert "frame-ancestors 'none'" in policy, what
        assert "default-src 'none'" in policy, what
        assert ("script-src 'self'" in policy) == (what == "/docs"), what
        assert "unsafe-eval" not in policy
        assert "http" not in policy


def test_nothing_that_tells_of_a_tenant_or_of_tokens_is_kept_by_a_cache(answers: dict[str, httpx.Response]) -> None:
    for what, answer in answers.items():
        (rule,) = answer.headers.get_list("cache-control")
        if what in PAGES:
            assert rule == "no-cache", what
        elif what != "/.well-known/jwks.json":
            assert rule == "no-store", what


def test_strict_transport_is_demanded_over_tls_alone(answers: dict[str, httpx.Response]) -> None:
    assert not [what for what, answer in answers.items() if "strict-transport-security" in answer.headers]


def test_file_of_the_page_is_asked_for_again_and_not_sent_again(server: Server) -> None:
    first = server.http.get(PAGES[2])
    again = server.http.get(PAGES[2], headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes the word of one proxy, at another address than ours, and of one network."""
    with serve(
        tmp_path_factory.mktemp("proxied"),
        "--log-format",
        "json",
        "--trusted-proxy",
        "127.0.0.9, 10.0.0.0/8",
    ) as running:
        yield running


def connect_from(sender: str, server: Server) -> httpx.Client:
    """A client with the address `sender`."""
    return connect(server.url, transport=httpx.HTTPTransport(verify=TRUSTS_NOBODY, local_address=sender))


def logged_address(server: Server, sender: str, forwarded: str, *more: tuple[str, str]) -> tuple[str, httpx.Response]:
    """The address that the log has for a request from `sender`, and its answer."""
    with connect_from(sender, server) as client:
        answer = client.get("/healthz", headers=[("X-Forwarded-For", forwarded), *more])
    name = answer.headers["request-id"]
    (line,) = until(lambda: [row for row in server.log.splitlines() if name in row], "the log line")
    return line.partition('"address":"')[2].partition('"')[0], answer


def test_word_of_a_proxy_counts_and_that_of_anybody_else_does_not(proxied: Server) -> None:
    assert logged_address(proxied, "127.0.0.9", "203.0.113.5")[0] == "203.0.113.5"
    assert logged_address(proxied, "127.0.0.1", "203.0.113.5")[0] == "127.0.0.1"
    assert logged_address(proxied, "127.0.0.2", "203.0.113.5", ("Forwarded", "for=203.0.113.5"))[0] == "127.0.0.2"


def test_of_a_chain_the_last_address_that_is_no_proxy_counts(proxied: Server) -> None:
    """What stands before it was written by the client himself."""
    chain = "198.51.100.66, 203.0.113.5, 10.1.2.3"
    assert logged_address(proxied, "127.0.0.9", chain)[0] == "203.0.113.5"


def test_scheme_counts_from_a_proxy_alone(proxied: Server) -> None:
    tls = ("X-Forwarded-Proto", "https")
    assert "strict-transport-security" in logged_address(proxied, "127.0.0.9", "203.0.113.5", tls)[1].headers
    assert "strict-transport-security" not in logged_address(proxied, "127.0.0.1", "203.0.113.5", tls)[1].headers


def test_without_a_trusted_proxy_nobodys_word_counts(server: Server) -> None:
    assert logged_address(server, "127.0.0.1", "203.0.113.5")[0] == "127.0.0.1"


def test_failed_sign_ins_are_limited_at_the_address_that_a_proxy_names_and_not_at_one_that_was_made_up(
    proxied: Server, tmp_path: Path
) -> None:
    app = proxied.app("behind")

    def fail(sender: str, forwarded: str) -> int:
        with connect_from(sender, proxied) as client:
            form = {"grant_type": "client_credentials", "client_id": app.client_id, "client_secret": "wrong"}
            return client.post("/connect/token", data=form, headers={"X-Forwarded-For": forwarded}).status_code

    # By another made-up address each time: it is one and the same sender.
    made_up = [fail("127.0.0.3", f"203.0.113.{number}") for number in range(65)]
    assert 429 in made_up
    assert fail("127.0.0.9", "203.0.113.200") == 401
