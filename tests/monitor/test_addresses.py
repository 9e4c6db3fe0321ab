"""The monitor's addresses answer people with pages: its own errors, and addresses that are none."""

import httpx

from jobreport.app import URLS
from jobreport.monitor.urls import PAGES
from serving import App

HTML = "text/html; charset=utf-8"


def test_no_address_is_both_a_page_and_an_operation() -> None:
    assert not {path for _, path, _ in PAGES} & {path for _, path, _ in URLS}
    assert len({page.id for _, _, page in PAGES}) == len(PAGES)


def test_every_page_has_the_policy(idle: App) -> None:
    answer = idle.server.http.get("/sign-in")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == HTML
    assert answer.headers.get_list("content-security-policy") == [
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ]
    assert answer.headers.get_list("referrer-policy") == ["same-origin"]
    assert answer.headers.get_list("cache-control") == ["no-store"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_errors_of_a_page_are_pages(idle: App) -> None:
    answer = idle.server.http.delete("/sign-in")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == HTML
    assert answer.headers["request-id"] in answer.text
    assert "GET" in answer.headers["allow"]


def test_an_unknown_address_answers_as_it_is_asked(idle: App) -> None:
    def ask(accept: str, method: str = "GET") -> httpx.Response:
        return idle.server.http.request(method, "/nowhere", headers={"Accept": accept})

    page = ask("text/html,application/xhtml+xml,*/*;q=0.8")
    assert (page.status_code, page.headers["content-type"]) == (404, HTML)
    for other in (ask("*/*"), ask("application/json"), ask("text/html", "POST")):
        assert (other.status_code, other.headers["content-type"]) == (404, "application/problem+json")


def test_head_of_a_page_has_no_body(idle: App) -> None:
    answer = idle.server.http.head("/sign-in")
    assert (answer.status_code, answer.content) == (200, b"")
