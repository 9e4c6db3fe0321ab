"""The pages of jobs and series show what the API answers to the same question, and nothing of another tenant."""

import html
import re
from urllib.parse import urlsplit

import httpx
import pytest
from people import Browser, signed_in

from jobs import AUGUST, DAY, MINUTE, job, unfinished
from serving import App, Server

HOSTILE = "</td><script>alert(1)</script>\u202egnirts\x07 {{ 7*7 }}"
TAG = re.compile(r"<[^>]*>")


def text(page: httpx.Response) -> str:
    """What a person reads of a page, on one line."""
    assert page.status_code == 200, page.text
    return " ".join(html.unescape(TAG.sub(" ", page.text.split("<main", 1)[1])).split())


def heading(page: httpx.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text, re.DOTALL)
    assert found, page.text
    return " ".join(html.unescape(TAG.sub("", found[1])).split())


@pytest.fixture(scope="module")
def acme(monitored: Server) -> App:
    """An app of the tenant acme, which has reported a history."""
    app = monitored.app("acme", "PlatformBackup.ReadWrite.All")
    nightly = [
        job(
            f"N{night:02d}",
            plan="nightly",
            resource="web-1:/home",
            startTime=AUGUST + night * DAY,
            finishTime=AUGUST + night * DAY + (20 + night) * MINUTE,
            successfulCount=0 if night >= 28 else 100,
            failedCount=100 if night >= 28 else 0,
            state="Failed" if night >= 28 else "Successful",
            comments="repository is locked by process 4711" if night >= 28 else "",
            bytes=1 << 30,
        )
        for night in range(31)
    ]
    odd = [
        job("..", plan="odd", resource="dots"),
        job("a/b?c#d%2e", plan="odd", resource="path"),
        job(
            "hostile",
            plan=HOSTILE,
            resource=HOSTILE,
            description=HOSTILE,
            origin=HOSTILE,
            comments=f"{HOSTILE}\n{HOSTILE}",
            raw={HOSTILE: HOSTILE},
            state="Failed",
        ),
        unfinished("running", "InProgress", startTime=AUGUST + 40 * DAY, plan="weekly", resource="nas"),
        job("listed", plan="odd", resource="list", reference="restic:4fc8:d0e1", sees="results"),
        job("alone", plan=None, resource=None, description="a job of no series"),
    ]
    assert app.write([*nightly, *odd]).status_code == 200
    return app


@pytest.fixture(scope="module")
def anna(monitored: Server, acme: App) -> Browser:
    """A browser of an admin who sees all tenants."""
    assert acme
    return signed_in(monitored, "anna")


QUESTIONS = [
    "",
    "state=Exception,Failed,Stopped",
    "plan=nightly",
    "plan=nightly&state=Failed",
    "searchText=hostile",
    "resource=web-1:/home&minDuration=00:40:00",
    "endedSince=2024-09-01T00:00:00Z&endedUntil=2024-09-03T00:00:00Z",
    "startTime=2024-09-01T00:00:00Z",
    "cause=locked",
    "comments=locked",
    "minFailed=1",
    "serviceType=AKS",
    "sort=-duration",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_list_has_the_total_and_the_jobs_of_the_api(anna: Browser, acme: App, question: str) -> None:
    page = anna.get(f"/jobs?tenant=acme&{question}")
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in question.split("&")) if name]
    answer = acme.find(*pairs, ("pageSize", "50")).json()
    assert heading(page).startswith(f"{answer['totalCount']} job")
    shown = re.findall(r'<tr id="job-([^"]*)"', page.text)
    assert [html.unescape(job_id) for job_id in shown] == [one["jobId"] for one in answer["jobs"]]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_chip_takes_its_part_of_the_question_away(anna: Browser, question: str) -> None:
    page = anna.get(f"/jobs?tenant=acme&{question}")
    without = [html.unescape(one) for one in re.findall(r'<a href="([^"]*)" aria-label="Without', page.text)]
    parts = [pair for pair in question.split("&") if pair and not pair.startswith("sort")]
    assert len(without) == len(parts)
    for address in without:
        less = anna.get(address)
        assert less.status_code == 200
        assert less.text.count('aria-label="Without') == len(parts) - 1


def test_what_a_form_sends_becomes_an_address_for_others(anna: Browser) -> None:
    sent = anna.get("/jobs?tenant=acme&searchText=&plan=nightly&state=16&endedSince=2024-09-01&pageSize=50&cause=")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/jobs?tenant=acme&state=Failed&plan=nightly&endedSince=2024-09-01T00:00:00Z"
    assert anna.get(sent.headers["location"]).status_code == 200


def test_a_page_beyond_the_last_leads_to_the_last(anna: Browser) -> None:
    beyond = anna.get("/jobs?tenant=acme&plan=nightly&pageNumber=7")
    assert (beyond.status_code, beyond.headers["location"]) == (303, "/jobs?tenant=acme&plan=nightly")


