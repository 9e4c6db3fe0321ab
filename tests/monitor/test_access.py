"""Who may see which page: each page of the table of addresses, as each kind of person."""

import re
from collections.abc import Callable

import httpx
import pytest
from people import FORM, Browser, add_operator, signed_in

from jobreport.model.roles import Role
from jobreport.monitor.page import Page
from jobreport.monitor.urls import PAGES
from serving import Server, typed, until

IDS = [page.id for _, _, page in PAGES]
PEOPLE = {"vera": Role.Viewer, "olga": Role.Operator, "anna": Role.Admin}
ENDS_THE_SESSION = {"sign-out", "sessions-end"}
LASTING = [row for row in PAGES if row[2].id not in ENDS_THE_SESSION]
OF_TENANT = [row for row in PAGES if row[2].needs is not None and row[2].of_tenant]


def address(path: str) -> str:
    """An address of the page, as the table has it."""
    return re.sub(r"\{[^}]*\}", "none", path)


def ask(browser: Browser, method: str, path: str, token: str = "", query: str = "") -> httpx.Response:
    headers = FORM if method == "POST" else {"Sec-Fetch-Mode": "navigate"}
    return browser.http.request(
        method, address(path) + query, headers=headers, data={"token": token} if token else None
    )


@pytest.fixture(scope="module")
def browser_of(monitored: Server) -> Callable[[str], Browser]:
    """A browser in which this person is signed in; the same one each time."""
    found: dict[str, Browser] = {}

    def of(name: str) -> Browser:
        if name not in found:
            found[name] = signed_in(monitored, name)
        return found[name]

    return of


@pytest.mark.parametrize(("method", "path", "page"), PAGES, ids=IDS)
def test_who_is_signed_out_signs_in_first(monitored: Server, method: str, path: str, page: Page) -> None:
    browser = Browser(monitored)
    token = browser.token("/sign-in") if method == "POST" else ""
    answer = ask(browser, method, path, token)
    if page.needs is None:
        assert answer.status_code != 303
        return
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    assert not answer.content


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize(("method", "path", "page"), LASTING, ids=[page.id for _, _, page in LASTING])
def test_each_role_sees_what_it_may(
    browser_of: Callable[[str], Browser], name: str, method: str, path: str, page: Page
) -> None:
    browser = browser_of(name)
    answer = ask(browser, method, path, browser.token() if method == "POST" else "", "?tenant=acme")
    if page.needs is not None and PEOPLE[name] < page.needs:
        assert answer.status_code == 403
    else:
        assert answer.status_code < 500
        assert "/sign-in" not in answer.headers.get("location", "") or page.id == "sign-in"
        # 403 is then said of the password that a form lacks.
        assert answer.status_code != 403 or method == "POST"


@pytest.mark.parametrize(("method", "path", "page"), OF_TENANT, ids=[page.id for _, _, page in OF_TENANT])
def test_tenant_of_others_is_answered_like_one_that_is_none(
    browser_of: Callable[[str], Browser], method: str, path: str, page: Page
) -> None:
    browser = browser_of("vera" if page.needs is Role.Viewer else "ada")

    def seen(name: str) -> tuple[int, str]:
        token = browser.token() if method == "POST" else ""
        answer = ask(browser, method, path, token, f"?tenant={name}")
        text = re.sub(r'name="token" value="[^"]*"', "", answer.text)
        return answer.status_code, text.replace(answer.headers["request-id"], "").replace(name, "")

    foreign, none = seen("globex"), seen("nothere")
    assert foreign == none
    assert foreign[0] == 404
    assert seen("acme")[0] != 403
    assert seen("acme&tenant=globex")[0] == 400


def test_suspended_tenant_is_said_to_be_so(monitored: Server, browser_of: Callable[[str], Browser]) -> None:
    browser = browser_of("gus")
    for change, status in (("suspend", 403), ("resume", 200)):
        assert typed("tenant", change, "globex", "--store", monitored.store).returncode == 0
        # What is known of a tenant is looked up again after three seconds.
        until(lambda status=status: browser.get("/?tenant=globex").status_code == status, change)


def test_who_sees_several_tenants_chooses_one_first(browser_of: Callable[[str], Browser]) -> None:
    answer = browser_of("olga").get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers")
    assert browser_of("vera").get("/").status_code == 200


def test_changed_reach_and_role_count_at_once(monitored: Server) -> None:
    add_operator(monitored, "ron", "--tenants", "acme")
    browser = signed_in(monitored, "ron")
    assert browser.get("/?tenant=acme").status_code == 200
    words = ["operator", "set", "ron", "--store", monitored.store]
    assert typed(*words, "--tenants", "globex", "--role", "operator").returncode == 0
    assert browser.get("/?tenant=acme").status_code == 404
    assert browser.get("/?tenant=globex").status_code == 200
    assert "operator" in browser.get("/sessions").text
