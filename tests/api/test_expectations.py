"""`/api/expectations`: what is expected is set, listed and removed; an app that reports alone sets only its own."""

import pytest

from serving import READ_WRITE, WRITE_OWN, App, Server

PATH = "/api/expectations"
NIGHTLY = {"plan": "nightly", "cron": ["0 2 * * *"], "zone": "Europe/Berlin", "grace": "30m", "holidays": ["DE-BY"]}


@pytest.fixture(scope="module")
def app(server: Server) -> App:
    return server.app("expecting", READ_WRITE)


def put(app: App, name: str, document: object) -> tuple[int, dict[str, object]]:
    answer = app.server.http.put(f"{PATH}/{name}", json=document, headers=app.bearer)
    return answer.status_code, answer.json()


def names(app: App) -> list[str]:
    return [one["name"] for one in app.server.http.get(PATH, headers=app.bearer).json()["expectations"]]


def test_an_expectation_is_set_shown_listed_replaced_and_removed(app: App) -> None:
    whole = {"name": "nightly", **NIGHTLY}
    assert put(app, "nightly", NIGHTLY) == (200, whole)
    assert put(app, "of-all", {"age": "26h", "windows": [{"cron": "0 22 * * 6", "length": "4h"}]})[0] == 200
    assert app.server.http.get(f"{PATH}/nightly", headers=app.bearer).json() == whole
    assert names(app) == ["nightly", "of-all"]  # the most specific first
    assert put(app, "nightly", {"plan": "nightly", "age": "8h"}) == (
        200,
        {"name": "nightly", "plan": "nightly", "age": "8h"},
    )
    assert app.server.http.delete(f"{PATH}/nightly", headers=app.bearer).status_code == 204
    assert app.server.http.delete(f"{PATH}/nightly", headers=app.bearer).status_code == 404
    assert names(app) == ["of-all"]
    app.server.http.delete(f"{PATH}/of-all", headers=app.bearer)


@pytest.mark.parametrize(
    ("document", "field", "says"),
    [
        ({"plan": "x"}, "", "says nothing"),
        ({"age": "soon"}, "age", "no length of time"),
        ({"age": "1s"}, "age", "no length from 1m"),
        ({"cron": ["0 2 * *"]}, "cron", "five fields"),
        ({"cron": ["61 2 * * *"]}, "cron", "bad minute"),
        ({"calendar": ["Sommer"]}, "calendar", "no calendar event"),
        ({"cron": ["0 2 * * *"], "zone": "Europe/Berln"}, "zone", "did you mean Europe/Berlin"),
        ({"cron": ["0 2 * * *"], "holidays": ["XX"]}, "holidays", "no code of a country"),
        ({"cron": ["0 2 * * *"], "off": ["24.12."]}, "off", "each is a day"),
        ({"every": "4h", "cron": ["0 2 * * *"]}, "every", "does not go with cron"),
        ({"age": "8h", "windows": [{"cron": "0 2 * * *"}]}, "windows[0]", "either begins and ends"),
        ({"age": "8h", "service": "Fileshar"}, "service", "must be one of these names"),
        ({"age": "8h", "tenant": "*"}, "tenant", "operator's own tenant"),
        ({"age": "8h", "by": "me"}, "by", "answers alone"),
        ({"age": "8h", "plann": "x"}, "", "plann"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(app: App, document: dict[str, object], field: str, says: str) -> None:
    status, answer = put(app, "wrong", document)
    errors = answer["errors"]
    assert status == 400
    assert isinstance(errors, list)
    assert [one["field"] for one in errors] == [field], answer
    assert says in errors[0]["message"]


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        (b"\xff", "", "the body is not UTF-8"),
        (b'{"age": ', "", "the body is not JSON"),
        (b"[]", "", "expected `object`"),
        (b'{"age": 26}', "age", "expected `str`, got `int`"),
        (b'{"age": "8h", "windows": [{"cron": 1}]}', "windows[0].cron", "expected `str`"),
        (b'{"plan": "a\\u0000"}', "plan", "holds a NUL"),
    ],
)
def test_a_body_that_is_no_such_document_is_refused(app: App, body: bytes, field: str, says: str) -> None:
    headers = {**app.bearer, "Content-Type": "application/json"}
    refused = app.server.http.put(f"{PATH}/wrong", content=body, headers=headers)
    (fault,) = refused.json()["errors"]
    assert (refused.status_code, fault["field"]) == (400, field)
    assert says in fault["message"]


def test_two_expectations_of_the_same_series_are_refused(app: App) -> None:
    assert put(app, "one", {"plan": "same", "age": "8h"})[0] == 200
    status, answer = put(app, "two", {"plan": "same", "age": "9h"})
    assert (status, "the same series" in str(answer)) == (409, True)


def test_an_app_that_reports_its_own_jobs_sets_what_counts_last_and_touches_no_other(server: Server, app: App) -> None:
    machine = server.app("expecting", WRITE_OWN)
    assert put(machine, "mine", {"plan": "own", "age": "99d"})[0] == 200
    assert put(app, "people", {"plan": "o*", "age": "8h"})[0] == 200
    assert names(app).index("people") < names(app).index("mine")
    assert put(machine, "wide", {"plan": "*", "age": "99d"})[0] == 400
    assert put(machine, "people", {"plan": "own", "age": "99d"})[0] == 403
    assert machine.server.http.delete(f"{PATH}/people", headers=machine.bearer).status_code == 403
    assert machine.server.http.delete(f"{PATH}/mine", headers=machine.bearer).status_code == 204
