"""`POST /api/jobs`: how many at once, in which form, all or none, and what is answered."""

import json

import pytest

from jobs import AUGUST, job, unfinished
from serving import JOBS, App

MIB = 1024 * 1024
NDJSON = "application/x-ndjson"


def lines(*jobs: object) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in jobs)


def test_one_object_is_one_job(app: App) -> None:
    answer = app.write(job("one"))
    assert answer.status_code == 200
    assert answer.json() == {"received": 1, "created": 1, "updated": 0, "unchanged": 0, "jobIds": ["one"]}
    assert app.found() == ["one"]


def test_an_array_is_many_jobs_and_ids_come_in_their_order(app: App) -> None:
    answer = app.write([job("b"), job("a"), job("c")])
    assert answer.json() == {"received": 3, "created": 3, "updated": 0, "unchanged": 0, "jobIds": ["b", "a", "c"]}
    assert app.found() == ["c", "b", "a"]


def test_an_empty_array_is_no_job(app: App) -> None:
    assert app.write([]).json() == {"received": 0, "created": 0, "updated": 0, "unchanged": 0, "jobIds": []}


def test_ndjson_is_a_job_a_line_and_empty_lines_count_for_nothing(app: App) -> None:
    body = b"\r\n" + lines(job("n1"), job("n2")) + b"\n\n \n" + lines(job("n3")) + b"\n"
    answer = app.write(body, Content_Type=f"{NDJSON}; charset=utf-8")
    assert answer.status_code == 200, answer.text
    assert answer.json()["jobIds"] == ["n1", "n2", "n3"]


def test_ndjson_may_be_empty(app: App) -> None:
    assert app.write(b"", Content_Type=NDJSON).json()["received"] == 0


def test_ndjson_may_not_be_compressed(app: App) -> None:
    assert app.write(lines(job("x")), Content_Type=NDJSON, Content_Encoding="gzip").status_code == 415


def test_broken_line_of_ndjson_is_named_by_its_number_and_nothing_is_stored(app: App) -> None:
    answer = app.write(lines(job("n1")) + b"\n\n{broken\n" + lines(job("n2")), Content_Type=NDJSON)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "line 3"
    assert app.found() == []


def test_one_bad_entry_stores_nothing_and_is_named_by_its_place(app: App) -> None:
    for content_type, body in (("application/json", None), (NDJSON, "lines")):
        jobs = [job("g1"), job("bad", state="Done"), job("g2"), job("bad", failedCount=-1, comments=5)]
        answer = app.write(lines(*jobs) if body else jobs, Content_Type=content_type)
        assert answer.status_code == 400
        places = [fault["field"] for fault in answer.json()["errors"]]
        bad, worse = ("line 2", "line 4") if body else ("[1]", "[3]")
        assert places == [f"{bad}.state", f"{worse}.failedCount", f"{worse}.comments"]
    assert app.found() == []


@pytest.mark.parametrize("entry", [1, "x", None, [], [[]], True, 1.5])
def test_entry_that_is_no_object_is_named(idle: App, entry: object) -> None:
    answer = idle.write([entry])
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "[0]"


@pytest.mark.parametrize("body", [b"1", b'"x"', b"null", b"true"])
def test_body_that_is_neither_object_nor_array_is_refused(idle: App, body: bytes) -> None:
    assert idle.write(body).status_code == 400


@pytest.mark.parametrize("content_type", ["application/json", NDJSON])
def test_ten_thousand_jobs_are_taken_and_one_more_is_413(app: App, content_type: str) -> None:
    jobs = [job(f"j{n:05}", startTime=AUGUST + n) for n in range(10_001)]

    def send(some: list[dict[str, object]]) -> object:
        return app.write(lines(*some) if content_type == NDJSON else some, Content_Type=content_type)

    over = send(jobs)
    assert over.status_code == 413
    assert "10001" in over.json()["detail"]
    assert app.report().json()["totalCount"] == 0
    answer = send(jobs[:10_000])
    assert answer.status_code == 200, answer.text
    assert answer.json()["created"] == 10_000
    page = app.report({"pagination": {"pageSize": 10_000}}).json()
    assert page["totalCount"] == len(page["jobs"]) == 10_000


def test_millions_of_tiny_lines_are_refused_by_their_number(idle: App) -> None:
    answer = idle.write(b"1\n" * (7 * MIB), Content_Type=NDJSON)
    assert answer.status_code == 413


def test_sixteen_mib_are_taken_and_one_byte_more_is_413(app: App) -> None:
    jobs = [job(f"big{n}", raw="x" * 65_000) for n in range(200)]
    body = json.dumps(jobs).encode()
    whole = body + b" " * (16 * MIB - len(body))
    assert app.write(whole + b" ").status_code == 413
    assert app.report().json()["totalCount"] == 0
    assert app.write(whole).status_code == 200
    assert app.report().json()["totalCount"] == 200


def test_body_in_chunks_is_bounded_too(idle: App) -> None:
    parts = (b" " * MIB for _ in range(17))
    answer = idle.server.http.post(JOBS, content=parts, headers=idle.bearer)
    assert answer.status_code == 413


def test_same_job_id_twice_in_one_request_the_later_counts(app: App) -> None:
    answer = app.write([job("two", comments="first"), job("x"), job("two", comments="second")])
    counts = answer.json()
    assert counts["received"] == 3
    assert counts["created"] + counts["updated"] + counts["unchanged"] == 3
    assert counts["created"] == 2
    assert counts["jobIds"] == ["two", "x", "two"]
    assert app.show("two").json()["comments"] == "second"
    assert app.report().json()["totalCount"] == 2


def test_name_twice_in_one_job_the_later_counts(app: App) -> None:
    body = json.dumps(job("dup")).encode()[:-1] + b', "comments": "first", "comments": "last"}'
    assert app.write(body).status_code == 200
    assert app.show("dup").json()["comments"] == "last"


def test_what_is_written_is_in_the_report_when_it_is_answered(app: App) -> None:
    for n in range(20):
        app.write(unfinished(f"now{n}", "InProgress"))
        assert app.report().json()["totalCount"] == n + 1


def test_tenants_may_have_jobs_of_the_same_id(app: App, tenant: str) -> None:
    other = app.server.app(f"{tenant}-other")
    app.write(job("same", comments="mine"))
    assert other.write(job("same", comments="theirs")).json()["created"] == 1
    assert app.show("same").json()["comments"] == "mine"
    assert other.show("same").json()["comments"] == "theirs"
