"""Addresses that nobody should have: cut off, made by hand, of a job with an odd ID. Each is answered, none breaks."""

import html
import re

import pytest
from people import FORM, Browser, signed_in

from jobreport.model import ticks
from jobs import AUGUST, DAY, job, unfinished
from serving import App, Server, typed

_ROW = re.compile(r'data-row href="([^"]*)"')


@pytest.fixture(scope="module")
def globex(monitored: Server) -> App:
    """An app of the tenant globex, with more series than a page has."""
    app = monitored.app("globex")
    jobs = [job(f"S{n}", plan=f"plan {n:03d}", state="Exception" if n % 4 else "Successful") for n in range(60)]
    assert app.write(jobs).status_code == 200
    return app


@pytest.fixture(scope="module")
def anna(monitored: Server, globex: App) -> Browser:
    assert globex
    return signed_in(monitored, "anna")


def heading(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert found, page
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", found[1])).split())


def test_a_page_of_series_leads_to_the_next_one_and_a_false_token_is_told(
    monitored: Server, anna: Browser, globex: App
) -> None:
    first = anna.get("/series?tenant=globex&sort=lastGood")
    (following,) = re.findall(r'href="([^"]*)" rel="next"', first.text)
    token = html.unescape(following).rpartition("skiptoken=")[2]
    second = anna.get(html.unescape(following))
    shown = [*_ROW.findall(first.text), *_ROW.findall(second.text)]
    assert len(set(shown)) == len(shown) == 60
    of_jobs = globex.find(pageSize=1).json()["nextLink"]
    assert of_jobs
    foreign = monitored.app("acme").find(pageSize=1).json()["nextLink"]
    for address in (
        "/series?tenant=globex&skiptoken=none",
        f"/series?tenant=globex&skiptoken={token}",
        f"/series?tenant=globex&sort=lastGood&plan=other&skiptoken={token}",
        f"/series?tenant=globex&skiptoken={of_jobs}",
        f"/series?tenant=globex&skiptoken={foreign or 'x'}",
    ):
        refused = anna.get(address)
        assert refused.status_code == 400, address
        assert "skiptoken" in refused.text
        assert "`errors`" not in refused.text


def test_the_overview_leads_to_each_job_that_runs_whatever_its_id(anna: Browser, monitored: Server) -> None:
    assert typed("tenant", "create", "odd", "--store", monitored.store).returncode == 0
    ids = ["..", "a/../b", "a//b", "a%2f", "?", "\\..\\x", "ü #"]
    assert (
        monitored.app("odd").write([unfinished(one, "InProgress", startTime=AUGUST) for one in ids]).status_code == 200
    )
    links = [html.unescape(link) for link in _ROW.findall(anna.get("/?tenant=odd").text)]
    pages = [anna.get(link) for link in links]
    assert [page.status_code for page in pages] == [200] * len(ids)
    assert sorted(
        re.findall(r'<span class="id soft"><bdi>(.*?)</bdi>', "".join(page.text for page in pages))
    ) == sorted(ids)


def test_series_are_not_good_where_the_tenant_says_so(anna: Browser, monitored: Server, globex: App) -> None:
    def counted() -> str:
        return heading(anna.get("/series?tenant=globex").text)

    assert counted() == "45 of 60 series need you"
    words = ["tenant", "set", "globex", "--store", monitored.store]
    assert typed(*words, "--good", "exceptions").returncode == 0
    assert counted() == "60 series"
    # Skipped after a failure is not good either, though the newest job did not fail.
    later = AUGUST + DAY
    assert globex.write([job("F", plan="plan 000", state="Failed", startTime=later)]).status_code == 200
    assert globex.write([job("K", plan="plan 000", state="Skipped", startTime=later + DAY)]).status_code == 200
    assert counted() == "1 of 60 series needs you"
    assert heading(anna.get("/series?tenant=globex&plan=plan+000").text).startswith("1 of 1 series needs you")
    then = ticks.to_iso(later - 1)
    assert heading(anna.get(f"/series?tenant=globex&at={then}").text).startswith("60 series")


def test_a_form_that_is_refused_says_that_nothing_was_changed(anna: Browser) -> None:
    for headers, fields in ((FORM, {"token": "x"}), ({"Sec-Fetch-Site": "cross-site"}, {})):
        refused = anna.send("/sessions", headers=headers, session="all", **fields)
        assert (refused.status_code, heading(refused.text)) == (403, "This form was refused")
        assert "Nothing was changed." in refused.text
    assert anna.get("/sessions").status_code == 200


def test_the_same_list_is_asked_by_a_program_in_each_way(anna: Browser) -> None:
    page = html.unescape(anna.get("/jobs?tenant=globex&state=Failed").text)
    assert "client.search([('state', 'Failed')])" in page
    assert "jobreport jobs --state=Failed" in page
