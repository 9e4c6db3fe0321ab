"""From page to page by `nextLink`: every job once, whatever happens meanwhile, by tokens that nobody else can use."""

import base64
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from refused import fault_of

from jobs import AUGUST, DAY, MINUTE, job, unfinished
from serving import App, serve, typed, until


def pages(app: App, **parameters: Any) -> Iterator[dict[str, Any]]:
    """Each page: the first by the parameters, the others by the token alone."""
    answer = app.find(**parameters)
    while True:
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        yield document
        if not document["nextLink"]:
            return
        answer = app.find(skiptoken=document["nextLink"])


def walked(app: App, **parameters: Any) -> list[str]:
    return [one["jobId"] for page in pages(app, **parameters) for one in page["jobs"]]


@pytest.fixture
def filled(app: App) -> App:
    states = ("Successful", "Failed", "Exception")
    assert (
        app.write(
            [
                job(
                    f"j{n:02}",
                    startTime=AUGUST + n // 3 * MINUTE,
                    finishTime=AUGUST + n * MINUTE,
                    state=states[n % 3],
                    serviceType=("VM", "AKS")[n % 2],
                    jobType="Backup",
                    failedCount=n % 3 and n,
                    plan=("a", "b")[n // 12],
                    comments="näher" if n % 4 else "",
                )
                for n in range(24)
            ]
        ).status_code
        == 200
    )
    app.write(unfinished("runs", "InProgress", startTime=AUGUST + DAY))
    return app


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"serviceType": "VM"},
        {"serviceType": "VM", "jobType": "Backup", "state": "Failed"},
        {"state": "Failed,Exception", "serviceType": "VM,AKS"},
        {"searchText": "J1"},
        {"plan": "a", "comments": "NÄHER"},
        {"sort": "-failedCount"},
        {"sort": "duration", "minFailed": 2},
        {"sort": "finishTime", "minDuration": "PT2M"},
        {"startTime": AUGUST + MINUTE, "finishTime": AUGUST + 5 * MINUTE},
    ],
    ids=str,
)
def test_walk_gives_what_one_page_of_all_gives_and_the_total_on_each(filled: App, parameters: dict[str, Any]) -> None:
    whole = filled.find(**parameters, pageSize=10_000).json()
    assert whole["nextLink"] == ""
    for size in (1, 4, 7):
        every = list(pages(filled, **parameters, pageSize=size))
        assert [one["jobId"] for page in every for one in page["jobs"]] == [one["jobId"] for one in whole["jobs"]]
        assert {page["totalCount"] for page in every} == {whole["totalCount"]}
        assert all(len(page["jobs"]) == size for page in every[:-1])
        assert all(page["nextLink"] for page in every[:-1])


def test_walk_by_page_number_ends_with_an_empty_next_link_too(filled: App) -> None:
    links = [filled.find(pageNumber=number, pageSize=10).json()["nextLink"] for number in range(4)]
    assert [bool(link) for link in links] == [True, True, False, False]
    assert "".join(one["jobId"] for one in filled.find(skiptoken=links[1]).json()["jobs"]) == "j04j03j02j01j00"


def test_page_number_is_ignored_and_page_size_may_change(filled: App) -> None:
    token = filled.find(pageSize=3).json()["nextLink"]
    plain = filled.find(skiptoken=token).json()
    assert len(plain["jobs"]) == 3
    for number in ("7", "nonsense", "-1"):
        assert filled.find(skiptoken=token, pageNumber=number).json()["jobs"] == plain["jobs"]
    wider = filled.find(skiptoken=token, pageSize=5).json()
    assert wider["jobs"][:3] == plain["jobs"]
    assert len(wider["jobs"]) == 5
    assert len(filled.find(skiptoken=wider["nextLink"]).json()["jobs"]) == 5


def test_parameters_may_be_left_out_or_must_equal_the_tokens(filled: App) -> None:
    asked = {"state": "Failed,Exception", "searchText": "j", "sort": "-duration", "startTime": "2024-08-01T00:00:00Z"}
    token = filled.find(**asked, pageSize=2).json()["nextLink"]
    alone = filled.find(skiptoken=token).json()
    same = {"STATE": "exception, 16", "sort": "-DURATION", "startTime": "2024-08-01T02:00:00+02:00", "searchText": ""}
    for parameters in (asked, same, {"state": "16,8"}):
        assert filled.find(**parameters, skiptoken=token).json()["jobs"] == alone["jobs"]
    others = {"state": "Failed", "sort": "duration", "plan": "a", "minFailed": "1", "searchText": "J"}
    for name, value in others.items():
        answer = filled.find(**{name: value}, skiptoken=token)
        fault = fault_of(answer)
        assert fault == {
            "field": name,
            "message": "is not what the skiptoken was given for; leave it out, or the skiptoken",
        }