@pytest.mark.parametrize("path", ["/jobs?sate=Failed", "/jobs?state=Fialed", "/series?sort=up", "/jobs?pageSize=7"])
def test_a_question_that_is_wrong_is_told_with_what_is_right(anna: Browser, path: str) -> None:
    page = anna.get(f"{path}&tenant=acme")
    assert page.status_code == 400
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    name = path.partition("?")[2].partition("=")[0]
    assert name in page.text


@pytest.mark.parametrize("path", ["/jobs", "/series"])
def test_a_wrong_value_is_told_at_its_field_and_what_was_typed_stays(anna: Browser, path: str) -> None:
    date = "endedSince" if path == "/jobs" else "at"
    page = anna.get(f"{path}?tenant=acme&plan=kept&{date}=20.11.2026")
    assert page.status_code == 400
    assert re.search(rf'id="f-{date}"[^>]* value="20.11.2026"[^>]* aria-describedby="e-{date}"', page.text)
    assert re.search(rf'id="e-{date}"><bdi>[^<]+</bdi>', page.text)
    assert 'name="plan" value="kept"' in page.text


def test_a_file_has_exactly_the_jobs_of_the_list(anna: Browser, acme: App) -> None:
    page = anna.get("/jobs?tenant=acme&plan=nightly&state=Failed")
    addresses = [html.unescape(one) for one in re.findall(r'<a href="([^"]*)" download>', page.text)]
    assert [re.findall("format=([a-z]*)", one) for one in addresses] == [["csv"], ["ndjson"], ["xlsx"], ["parquet"]]
    file = anna.get(addresses[0])
    assert file.headers["total-count"] == "3"
    assert file.content == acme.export(format="csv", plan="nightly", state="Failed").content
    assert anna.get("/export?tenant=acme").status_code == 400


def test_a_job_tells_how_it_stands_in_its_series(anna: Browser) -> None:
    page = anna.get("/jobs/N30?tenant=acme")
    assert heading(page) == "Failed after 50 min"
    words = text(page)
    assert "Not good for the 3rd time in a row; last good copy" in words
    assert "usually 33 min (22 min to 44 min), by the last 28 good runs" in words
    assert "0 good · 100 failed · 0 skipped · 100 in all" in words
    older = re.search(r'<a href="([^"]*)" rel="prev">', page.text)
    assert older
    assert urlsplit(html.unescape(older[1])).path == "/jobs/N29"
    assert 'rel="next"' not in page.text
    assert page.text.count('<a href="/jobs/N') >= 30
    assert "This is the newest good copy" in text(anna.get("/jobs/N27?tenant=acme"))
    assert "it belongs to no series" in text(anna.get("/jobs/alone?tenant=acme"))
    assert heading(anna.get("/jobs/running?tenant=acme")).startswith("Running for ")


def test_a_correction_shows_what_was_said_before(anna: Browser, acme: App) -> None:
    first = job("corrected", plan="c", resource="c", state="Failed", comments="lost", observedAt=AUGUST + DAY)
    assert acme.write([first]).status_code == 200
    again = job("corrected", plan="c", resource="c", comments="found", observedAt=AUGUST + 2 * DAY)
    assert acme.write([again]).status_code == 200
    words = text(anna.get("/jobs/corrected?tenant=acme"))
    assert "What was said earlier (1 version)" in words
    assert "state Failed Successful" in words
    assert "comments lost found" in words


@pytest.mark.parametrize("job_id", ["..", "a/b?c#d%2e", "hostile"])
def test_every_job_of_a_list_has_a_page(anna: Browser, job_id: str) -> None:
    page = anna.get(f"/jobs?tenant=acme&searchText={httpx.QueryParams({'x': job_id})!s}".replace("x=", ""))
    addresses = [html.unescape(one) for one in re.findall(r'data-row href="([^"]*)"', page.text)]
    assert any(f"{job_id} " in text(anna.get(address)) for address in addresses)


def test_no_text_of_a_job_is_taken_for_markup(anna: Browser) -> None:
    for path in ("/jobs?tenant=acme&searchText=hostile", "/jobs/hostile?tenant=acme", "/series?tenant=acme"):
        page = anna.get(path)
        assert "<script>alert" not in page.text
        assert "\u202e" not in page.text
        assert "\x07" not in page.text
        assert "</td><script>alert(1)</script>U+202Egnirts␇ {{ 7*7 }}" in html.unescape(TAG.sub("", page.text))


def test_series_are_those_of_the_api(anna: Browser, acme: App) -> None:
    page = anna.get("/series?tenant=acme&state=Exception,Failed,Stopped")
    answer = acme.series(state="Exception,Failed,Stopped").json()
    assert heading(page) == f"{answer['totalCount']} of {answer['totalCount']} series need you: not good"
    numbers = [int(one) for one in re.findall(r'data-row href="/series/([0-9]+)', page.text)]
    assert numbers == [one["number"] for one in answer["series"]]
    # As the page of the series says, by its last good runs.
    (nightly,) = (one["number"] for one in answer["series"] if one["plan"] == "nightly")
    usual = re.search(r"Usually ([0-9]+ min) ", text(anna.get(f"/series/{nightly}?tenant=acme")))
    assert usual
    assert f'<td class="usual nowrap">{usual[1]}</td>' in page.text
    every, need = (acme.series(**asked).json()["totalCount"] for asked in ({}, {"standing": "needsYou"}))
    assert heading(anna.get("/series?tenant=acme")) == f"{need} of {every} series need you"


