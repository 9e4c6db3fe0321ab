"""Every rule of a reported job: what is required, how long, how large, and what goes with what."""

import json
from typing import Any

import pytest

from jobs import AUGUST, EPOCH, MINUTE, YEAR_2200, job, unfinished
from serving import App

ENDED = ("Successful", "Skipped", "Exception", "Failed", "Stopped")
RUNNING = ("InProgress", "Waiting")
KEPT = {
    "jobId": "all",
    "serviceType": 8,
    "jobType": 1024,
    "state": 8,
    "startTime": AUGUST,
    "finishTime": AUGUST + MINUTE,
    "failedCount": 1,
    "successfulCount": 2,
    "skippedCount": 3,
    "totalCount": 7,
    "comments": "c",
    "description": "d",
    "plan": "p",
    "resource": "r",
    "bytes": 2**62,
    "origin": "o",
    "raw": {"any": [1, 2.5, None, "ü", {"deep": True}]},
    "observedAt": AUGUST + 2 * MINUTE,
    "heartbeat": 30,
}


def faults(app: App, document: Any) -> dict[str, str]:
    answer = app.write(document)
    assert answer.status_code == 400, answer.text
    return {fault["field"]: fault["message"] for fault in answer.json()["errors"]}


def test_every_field_is_kept_and_shown(app: App) -> None:
    assert app.write(KEPT).status_code == 200
    shown = app.show("all").json()
    assert {name: shown[name] for name in KEPT} == KEPT
    assert shown["reportedBy"] == app.client_id
    assert shown["versions"] == []
    assert shown["presumed"] is False


def test_what_is_left_out_takes_its_default(app: App) -> None:
    app.write(KEPT)
    app.write(job("all"))
    shown = app.show("all").json()
    for name in ("comments", "description", "plan", "resource", "origin"):
        assert shown[name] == ""
    for name in ("failedCount", "successfulCount", "skippedCount", "totalCount", "bytes", "heartbeat"):
        assert shown[name] == 0
    assert shown["raw"] is None


def test_null_is_as_if_left_out(app: App) -> None:
    nulls = dict.fromkeys(set(KEPT) - {"jobId", "serviceType", "jobType", "state", "startTime", "finishTime"})
    assert app.write({**job("nulls"), **nulls}).status_code == 200


@pytest.mark.parametrize("field", ["serviceType", "jobType", "state", "startTime", "finishTime"])
@pytest.mark.parametrize("how", ["left out", "null"])
def test_required_field_that_is_missing_is_named(idle: App, field: str, how: str) -> None:
    document = {name: value for name, value in job("x").items() if name != field}
    found = faults(idle, document if how == "left out" else {**document, field: None})
    assert list(found) == [field]
    assert "required" in found[field]


@pytest.mark.parametrize("state", ["InProgress", "Waiting"])
def test_running_job_needs_its_start(idle: App, state: str) -> None:
    assert list(faults(idle, unfinished("x", state, startTime=0))) == ["startTime"]


def test_job_that_has_not_started_needs_no_time(app: App) -> None:
    assert app.write({"serviceType": 1, "jobType": 1, "state": 0}).status_code == 200


@pytest.mark.parametrize("state", ENDED)
def test_ended_job_needs_its_finish(idle: App, state: str) -> None:
    assert "required" in faults(idle, unfinished("x", state))["finishTime"]


@pytest.mark.parametrize("state", [*RUNNING, "NotStarted"])
def test_job_that_has_not_ended_has_no_finish(idle: App, state: str) -> None:
    assert "left out" in faults(idle, job("x", state=state))["finishTime"]


def test_finish_before_start_is_refused_and_at_the_start_is_taken(app: App) -> None:
    assert "before" in faults(app, job("x", finishTime=AUGUST - 1))["finishTime"]
    assert app.write(job("x", finishTime=AUGUST)).status_code == 200
    assert app.report().json()["jobs"][0]["duration"] == 0


