"""Who has it: the forms by which operators say so, without a script, and what everybody sees of it then."""

import html
import re
import time
from urllib.parse import quote

import pytest
from people import Browser, signed_in

from jobreport.model import ticks
from jobs import job
from serving import App, Server, typed, until


@pytest.fixture(scope="module")
def acme(monitored: Server) -> App:
    return monitored.app("acme")


@pytest.fixture
def failing(acme: App, tenant: str) -> str:
    """The plan of a series of acme that fails."""
    now = ticks.UNIX_EPOCH + time.time_ns() // 100
    failed = job(tenant, plan=tenant, state="Failed", startTime=now - 3600 * ticks.PER_SECOND, comments="no space left")
    assert acme.write([failed]).status_code == 200
    return tenant


def path_of(browser: Browser, plan: str) -> str:
    """The address of the page of the series of a plan, without its query."""
    found = re.search(r'href="(/series/\d+)\?', browser.get(f"/series?tenant=acme&plan={plan}").text)
    assert found
    return found[1]


def send(browser: Browser, path: str, what: str, **fields: str) -> tuple[int, str]:
    answer = browser.send(f"{path}/{what}?tenant=acme", form="/sessions", **fields)
    return answer.status_code, answer.text


def listed(browser: Browser, plan: str, standing: str) -> bool:
    found = browser.get(f"/series?tenant=acme&plan={plan}&standing={standing}")
    assert found.status_code == 200
    return "No series of" not in found.text


def test_an_operator_takes_a_series_and_a_viewer_sees_that(monitored: Server, failing: str) -> None:
    olga, vera = signed_in(monitored, "olga"), signed_in(monitored, "vera")
    path = path_of(olga, failing)
    assert f"{path}/mark" in olga.get(f"{path}?tenant=acme").text
    assert "I have it" in olga.get(f"{path}/mark?tenant=acme").text
    assert f"{path}/mark" not in vera.get(f"{path}?tenant=acme").text
    assert send(vera, path, "mark", note="mine")[0] == 403
    assert listed(vera, failing, "needsYou")
    hostile = "<script>alert(1)</script> \u202egnp"
    assert send(olga, path, "mark", note=hostile, ticket="https://tickets.example.com/7", until="2099-01-01")[0] == 303
    seen = vera.get(f"{path}?tenant=acme").text
    assert "<bdi>olga</bdi> has it" in seen
    assert "<script>alert" not in seen
    assert "\u202e" not in seen
    assert 'href="https://tickets.example.com/7"' in seen
    assert (listed(vera, failing, "needsYou"), listed(vera, failing, "inHands")) == (False, True)
    assert "<bdi>olga</bdi>" in olga.get("/customers").text
    assert send(olga, path, "mark", ticket="javascript:alert(1)")[0] == 303
    assert 'href="javascript' not in vera.get(f"{path}?tenant=acme").text
    assert send(olga, path, "unmark")[0] == 303
    assert listed(vera, failing, "needsYou")
    anna = signed_in(monitored, "anna")
    log = anna.get("/audit?tenant=acme").text
    assert ("series.taken" in log, "series.unmarked" in log) == (True, True)


def test_the_line_of_a_customer_leads_to_the_form_and_back(monitored: Server, tenant: str) -> None:
    app = monitored.app(tenant)
    anna, ago = signed_in(monitored, "anna"), 40 * 3600 * ticks.PER_SECOND
    now = ticks.UNIX_EPOCH + time.time_ns() // 100
    jobs = [job(f"copy-{day}", plan="copy", startTime=now - ago - day * ticks.PER_DAY) for day in range(4)]
    assert app.write(jobs).status_code == 200

    def link() -> str:
        found = re.search(rf'<a href="([^"]*)" aria-label="I have it: {tenant}"', anna.get("/customers").text)
        return html.unescape(found[1]) if found else ""

    assert re.fullmatch(rf"/series/\d+/mark\?tenant={tenant}&back=%2Fcustomers%23of-{tenant}", link())
    form = anna.get(link()).text
    assert f'href="/customers#of-{tenant}">Back to the customers' in form
    sent = html.unescape(re.search(r'method="post" action="(/series[^"]*)"', form)[1])
    answer = anna.send(sent, form="/sessions", note="disk ordered")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/customers#of-{tenant}")
    assert link() == ""
    assert app.write([job("other", plan="other", state="Failed", startTime=now)]).status_code == 200
    # Of what is not too old, the customer has a list of what nobody has.
    assert link() == f"/series?tenant={tenant}&standing=needsYou"
    listed = anna.get(link()).text
    assert 'aria-label="I have it: other"' in listed
    assert 'aria-label="I have it: copy"' not in listed


