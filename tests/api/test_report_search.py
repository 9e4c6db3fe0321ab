"""`searchText`: a part of the job ID or of the description, case folded, with no sign that means another."""

import pytest

from jobs import job
from serving import App


@pytest.fixture
def library(app: App) -> App:
    texts = {
        "FB1": "Nightly of WEB-1",
        "FB2": "ÜBER alles Straße",
        "IB3": "100% done_now",
        "IB4": "1000 done now",
        "x'); drop table job;--": 'quote " and \\ back',
        "emoji-😀": "ﬁle ΣΊΣΥΦΟΣ",
        "İstanbul": "tab\tand\nline",
    }
    app.write(
        [
            job(name, description=text, comments="remark", plan="plan-p", resource="res-r")
            for name, text in texts.items()
        ]
    )
    return app


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("web-1", {"FB1"}),
        ("fb", {"FB1", "FB2"}),
        ("b", {"FB1", "FB2", "IB3", "IB4", "x'); drop table job;--", "İstanbul"}),
        ("über", {"FB2"}),
        ("STRASSE", {"FB2"}),
        ("%", {"IB3"}),
        ("0%", {"IB3"}),
        ("_", {"IB3"}),
        ("done_now", {"IB3"}),
        ("d%w", set()),
        ("*", set()),
        ("?", set()),
        ("[a-z]", set()),
        ("'); DROP", {"x'); drop table job;--"}),
        ('"', {"x'); drop table job;--"}),
        ("\\", {"x'); drop table job;--"}),
        ("😀", {"emoji-😀"}),
        ("FILE", {"emoji-😀"}),
        ("σίσυφος", {"emoji-😀"}),
        ("i\u0307stanbul", {"İstanbul"}),
        ("\t", {"İstanbul"}),
        ("and\nline", {"İstanbul"}),
        ("remark", set()),
        ("plan-p", set()),
        ("res-r", set()),
        ("nowhere", set()),
    ],
)
def test_text_is_found_in_job_id_and_description_alone(library: App, text: str, hits: set[str]) -> None:
    answer = library.report({"searchText": text}).json()
    assert {one["jobId"] for one in answer["jobs"]} == hits
    assert answer["totalCount"] == len(hits)


def test_match_does_not_reach_from_the_job_id_into_the_description(app: App) -> None:
    app.write(job("one", description="two"))
    assert app.found(searchText="onetwo") == []


def test_spaces_around_a_text_count(app: App) -> None:
    app.write([job("a", description="x y"), job("b", description="xy")])
    assert app.found(searchText=" y") == ["a"]
    assert app.found(searchText=" ") == ["a"]


@pytest.mark.parametrize("sign", ["a", "ß", "😀"])
def test_text_of_256_characters_is_taken_and_of_257_refused(app: App, sign: str) -> None:
    app.write(job("long", description=sign * 300))
    assert app.found(searchText=sign * 256) == ["long"]
    answer = app.report({"searchText": sign * 257})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "searchText"
    assert "256" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("value", [1, True, ["x"], {"x": 1}, 1.5])
def test_search_text_is_a_text(idle: App, value: object) -> None:
    answer = idle.report({"searchText": value})
    assert answer.status_code == 400
    assert "must be a text" in answer.json()["errors"][0]["message"]
