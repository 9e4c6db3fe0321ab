"""Incidents in the monitor: the page to which messages lead, and what the page of a series says of its own."""

from contextlib import closing

import pytest
from people import FORM, Browser, signed_in

from jobreport.model.incident_groups import Notice
from jobreport.store import open_store
from jobreport.store.watch import incidents, notices
from jobs import job as stored
from serving import Server
from strategies import NOW
from verdicts import incident

PLANS = ("<alpha>", "beta", "gamma")


@pytest.fixture
def browser(monitored: Server, tenant: str) -> Browser:
    """An admin of a tenant with three series that fail; the server finds the same. Of two, one message told.

    The incidents are there before the jobs: else the server might find them first.
    """
    app = monitored.app(tenant)
    with closing(open_store(monitored.store, migrate=False)) as store:
        number = store.tenant_id(tenant)
        assert number is not None
        with store.writing() as transaction:
            about = [
                incident(number, f"{tenant}-{one}", series=one, plan=plan, resource="", opened=NOW + one)
                for one, plan in enumerate(PLANS, 1)
            ]
            incidents.add(transaction, about)
            notices.add(
                transaction,
                number,
                [
                    Notice(incident=one.incident, rule="all", channels=("admins",), group=f"{tenant}-g", told=NOW)
                    for one in about[:2]
                ],
            )
    jobs = [stored(f"FB{plan}", plan=plan, state="Failed", cause="locked") for plan in PLANS]
    assert app.write(jobs).status_code == 200
    return signed_in(monitored, "anna")


def test_what_goes_on_is_listed_with_who_was_told_and_can_be_taken(browser: Browser, tenant: str) -> None:
    page = browser.get(f"/incidents?tenant={tenant}").text
    assert "3 incidents of" in page
    assert "&lt;alpha&gt;" in page
    assert page.index("gamma</bdi>") < page.index("beta</bdi>")
    assert page.count("admins</td>") == 2
    assert page.count('aria-label="I have it: ') == 3
    assert f'href="/series/2/mark?tenant={tenant}' in page


def test_a_message_leads_to_what_it_is_about_and_what_is_over_is_listed_apart(browser: Browser, tenant: str) -> None:
    page = browser.get(f"/incidents?tenant={tenant}&group={tenant}-g").text
    assert "2 incidents of" in page
    assert "gamma</bdi>" not in page
    over = browser.get(f"/incidents?tenant={tenant}&state=closed").text
    assert "0 incidents of" in over
    assert "There is none." in over
    wrong = browser.get(f"/incidents?tenant={tenant}&verdict=mised")
    assert (wrong.status_code, "did you mean missed?" in wrong.text) == (400, True)


def test_the_page_of_a_series_has_its_last_incidents(browser: Browser, tenant: str) -> None:
    page = browser.get(f"/series/3?tenant={tenant}").text
    assert "Last 1 incident" in page
    assert f'href="/incidents?tenant={tenant}"' in page


def test_who_has_it_is_named_and_nothing_is_left_to_take(browser: Browser, tenant: str) -> None:
    token = browser.token(f"/series/1/mark?tenant={tenant}")
    sent = {"token": token, "note": "", "ticket": "https://t.example.com/1", "until": ""}
    done = browser.http.post(f"/series/1/mark?tenant={tenant}&back=/incidents", data=sent, headers=FORM)
    assert done.status_code == 303
    page = browser.get(f"/incidents?tenant={tenant}").text
    assert "<bdi>anna</bdi> has it" in page
    assert 'href="https://t.example.com/1"' in page
    assert page.count('aria-label="I have it: ') == 2
