"""The page of inboxes: what can be pinged, what came to it, and never an address."""

import html
import json
import re

from people import Browser, signed_in

from serving import Server, typed


def text(browser: Browser, tenant: str) -> str:
    """What is read on the page, on one line."""
    page = browser.get(f"/inboxes?tenant={tenant}")
    assert page.status_code == 200, page.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text.split("<main", 1)[1])).split())


def test_an_admin_sees_what_can_be_pinged_and_what_came(monitored: Server, tenant: str) -> None:
    monitored.app(tenant)
    anna = signed_in(monitored, "anna")
    assert "0 inboxes take reports" in text(anna, tenant)
    words = [
        "inbox",
        "create",
        "nas <b>",
        "--plan",
        "nightly",
        "--tenant",
        tenant,
        "--store",
        monitored.store,
        "--json",
    ]
    made = typed(*words)
    address = json.loads(made.stdout)["address"]
    path = "/ping/" + address.rsplit("/", 1)[1]
    assert "nas <b> nightly Common, Backup nothing yet 0 0 never 1 d" in text(anna, tenant)
    assert monitored.http.get(path).status_code == 200
    assert "only ends: a run that died, or never began, leaves no trace 1" in text(anna, tenant)
    assert monitored.http.get(f"{path}/start").status_code == 200
    assert "starts and ends 2" in text(anna, tenant)
    page = anna.get(f"/inboxes?tenant={tenant}").text
    assert path.rsplit("/", 1)[1] not in page
    jobs = re.search(r'data-row href="(/jobs[^"]*)"', page)
    assert jobs
    assert "2 jobs" in anna.get(html.unescape(jobs[1])).text
    assert "could not be read" not in text(anna, tenant)
    for number in range(2):
        monitored.http.post(f"{path.replace('ping', 'hook')}/nowhere", json={"number": number})
    assert "2 reports could not be read. They are kept whole" in text(anna, tenant)
    assert "starts and ends 4 2" in text(anna, tenant)
