"""A new store leads whoever signs in first to the first job, without the command line."""

import html
import re
from collections.abc import Iterator

import pytest
from people import Browser, add_operator, signed_in

from jobs import job
from serving import Server, serve, typed


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without any tenant, and an admin and a viewer of all."""
    with serve(tmp_path_factory.mktemp("empty"), "--trusted-proxy", "127.0.0.1") as server:
        add_operator(server, "anna", "--all-tenants", "--role", "admin")
        add_operator(server, "vera", "--all-tenants")
        yield server


def words(browser: Browser, path: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", browser.get(path).text)).split())


def test_the_first_admin_comes_from_an_empty_store_to_the_first_job(empty: Server) -> None:
    anna, vera = signed_in(empty, "anna"), signed_in(empty, "vera")
    assert anna.get("/").headers["location"] == "/customers"
    for browser in (anna, vera):
        seen = words(browser, "/customers")
        assert "No job has been reported yet" in seen
        assert "You may not see" not in seen
    assert 'action="/customers"' not in vera.get("/customers").text
    assert vera.send("/customers", form="/sessions").status_code == 403
    begun = anna.send("/customers")
    assert (begun.status_code, begun.headers["location"]) == (303, "/apps/new")
    assert "Register an app of <bdi>default</bdi>" in anna.get("/apps/new").text
    assert 'href="/apps/new"' in anna.get("/").text
    assert 'href="/apps/new"' not in vera.get("/").text
    app = empty.app("default")
    assert "Done:" in words(anna, "/")
    assert app.write(job("first", plan="nightly")).status_code == 200
    assert "No job has been reported yet" not in words(anna, "/")
    # There is a tenant now, so none is made again.
    assert anna.send("/customers", form="/sessions").headers["location"] == "/customers"
    assert typed("tenant", "list", "--store", empty.store).stdout.count("default") == 1
