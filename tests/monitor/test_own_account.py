"""What people do with their own account: see where they are signed in, end that, change the password, give it again."""

import hashlib
import re
from contextlib import closing

import pytest
from people import PASSWORD, Browser, add_operator, signed_in

from jobreport.store import open_store
from jobreport.store.registry import sign_in_failures
from jobreport.store.registry.sign_in_failures import Failures
from serving import Server

NEW = "seven green bottles on a wall"


@pytest.fixture
def name(monitored: Server, tenant: str) -> str:
    """An operator whom no other test knows."""
    add_operator(monitored, tenant)
    return tenant


def session_of(browser: Browser) -> str:
    """The ID of the session of this browser."""
    return hashlib.sha256(browser.session.encode()).hexdigest()[:12]


def rows(browser: Browser) -> list[str]:
    """The sessions that the page shows, by ID."""
    found = re.findall(r'name="session" value="([0-9a-f]{12})"', browser.get("/sessions").text)
    assert found
    return list(found)


def test_each_session_is_listed_with_its_browser_and_ended_from_another(monitored: Server, name: str) -> None:
    first = signed_in(monitored, name)
    second = Browser(monitored, **{"User-Agent": "Fire<fox> & co " + "x" * 200})
    assert second.sign_in(name).status_code == 303
    page = first.get("/sessions").text
    assert "You are signed in in 2 places" in page
    assert "Fire&lt;fox&gt;" in page
    assert "x" * 120 not in page
    assert first.address in page
    assert second.address in page
    assert set(rows(first)) == set(rows(second)) == {session_of(first), session_of(second)}
    assert first.send("/sessions", session=session_of(second)).headers["location"] == "/sessions"
    assert (first.get("/sessions").status_code, second.get("/sessions").status_code) == (200, 303)
    assert rows(first) == [session_of(first)]
    assert first.send("/sessions", session=session_of(first)).headers["location"] == "/sign-in"


def test_nobody_ends_the_session_of_another_person(monitored: Server, name: str) -> None:
    mine, others = signed_in(monitored, name), signed_in(monitored, "gus")
    (target,) = rows(mine)
    assert others.send("/sessions", session=target).status_code == 303
    assert mine.get("/sessions").status_code == 200


def test_signing_out_everywhere_ends_all_sessions_of_this_person_alone(monitored: Server, name: str) -> None:
    mine = [signed_in(monitored, name) for _ in range(3)]
    other = signed_in(monitored, "gus")
    answer = mine[0].send("/sessions", session="all")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert [browser.get("/sessions").status_code for browser in mine] == [303, 303, 303]
    assert other.get("/sessions").status_code == 200


def test_new_password_counts_and_ends_all_other_sessions(monitored: Server, name: str) -> None:
    here, there = signed_in(monitored, name), signed_in(monitored, name)
    before = here.session
    answer = here.send("/password", current=PASSWORD, new=NEW, again=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sessions")
    assert here.session not in ("", before)
    assert here.get("/sessions").status_code == 200
    assert there.get("/sessions").status_code == 303
    kept = Browser(monitored)
    kept.http.cookies.set(kept.session_name, before, "127.0.0.1", "/")
    assert kept.get("/sessions").status_code == 303
    assert Browser(monitored).sign_in(name).status_code == 403
    assert Browser(monitored).sign_in(name, NEW).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again", "status", "said"),
    [
        ("wrong", NEW, NEW, 403, "The current password is wrong."),
        (PASSWORD, NEW, NEW + "!", 400, "The two new passwords differ"),
        (PASSWORD, "short", "short", 400, "at least 15 characters"),
        (PASSWORD, "", "", 400, "at least 15 characters"),
        (PASSWORD, "a" * 30, "a" * 30, 400, "guessed too easily"),
    ],
)
def test_password_that_is_not_changed_stays(
    monitored: Server, name: str, current: str, new: str, again: str, status: int, said: str
) -> None:
    browser = signed_in(monitored, name)
    answer = browser.send("/password", current=current, new=new, again=again)
    assert answer.status_code == status
    assert said in answer.text
    assert new == "" or new not in answer.text
    assert Browser(monitored).sign_in(name).status_code == 303


def test_wrong_password_has_to_be_waited_for_in_every_form(monitored: Server, name: str) -> None:
    browser = signed_in(monitored, name)
    wrong = {"password": "wrong", "current": "wrong", "new": NEW, "again": NEW}
    for path in ("/confirm", "/password"):
        assert browser.send(path, **wrong).status_code == 403
    with closing(open_store(monitored.store)) as store, store.writing() as transaction:
        key = name, browser.address
        assert sign_in_failures.find(transaction, (key,))[key].number == 2
        sign_in_failures.put(transaction, key, Failures(12, store.clock()))
    for path in ("/confirm", "/password", "/sign-in"):
        asking = Browser(monitored, browser.address) if path == "/sign-in" else browser
        answer = asking.send(path, **{**wrong, "name": name, "password": PASSWORD, "current": PASSWORD})
        assert answer.status_code == 429, path
        assert 100 < int(answer.headers["retry-after"]) <= 256


def test_password_given_again_leads_to_the_page_that_asked(monitored: Server, name: str) -> None:
    browser = signed_in(monitored, name)
    assert 'value="/sessions?x=1"' in browser.get("/confirm?next=/sessions%3Fx=1").text
    answer = browser.send("/confirm", password=PASSWORD, next="/sessions?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sessions?x=1")
    for elsewhere in ("//evil.example", "/\\evil.example", "https://evil.example"):
        assert browser.send("/confirm", password=PASSWORD, next=elsewhere).headers["location"] == "/"
