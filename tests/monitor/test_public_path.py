"""A monitor behind a proxy, under a path of its public URL; and with many tabs open when the server ends."""

import html
import re
import signal
from pathlib import Path

import httpx
from people import FORM, PASSWORD, add_operator, signed_in
from playwright.sync_api import Browser

from chromium import CHROMIUM_NEEDED
from jobs import AUGUST, job, unfinished
from serving import serve

_ADDRESS = re.compile(r'(?:href|src|action)="([^"#][^"]*)"')
PATHS = (
    "/",
    "/jobs",
    "/jobs/r",
    "/job?jobId=..",
    "/series",
    "/series/1",
    "/night",
    "/apps",
    "/apps/new",
    "/inboxes",
    "/audit",
)
TABS = 9


def test_every_address_stands_under_the_path_of_the_public_url(tmp_path: Path) -> None:
    options = ("--public-url", "https://jobs.example.com/backup", "--trusted-proxy", "127.0.0.1")
    with serve(tmp_path, *options) as server:
        server.provider(make=["acme", "globex"])
        add_operator(server, "anna", "--all-tenants", "--role", "admin")
        jobs = [unfinished("r", "InProgress", startTime=AUGUST, plan="r"), job("..", plan="dots", state="Failed")]
        assert server.app("acme").write(jobs).status_code == 200
        kept = {"Cookie": ""}

        def ask(method: str, path: str, **form: str) -> httpx.Response:
            answer = server.http.request(
                method, path, data=form or None, headers={**FORM, **kept, "Accept": "text/html"}
            )
            kept["Cookie"] = "; ".join([*filter(None, [kept["Cookie"]]), *server_cookies(answer)])
            return answer

        def server_cookies(answer: httpx.Response) -> list[str]:
            # A browser has them from the proxy, over TLS.
            server.http.cookies.clear()
            return [one.partition(";")[0] for one in answer.headers.get_list("set-cookie")]

        token = re.search(r'name="token" value="([^"]*)"', ask("GET", "/sign-in").text)
        assert token
        entered = ask("POST", "/sign-in", token=token[1], name="anna", password=PASSWORD, next="/jobs?tenant=acme")
        assert (entered.status_code, entered.headers["location"]) == (303, "/backup/jobs?tenant=acme")
        assert ask("GET", "/").headers["location"] == "/backup/customers"
        assert ask("GET", "/jobs?tenant=acme&plan=").headers["location"] == "/backup/jobs?tenant=acme"
        for path in (*PATHS, "/?night=2024-08-22", "/customers", "/sessions", "/password", "/confirm"):
            page = ask("GET", f"{path}{'&' if '?' in path else '?'}tenant=acme")
            assert page.status_code == 200, path
            found = [html.unescape(one) for one in _ADDRESS.findall(page.text)]
            assert found
            assert [one for one in found if not one.startswith("/backup/")] == [], path


@CHROMIUM_NEEDED
def test_a_server_with_many_tabs_open_answers_each_and_ends(tmp_path: Path, browser: Browser) -> None:
    with serve(tmp_path, "--trusted-proxy", "127.0.0.1") as server:
        add_operator(server, "anna", "--all-tenants")
        running = unfinished("r", "InProgress", startTime=AUGUST, plan="r")
        assert server.app("default").write([running]).status_code == 200
        kept = signed_in(server, "anna").cookies
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in kept.items()])
        for _ in range(TABS):
            page = context.new_page()
            answer = page.goto(server.url)
            assert answer
            assert answer.status == 200
            assert page.locator("#as-of").get_attribute("data-running") == "1"
        assert server.stop() in (0, -signal.SIGTERM)