def test_defaults_that_are_given_are_as_good_as_left_out(filled: App) -> None:
    said = {"sort": "-startTime", "minFailed": 0, "minDuration": "PT0S", "finishTime": "9999-12-31T23:59:59Z"}
    for first, then in (({}, said), (said, {}), (said, said)):
        token = filled.find(**first, pageSize=3).json()["nextLink"]
        answer = filled.find(**then, skiptoken=token)
        assert answer.status_code == 200, answer.text
        assert answer.json()["jobs"] == filled.find(skiptoken=token).json()["jobs"]
    token = filled.find(sort="duration", minFailed=1, pageSize=3).json()["nextLink"]
    faults = filled.find(**said, skiptoken=token).json()["errors"]
    assert [fault["field"] for fault in faults] == ["minFailed", "sort"]


def test_token_is_good_for_its_tenant_alone_and_for_every_app_of_it(filled: App, tenant: str) -> None:
    token = filled.find(pageSize=3).json()["nextLink"]
    assert filled.server.app(tenant).find(skiptoken=token).status_code == 200
    other = filled.server.app(f"{tenant}-other")
    other.write([job(f"o{n}") for n in range(9)])
    assert other.find(skiptoken=token).status_code == 400
    assert filled.find(skiptoken=other.find(pageSize=3).json()["nextLink"]).status_code == 400


def test_token_that_was_changed_in_any_way_is_refused(filled: App) -> None:
    token = filled.find(pageSize=3, state="Successful").json()["nextLink"]
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    changed = [
        *(raw[:n] + bytes([raw[n] ^ 1]) + raw[n + 1 :] for n in range(len(raw))),
        *(raw[:n] for n in range(len(raw))),
        raw + b"\0",
    ]
    for one in changed:
        text = base64.urlsafe_b64encode(one).rstrip(b"=").decode()
        answer = filled.find(skiptoken=text or "A")
        assert answer.status_code == 400, one
        assert answer.json()["errors"][0]["field"] == "skiptoken"


def test_token_needs_no_escaping_in_a_url(filled: App) -> None:
    for page in pages(filled, pageSize=1, searchText="j"):
        assert page["nextLink"].replace("-", "").replace("_", "").isalnum() or not page["nextLink"]


def test_token_is_good_in_another_process_of_the_same_store(tmp_path: Path) -> None:
    with serve(tmp_path / "one") as one, serve(tmp_path / "two", store=one.store) as two:
        here = one.app("t")
        here.write([job(f"j{n}") for n in range(9)])
        token = here.find(pageSize=4).json()["nextLink"]
        there = App(two, here.document)
        assert [job_["jobId"] for job_ in there.find(skiptoken=token).json()["jobs"]] == ["j4", "j3", "j2", "j1"]


def test_walk_beside_a_running_writer_misses_none_and_repeats_none(app: App) -> None:
    stays = [job(f"stays{n:03}", startTime=AUGUST - n * MINUTE) for n in range(200)]
    old = [job(f"old{n:03}", startTime=AUGUST - 4000 * DAY + n) for n in range(20)]
    app.write(stays + old)
    writer = app.server.app(app.document["tenant"])
    assert writer.token
    stop, rounds = threading.Event(), Counter[str]()

    def write() -> None:
        while not stop.is_set():
            number = rounds["n"] = rounds["n"] + 1
            answer = writer.write(
                [
                    job(f"new{number:05}", startTime=AUGUST + number * MINUTE),
                    job(f"between{number:05}", startTime=AUGUST - number % 200 * MINUTE),
                    {**stays[number % 200], "comments": f"corrected {number}"},
                ]
            )
            assert answer.status_code == 200, answer.text

    thread = threading.Thread(target=write)
    thread.start()
    try:
        came: Counter[str] = Counter()
        for count, page in enumerate(pages(app, pageSize=10)):
            came.update(one["jobId"] for one in page["jobs"])
            seen = rounds["n"]
            until(lambda seen=seen: rounds["n"] > seen, "the writer")
            if count == 2:
                words = ["--keep", "3000d", "--tenant", app.document["tenant"], "--store", app.server.store]
                gone = typed("prune", *words, "--yes")
                assert gone.returncode == 0, gone.stderr
    finally:
        stop.set()
        thread.join()
    assert {one["jobId"]: came[one["jobId"]] for one in stays} == {one["jobId"]: 1 for one in stays}
    assert max(came.values()) == 1
    assert not any(name.startswith("old") for name in came)
    assert rounds["n"] > 20


def test_longest_question_can_be_walked_by_a_token_that_fits_an_address(app: App) -> None:
    names = [f"{n}{'ü' * 1023}" for n in range(7)]
    app.write([job(f"j{n}", resource=names[n % 7]) for n in range(9)])
    first = app.find(*(("resource", name) for name in names), ("pageSize", "5"))
    assert first.status_code == 200, first.text
    assert len(first.json()["nextLink"]) > 16 * 1024
    assert len(app.find(skiptoken=first.json()["nextLink"]).json()["jobs"]) == 4
