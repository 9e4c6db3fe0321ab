"""`/docs`: the API in the browser, out of an installed package's files, with nothing from anywhere else."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from chromium import CHROMIUM_NEEDED
from jobs import AUGUST, job
from serving import PATIENCE, App, Server


def test_page_names_files_of_this_server_alone_and_all_of_them_load(server: Server) -> None:
    page = server.http.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "://" not in page.text
    names = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(names) >= 3
    for name in names:
        assert not name.startswith(("/", "http"))
        assert server.http.get(f"/{name}").status_code == 200, name


def test_page_may_load_and_run_nothing_from_elsewhere(server: Server) -> None:
    policy = server.http.get("/docs").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "script-src" not in policy or "unsafe" not in policy.split("script-src")[1].split(";")[0]
    assert server.http.get("/docs").headers["x-content-type-options"] == "nosniff"


def test_files_bear_their_types(server: Server) -> None:
    for name, kind in (("swagger-ui-bundle.js", "javascript"), ("swagger-ui.css", "text/css")):
        assert kind in server.http.get(f"/docs/assets/{name}").headers["content-type"]


@pytest.fixture(scope="module")
def app(server: Server) -> App:
    return server.app("page")


@pytest.fixture(scope="module")
def page(browser: Browser, app: App) -> Iterator[Page]:
    """The API page, signed in as the app by its own dialogue."""
    found = browser.new_page(viewport={"width": 1200, "height": 1600})
    found.set_default_timeout(PATIENCE * 1000)
    found.goto(f"{app.server.url}/docs")
    found.click("button.authorize >> nth=0")
    found.fill("#client_id_clientCredentials", app.client_id)
    found.fill("#client_secret_clientCredentials", app.secret)
    found.click(".modal-ux button.authorize")
    found.click(".modal-ux button.btn-done")
    yield found
    found.close()


@CHROMIUM_NEEDED
def test_browser_shows_every_operation(page: Page, server: Server) -> None:
    shown = page.content()
    for path, methods in server.http.get("/openapi.json").json()["paths"].items():
        for method in methods:
            assert re.search(rf"opblock-{method}\b", shown), method
        # The page puts a possible line break after each slash.
        assert f'data-path="{path}"' in shown, path
    assert "PublicAPI_GetAllJobDetails" in shown
    assert len(page.screenshot()) > 20_000


def answered(page: Page, operation: str, body: str | None = None, **parameters: str) -> str:
    """What the page shows as the answer of an operation, whose body and parameters are typed there."""
    block = page.locator(f".opblock[id$='-{operation}']")
    block.locator(".opblock-summary-control").click()
    block.locator("button.try-out__btn").click()
    for name, text in parameters.items():
        block.locator(f"tr[data-param-name='{name}'] input").fill(text)
    if body is not None:
        block.locator("textarea.body-param__text").fill(body)
    block.locator("button.execute").click()
    return block.locator(".live-responses-table .highlight-code pre").first.inner_text()


@CHROMIUM_NEEDED
def test_numbers_are_exact_as_they_are_typed_and_as_they_are_shown(page: Page, app: App) -> None:
    text = 'a "quoted" \\ [text], {so: 1}'
    assert app.write([job("one", startTime=AUGUST, comments=text), job("two", startTime=AUGUST + 1)]).status_code == 200
    # No double is either of the two times.
    assert float(AUGUST) == float(AUGUST + 1) != AUGUST
    shown = answered(page, "PublicAPI_GetAllJobDetails", f'{{"startTime": {AUGUST}, "finishTime": {AUGUST}}}')
    found = json.loads(shown)
    assert [(one["jobId"], one["startTime"], one["comments"]) for one in found["jobs"]] == [("one", AUGUST, text)]
    assert found == app.report({"startTime": AUGUST, "finishTime": AUGUST}).json()
    assert shown == json.dumps(found, indent=2, ensure_ascii=False)


@CHROMIUM_NEEDED
def test_times_of_a_question_and_of_a_kept_job_are_exact_on_the_page(page: Page, app: App) -> None:
    raw = {"big": 2**63 + 1, "none": [], "object": {}, "list": [1.50, None, True]}
    assert app.write([job("one", startTime=AUGUST, raw=raw, bytes=2**63 - 1)]).status_code == 200
    kept = json.loads(answered(page, "Jobs_Get", jobId="one"))
    assert (kept["startTime"], kept["bytes"], kept["raw"]) == (AUGUST, 2**63 - 1, raw)
    listed = json.loads(answered(page, "BackupJobs_Find", startTime=str(kept["startTime"]), finishTime=str(AUGUST)))
    assert [one["jobId"] for one in listed["jobs"]] == ["one"]
    none = json.loads(answered(page, "Jobs_GetByParameter", jobId="none"))
    assert none["status"] == 404