def test_a_plan_is_as_bad_as_its_worst_series(anna: Browser, monitored: Server, tenant: str) -> None:
    states = {"web-1": "Successful", "web-2": "Failed", "web-3": "Exception"}
    jobs = [job(name, plan="nightly", resource=name, state=state) for name, state in states.items()]
    assert monitored.app(tenant).write(jobs).status_code == 200
    assert "nightly failed: 3 here, 2 need you" in text(anna.get(f"/series?tenant={tenant}"))
    assert "nightly exceptions: 2 here" in text(anna.get(f"/series?tenant={tenant}&state=Successful,Exception"))


def test_one_series_shows_its_runs_and_leads_to_its_jobs(anna: Browser, acme: App) -> None:
    (one,) = acme.series(plan="nightly").json()["series"]
    page = anna.get(f"/series/{one['number']}?tenant=acme")
    assert "nightly · web-1:/home: failed, not good since" in heading(page)
    assert len(re.findall(r"<tr>\s*<td class=\"all\"><a data-row", page.text)) == 30
    jobs = re.search(r'<a href="([^"]*)">31 jobs</a>', page.text)
    assert jobs
    assert heading(anna.get(html.unescape(jobs[1]))).startswith("31 jobs: ")
    assert anna.get(f"/series/{one['key']}?tenant=acme").status_code == 200
    # Why: of the series above, and of each of the runs that were not good.
    assert page.text.count("repository is locked by process 4711") == 1 + 3
    same = re.search(r'<a href="([^"]*)">jobs with the same cause</a>', page.text)
    assert same
    assert heading(anna.get(html.unescape(same[1]))).startswith("3 jobs: not good")


@pytest.mark.parametrize("path", ["/jobs/none", "/series/9999", "/series/x", "/job?jobId=none"])
def test_what_is_not_there_is_told(anna: Browser, path: str) -> None:
    page = anna.get(f"{path}{'&' if '?' in path else '?'}tenant=acme")
    assert page.status_code == 404
    assert "There is no " in page.text


@pytest.mark.parametrize(
    "path", ["/jobs", "/jobs/N30", "/series", "/series/1", "/night", "/export?format=csv", "/job?jobId=N30"]
)
def test_nobody_sees_the_jobs_of_another_tenant(monitored: Server, acme: App, path: str) -> None:
    named = f"{path}{'&' if '?' in path else '?'}tenant=acme"
    signed_out = Browser(monitored).get(named)
    assert signed_out.status_code == 303
    assert signed_out.headers["location"].startswith("/sign-in?next=")
    gus = signed_in(monitored, "gus")
    refused = gus.get(named)
    assert refused.status_code == 404
    assert "N30" not in refused.text
    assert gus.get(named.replace("acme", "nosuch")).status_code == 404
    assert "N30" not in gus.get(path).text
    assert signed_in(monitored, "vera").get(path).status_code == 200


def test_a_page_that_has_not_changed_is_not_sent_again(anna: Browser, acme: App) -> None:
    for path in ("/jobs?tenant=acme", "/jobs/N30?tenant=acme", "/series?tenant=acme"):
        etag = anna.get(path).headers["etag"]
        again = anna.get(path, **{"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
    etag = anna.get("/jobs?tenant=acme").headers["etag"]
    assert acme.write([job("new", plan="new", resource="new")]).status_code == 200
    assert anna.get("/jobs?tenant=acme", **{"If-None-Match": etag}).status_code == 200


def test_a_night_has_exactly_the_jobs_that_ended_in_it(anna: Browser, acme: App) -> None:
    # AUGUST is 16:00 UTC of a Thursday, and the nights of the tenant begin at 18:00 UTC.
    page = anna.get("/night?tenant=acme&night=2024-09-20")
    ended = acme.find(("endedSince", "2024-09-20T18:00:00Z"), ("endedUntil", "2024-09-21T17:59:59Z")).json()
    assert ended["totalCount"] == 1
    assert heading(page) == "1 of 1 series was not good in this night"
    assert "1 job . Beside the same night a week ago: 1 still not good" in text(page).replace("job.", "job .")
    assert heading(anna.get("/night?tenant=acme&night=2023-01-01")) == "Nothing ran in this night"
    assert anna.get("/night?tenant=acme&night=2023-13-01").status_code == 400


def test_a_job_that_a_list_tells_of_is_shown_as_such(anna: Browser) -> None:
    shown = text(anna.get("/jobs/listed?tenant=acme"))
    assert "Reference restic:4fc8:d0e1 Told by a list of results, in which a failure leaves no trace" in shown
