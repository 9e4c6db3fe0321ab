"""A screen on a wall shows the overview of its tenant to whoever has its address, and nothing else."""

import html
import json
import re

import httpx
from people import Browser, signed_in
from playwright.sync_api import Browser as Chromium

from chromium import CHROMIUM_NEEDED
from jobs import AUGUST, job
from serving import Server, typed


def made(server: Server, name: str, tenant: str) -> str:
    """Makes a wall; returns its path."""
    done = typed(
        "wall", "create", name, "--tenant", tenant, "--url", server.url + "/", "--store", server.store, "--json"
    )
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["address"]).removeprefix(server.url)


def sentence(page: httpx.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text, re.DOTALL)
    assert found, page.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", found[1])).split())


def test_a_wall_says_what_the_overview_says_and_leads_nowhere(monitored: Server) -> None:
    app = monitored.app("acme", "PlatformBackup.Jobs.Report")
    assert app.write([job(plan="on the wall", resource="nas", state="Failed", startTime=AUGUST)]).status_code == 200
    page = Browser(monitored).get(made(monitored, "hall", "acme"))
    assert page.status_code == 200
    assert sentence(page) == sentence(signed_in(monitored, "vera").get("/?tenant=acme"))
    assert "on the wall" in page.text
    links = {*re.findall(r'<a [^>]*href="([^"]*)"', page.text)}
    assert links <= {"#main", "/"}
    assert "<form" not in page.text
    assert "set-cookie" not in page.headers


@CHROMIUM_NEEDED
def test_a_wall_fits_its_screen_and_counts_what_it_has_no_room_for(
    monitored: Server, browser: Chromium, tenant: str
) -> None:
    long = "a name that is longer than any line of any screen on which it may be shown " * 3
    jobs = [job(f"{tenant}-{one}", plan=f"{one} {long}", state="Failed", comments=long) for one in range(14)]
    assert monitored.app(tenant).write(jobs).status_code == 200
    context = browser.new_context()
    page = context.new_page()
    page.goto(monitored.url + made(monitored, tenant, tenant))
    rows = {}
    for size in ((1920, 1080), (1366, 768), (1366, 420), (3840, 2160)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), size
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
        seen = [one for one in page.locator(".needs > li").all() if one.is_visible()]
        rest = page.locator(".rest").inner_text()
        assert rest == f"and {14 - len(seen)} more"
        ends = page.locator(".rest").evaluate("(line) => line.getBoundingClientRect().bottom")
        assert ends <= size[1] + 1, size
        rows[size] = len(seen)
    context.close()
    assert 0 < rows[1366, 420] <= rows[1366, 768] <= 10
    assert rows[1920, 1080] >= 8


def test_a_wall_opens_no_other_page(monitored: Server) -> None:
    browser = Browser(monitored)
    path = made(monitored, "hall", "acme")
    assert browser.get(path).status_code == 200
    token = path.partition("?")[2]
    for other in ("/", "/jobs", "/series", "/night", "/customers", "/export"):
        assert browser.get(f"{other}?tenant=acme&{token}").status_code == 303
    secret = token.partition("=")[2]
    asked = browser.http.get("/api/search", headers={"Authorization": f"Bearer {secret}"})
    assert asked.status_code == 401
    assert secret not in monitored.log


def test_a_wall_that_has_ended_shows_nothing(monitored: Server) -> None:
    path = made(monitored, "stairs", "globex")
    browser = Browser(monitored)
    assert browser.get(path).status_code == 200
    options = ("--store", monitored.store)
    listed = json.loads(typed("wall", "list", "--json", *options).stdout)
    assert [(one["name"], one["tenant"]) for one in listed if one["name"] == "stairs"] == [("stairs", "globex")]
    assert "stairs" in typed("wall", "list", *options).stdout
    assert typed("wall", "end", "stairs", *options).stdout == "Ended stairs.\n"
    for gone in (path, "/wall", "/wall?token=", "/wall?token=jrw_x"):
        page = browser.get(gone)
        assert (page.status_code, "no wall" in page.text) == (404, True)
    assert typed("wall", "end", "stairs", *options).returncode == 1


def test_an_unknown_tenant_is_told(monitored: Server) -> None:
    done = typed("wall", "create", "x", "--tenant", "nosuch", "--store", monitored.store)
    assert done.returncode == 1
    assert done.stderr.startswith("jobreport: ")
    assert "nosuch" in done.stderr