def test_success_with_failures_is_refused_with_the_word_to_say(idle: App) -> None:
    assert "say Exception" in faults(idle, job("x", failedCount=1))["failedCount"]


@pytest.mark.parametrize("state", [name for name in ENDED if name != "Successful"])
def test_other_ends_may_have_failures(app: App, state: str) -> None:
    assert app.write(job("x", state=state, failedCount=1)).status_code == 200


@pytest.mark.parametrize("field", ["failedCount", "successfulCount", "skippedCount", "totalCount"])
def test_counts_are_int32_and_not_negative(app: App, field: str) -> None:
    for bad in (-1, 2**31, 2**63, 10**400, "1", 1.0, 1.5, True, [1]):
        assert list(faults(app, job("x", state="Failed", **{field: bad}))) == [field], bad
    assert app.write(job("x", state="Failed", **{field: 2**31 - 1})).status_code == 200


def test_total_is_the_sum_of_the_others_where_it_is_left_out(app: App) -> None:
    app.write(job("sum", state="Exception", failedCount=1, successfulCount=20, skippedCount=300))
    assert app.show("sum").json()["totalCount"] == 321


def test_sum_that_does_not_fit_is_refused(idle: App) -> None:
    document = job("x", state="Failed", successfulCount=2**31 - 1, skippedCount=1)
    assert list(faults(idle, document)) == ["totalCount"]


def test_bytes_are_int64(app: App) -> None:
    for bad in (-1, 2**63, 1.5, "1"):
        assert list(faults(app, job("x", bytes=bad))) == ["bytes"]
    assert app.write(job("x", bytes=2**63 - 1)).status_code == 200
    assert app.show("x").json()["bytes"] == 2**63 - 1


@pytest.mark.parametrize("heartbeat", [-1, 86_401, 1.5, "30", True])
def test_heartbeat_is_from_one_second_to_a_day(idle: App, heartbeat: object) -> None:
    assert list(faults(idle, job("x", heartbeat=heartbeat))) == ["heartbeat"]


@pytest.mark.parametrize(
    ("field", "limit"),
    [("jobId", 128), ("description", 1024), ("comments", 4096), ("plan", 256), ("resource", 1024), ("origin", 128)],
)
def test_text_is_taken_up_to_its_limit_and_refused_beyond(app: App, field: str, limit: int) -> None:
    for sign in ("x", "😀"):
        assert app.write(job(**{"jobId": "text", field: sign * limit})).status_code == 200
        found = faults(app, job(**{"jobId": "text", field: sign * (limit + 1)}))
        assert str(limit) in found[field]
    for bad in (1, ["x"], {"x": 1}, True):
        assert "must be a text" in faults(app, job(**{"jobId": "text", field: bad}))[field]


def test_raw_is_taken_up_to_64_kib_of_json(app: App) -> None:
    assert app.write(job("raw", raw="x" * (65_536 - 2))).status_code == 200
    assert list(faults(app, job("raw", raw="x" * (65_536 - 1)))) == ["raw"]
    assert list(faults(app, job("raw", raw="ü" * 33_000))) == ["raw"]


@pytest.mark.parametrize("raw", [0, False, "", [], {}, 1.5, "text", [None], {"": ""}, 2**70, "\u2028 </script>"])
def test_raw_is_any_json_and_comes_back_as_it_was(app: App, raw: object) -> None:
    assert app.write(job("raw", raw=raw)).status_code == 200
    shown = app.show("raw").json()["raw"]
    assert (shown, type(shown)) == (raw, type(raw))


@pytest.mark.parametrize(
    ("field", "name", "code"),
    [
        ("serviceType", "AmazonS3", 26000),
        ("serviceType", "amazons3", 26000),
        ("serviceType", "VM", 1),
        ("jobType", "GENINDEX", 33),
        ("jobType", "AmazonS3Restore", 90120),
        ("state", "failed", 16),
    ],
)
def test_codes_of_both_generations_are_taken_by_number_and_by_name(app: App, field: str, name: str, code: int) -> None:
    for value in (name, code):
        assert app.write(job("code", **{field: value})).status_code == 200
        assert app.show("code").json()[field] == code


