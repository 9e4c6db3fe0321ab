"""Signing in and out: a new session each time, and its cookie is of no use afterwards."""

import json
import re

import pytest
from people import FORM, PASSWORD, Browser, add_operator, signed_in

from jobreport.store import open_store
from jobreport.store.registry import operators, sessions
from serving import Server, typed, until


def test_who_signs_in_comes_to_the_page_that_was_wanted(monitored: Server) -> None:
    browser = Browser(monitored)
    sent_away = browser.get("/sessions?x=%C3%BC&y=1")
    assert sent_away.status_code == 303
    assert sent_away.headers["location"] == "/sign-in?next=%2Fsessions%3Fx%3D%25C3%25BC%26y%3D1"
    page = browser.get(sent_away.headers["location"])
    assert page.status_code == 200
    wanted = re.search(r'name="next" value="([^"]*)"', page.text)
    assert wanted
    answer = browser.sign_in("Anna", next=wanted[1].replace("&amp;", "&"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sessions?x=%C3%BC&y=1")
    assert browser.get("/sessions").status_code == 200
    assert "anna" in browser.get("/sessions").text


def test_who_is_signed_in_need_not_do_so_again(monitored: Server) -> None:
    browser = signed_in(monitored, "vera")
    answer = browser.get("/sign-in?next=/jobs")
    assert (answer.status_code, answer.headers["location"]) == (303, "/jobs")


def test_cookie_is_for_the_server_alone_and_no_script_reads_it(monitored: Server) -> None:
    browser = Browser(monitored)
    form = browser.get("/sign-in").headers["set-cookie"]
    session = browser.sign_in("vera").headers.get_list("set-cookie")
    # A browser keeps one set of cookies for all servers of this machine, whatever their ports.
    name, port = browser.session_name, monitored.port
    assert re.fullmatch(rf"jobreport-form-{port}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=lax", form)
    assert re.fullmatch(rf"{name}=jro_[\w-]{{43}}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax", session[0])
    assert session[1].startswith(f'jobreport-form-{port}=""; ')
    assert "Max-Age=0" in session[1]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("vera", "another password here"),
        ("nobody", PASSWORD),
        ("", ""),
        ("vera", ""),
        ("\x00", "\x00\x01"),
        ("ü" * 99, "a wrong one"),
    ],
    ids=["password", "name", "nothing", "no password", "control", "long"],
)
def test_wrong_name_or_password_is_answered_alike(monitored: Server, name: str, password: str) -> None:
    browser = Browser(monitored)
    answer = browser.sign_in(name, password)
    assert answer.status_code == 403
    assert "do not belong together" in answer.text
    assert not browser.session
    if password:
        assert password not in answer.text


def test_signing_in_begins_a_new_session_and_ends_the_one_before(monitored: Server) -> None:
    browser = signed_in(monitored, "vera")
    first = browser.session
    planted = Browser(monitored)
    for begun in (first, "jro_" + "a" * 43):
        form = planted.token("/sign-in")
        planted.http.cookies.set(planted.session_name, begun, "127.0.0.1", "/")
        answer = planted.sign_in("vera", token=form)
        assert answer.status_code == 303
        assert planted.session not in ("", first, begun)
        assert browser.get("/sessions").status_code == 303
        planted.send("/sign-out", form="/sessions")


def test_cookie_is_of_no_use_after_signing_out(monitored: Server) -> None:
    browser = signed_in(monitored, "vera")
    kept = browser.session
    answer = browser.send("/sign-out", form="/sessions")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert not browser.session
    again = Browser(monitored)
    again.http.cookies.set(again.session_name, kept)
    assert again.get("/sessions").headers["location"].startswith("/sign-in")
    assert again.http.post("/sign-out", data={"token": "x"}, headers=FORM).headers["location"] == "/sign-in"


def test_session_that_is_over_is_refused(monitored: Server) -> None:
    browser = signed_in(monitored, "gus")
    store = open_store(monitored.store)
    with store.writing() as transaction:
        gus = operators.find(transaction, "gus")
        assert gus
        for one in sessions.list_sessions(transaction, gus.number, store.clock()):
            sessions.set_seen(transaction, one.token, one.seen, store.clock())
    store.close()
    assert browser.get("/sessions").status_code == 303


def test_who_is_disabled_is_out_at_once_and_may_return_when_enabled(monitored: Server) -> None:
    add_operator(monitored, "dora")
    browser = signed_in(monitored, "dora")
    assert typed("operator", "disable", "dora", "--store", monitored.store).returncode == 0
    assert browser.get("/sessions").status_code == 303
    assert browser.sign_in("dora").status_code == 403
    assert typed("operator", "enable", "dora", "--store", monitored.store).returncode == 0
    assert browser.get("/sessions").status_code == 303
    assert browser.sign_in("dora").status_code == 303


def test_two_cookies_of_one_name_are_none(monitored: Server) -> None:
    browser = signed_in(monitored, "vera")
    both = f"{browser.session_name}={browser.session}; {browser.session_name}=jro_{'a' * 43}"
    assert Browser(monitored).get("/sessions", Cookie=both).status_code == 303


def test_two_hundred_wrong_passwords_from_one_address_keep_no_other_out(monitored: Server) -> None:
    add_operator(monitored, "target")
    inside = signed_in(monitored, "target")
    attacker = Browser(monitored)
    token = attacker.token("/sign-in")
    answers = [attacker.sign_in("target", f"wrong password {n}", token=token) for n in range(200)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) > 150
    assert int(refused[-1].headers["retry-after"]) >= 1
    assert "Too many attempts" in refused[-1].text
    while int(attacker.sign_in("target", "wrong", token=token).headers.get("retry-after", "0")) < 2:
        pass
    assert attacker.sign_in("target", token=token).status_code == 429
    assert inside.get("/sessions").status_code == 200
    assert Browser(monitored).sign_in("target").status_code == 303


def test_sign_ins_are_in_the_audit_log_and_failed_ones_are_counted(monitored: Server) -> None:
    browser = signed_in(monitored, "olga")
    browser.send("/sign-out", form="/sessions")
    browser.sign_in("olga", "no password of hers")
    listed = typed("audit", "--tenant", "_service", "--json", "--store", monitored.store).stdout
    found = [json.loads(line) for line in listed.splitlines() if line.startswith("{")] or json.loads(listed)
    mine = [entry for entry in found if entry["target"] == "operator:olga" and entry["actor"] == "operator:olga"]
    assert {entry["action"] for entry in mine} == {"operator.signed-in", "operator.signed-out"}
    assert {entry["address"] for entry in mine} >= {browser.address}
    store = open_store(monitored.store)

    def counted() -> bool:
        with store.reading() as transaction:
            rows = transaction.exec_driver_sql("SELECT client, refused FROM sign_in WHERE refused > 0").all()
        return ("operator:olga", 1) in [tuple(row) for row in rows]

    assert until(counted, "the count of the refused sign-in")
    store.close()


def test_log_names_who_asked_and_no_password(monitored: Server) -> None:
    signed_in(monitored, "vera").get("/sessions?seen-by=vera")
    lines = [json.loads(line) for line in monitored.log.splitlines() if line.startswith("{")]
    assert any(line.get("client") == "operator:vera" and line["path"] == "/sessions" for line in lines)
    assert PASSWORD not in monitored.log
    assert "jro_" not in monitored.log