@pytest.mark.parametrize("start", ["/?tenant={}", "/series?tenant={}&standing=needsYou", "/jobs/{}-0?tenant={}"])
def test_a_form_leads_back_to_where_its_link_was(monitored: Server, tenant: str, start: str) -> None:
    now = ticks.UNIX_EPOCH + time.time_ns() // 100
    failed = job(f"{tenant}-0", plan="copy", state="Failed", startTime=now)
    assert monitored.app(tenant).write([failed]).status_code == 200
    anna, path = signed_in(monitored, "anna"), start.format(tenant, tenant)
    link = html.unescape(re.search(r'href="(/series/\d+/mark\?[^"]*)"', anna.get(path).text)[1])
    sent = html.unescape(re.search(r'method="post" action="(/series[^"]*)"', anna.get(link).text)[1])
    answer = anna.send(sent, form="/sessions", note="disk ordered")
    assert (answer.status_code, answer.headers["location"]) == (303, path)


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example/", "customers", ""])
def test_a_form_leads_to_no_other_host(monitored: Server, failing: str, back: str) -> None:
    olga = signed_in(monitored, "olga")
    path = path_of(olga, failing)
    page = olga.get(f"{path}/mark?tenant=acme&back={quote(back)}").text
    assert f'href="{path}?tenant=acme">Back to the series' in page
    assert "evil" not in page


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"note": "x" * 1001}, "at most 1,000 characters"),
        ({"ticket": "x" * 201}, "at most 200 characters"),
        ({"until": "tomorrow"}, "such as 2026-11-30"),
        ({"until": "2020-01-01"}, "in the future"),
    ],
)
def test_a_wrong_form_comes_back_as_it_was_typed(
    monitored: Server, failing: str, fields: dict[str, str], says: str
) -> None:
    olga = signed_in(monitored, "olga")
    status, text = send(olga, path_of(olga, failing), "mark", **fields)
    assert status == 400
    assert says in text
    assert all(value in text for value in fields.values())
    assert listed(olga, failing, "needsYou")


def test_what_is_retired_is_said_to_be_and_comes_back_with_a_new_job(
    monitored: Server, acme: App, failing: str
) -> None:
    olga = signed_in(monitored, "olga")
    path = path_of(olga, failing)
    assert "until a new job" not in olga.get(f"{path}?tenant=acme").text
    assert send(olga, path, "retire", note="the server is gone")[0] == 303
    page = olga.get(f"{path}?tenant=acme").text
    assert re.search(r"Retired by <bdi>olga</bdi> on .*the server is gone", page)
    assert (listed(olga, failing, "needsYou"), listed(olga, failing, "retired")) == (False, True)
    now = ticks.UNIX_EPOCH + time.time_ns() // 100
    assert acme.write([job(f"{failing}-2", plan=failing, startTime=now - ticks.PER_SECOND * 60)]).status_code == 200
    assert "a new job arrived" in olga.get(f"{path}?tenant=acme").text
    assert not listed(olga, failing, "retired")
    # It is well now, so there is nothing to have.
    status, text = send(olga, path, "mark")
    assert (status, "needs nobody now" in text) == (400, True)


def test_the_page_says_which_agreement_gives_the_age(monitored: Server, acme: App, tenant: str) -> None:
    vera = signed_in(monitored, "vera")
    now = ticks.UNIX_EPOCH + time.time_ns() // 100
    jobs = [job(f"{tenant}-{day}", plan=tenant, startTime=now - day * ticks.PER_DAY) for day in (3, 4, 5)]
    assert acme.write(jobs).status_code == 200
    path = f"{path_of(vera, tenant)}?tenant=acme"
    assert "1 d 2 h, a default" in vera.get(path).text
    words = ["expect", "set", f"{tenant}*", "--age", "14d", "--tenant", "acme", "--store", monitored.store]
    assert typed(*words).returncode == 0
    # What is known of a tenant is looked up again after three seconds.
    until(lambda: f"agreed 14 d for plan <bdi>{tenant}*</bdi>" in vera.get(path).text, "the agreed age")
    assert not listed(vera, tenant, "needsYou")