@pytest.mark.parametrize("field", ["serviceType", "jobType", "state"])
@pytest.mark.parametrize("bad", [3, -1, 2**63, "Nonsense", "1", "", 1.0, True, [], {}])
def test_unknown_code_is_refused_with_a_list(idle: App, field: str, bad: object) -> None:
    assert "must be one of" in faults(idle, job("x", **{field: bad}))[field]


@pytest.mark.parametrize(
    "time",
    ["2024-08-22T16:00:48.1859693Z", "2024-08-22T18:00:48.1859693+02:00", "2024-08-22T16:00:48.18596930Z", AUGUST],
)
def test_times_are_iso_8601_with_a_zone_or_ticks(app: App, time: object) -> None:
    app.write(unfinished("t", "InProgress", startTime=time))
    assert app.show("t").json()["startTime"] == AUGUST


@pytest.mark.parametrize("field", ["startTime", "finishTime", "observedAt"])
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("2024-08-22T16:00:48", "zone"),
        ("2024-08-22", "date alone"),
        ("yesterday", "ISO 8601"),
        ("", "ISO 8601"),
        ("1969-12-31T23:59:59Z", "1970"),
        ("2200-01-01T00:00:00Z", "2199"),
        ("9999-12-31T23:59:59-12:00", ""),
        (1724342448, "Unix seconds"),
        (EPOCH - 1, "ticks"),
        (YEAR_2200, "ticks"),
        (2**63, "ticks"),
        (1.5, "fraction"),
        (True, "boolean"),
        ([], "array"),
    ],
)
def test_other_times_are_refused_with_a_reason(idle: App, field: str, bad: object, words: str) -> None:
    assert words in faults(idle, {**job("x"), field: bad})[field]


def test_unknown_field_is_named_with_the_nearest(idle: App) -> None:
    assert "jobId" in faults(idle, {**job(), "jobID": "x"})["jobID"]


def test_empty_job_id_is_refused(idle: App) -> None:
    assert "leave it out" in faults(idle, job("")).get("jobId", "")


@pytest.mark.parametrize("field", ["jobId", "description", "comments", "plan", "resource", "origin", "raw"])
@pytest.mark.parametrize("escape", [r"\u0000", r"\ud800", r"\udfff"])
def test_nul_and_half_surrogates_are_refused_in_every_text(idle: App, field: str, escape: str) -> None:
    body = json.dumps({**job("x"), field: "MARK"}).replace("MARK", f"a{escape}").encode()
    answer = idle.write(body)
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("filling", [0, 1024 * 1024], ids=["short", "long"])
@pytest.mark.parametrize(
    ("value", "place"),
    [
        (r'"a\u0000"', "[2].raw"),
        (r'{"inner": ["a\u0000"]}', "[2].raw.inner"),
        (r'{"\u0000": 1}', "[2].raw"),
        ("1e400", "[2].raw"),
        ("[" * 65 + "]" * 65, "[2].raw"),
    ],
)
def test_what_json_may_not_hold_is_named_by_its_place(idle: App, filling: int, value: str, place: str) -> None:
    """Among thousands of jobs nobody could find it otherwise."""
    whole = json.dumps([job("a"), job("b"), {**job("c"), "raw": "MARK"}]).replace('"MARK"', value)
    (fault,) = idle.write(f"{whole[:-1]}{' ' * filling}]".encode()).json()["errors"]
    assert fault["field"].startswith(place)


def test_a_long_name_is_cut_in_the_place_of_a_fault(idle: App) -> None:
    (fault,) = idle.write({**job("a"), "raw": {"n" * 10_000: "a\0"}}).json()["errors"]
    assert fault["field"] == f"raw.{'n' * 127}…"
