"""A job that is reported again: unchanged, updated, corrected, or refused; and what is kept of it."""

import re
import threading

import pytest

from jobs import AUGUST, DAY, MINUTE, SECOND, job, unfinished
from serving import App

COUNTS = ("created", "updated", "unchanged")


def outcome(app: App, document: object) -> str:
    """What became of the one job that is written."""
    counts = app.write(document).json()
    (found,) = [name for name in COUNTS if counts[name]]
    return found


def test_identical_report_changes_nothing(app: App) -> None:
    for document in (job("same"), unfinished("run", "InProgress", heartbeat=60), unfinished("due", "NotStarted")):
        assert [outcome(app, document) for _ in range(3)] == ["created", "unchanged", "unchanged"]
    assert app.show("same").json()["versions"] == []
    assert app.report().json()["totalCount"] == 3


def test_report_with_something_new_updates_the_job(app: App) -> None:
    app.write(unfinished("j", "InProgress"))
    assert outcome(app, unfinished("j", "InProgress", successfulCount=5)) == "updated"
    assert outcome(app, job("j", successfulCount=9)) == "updated"
    (found,) = app.report().json()["jobs"]
    assert (found["state"], found["successfulCount"]) == (2, 9)
    assert app.show("j").json()["versions"] == []


def test_report_that_was_observed_earlier_changes_nothing(app: App) -> None:
    app.write(job("o", comments="new", observedAt=AUGUST + 2 * MINUTE))
    assert outcome(app, job("o", comments="old", observedAt=AUGUST + MINUTE)) == "unchanged"
    assert outcome(app, unfinished("o", "InProgress", observedAt=AUGUST + MINUTE)) == "unchanged"
    assert app.show("o").json()["comments"] == "new"
    assert outcome(app, job("o", comments="newer", observedAt=AUGUST + 3 * MINUTE)) == "updated"


def test_observation_of_the_future_is_taken_for_one_of_now(app: App) -> None:
    app.write(job("f", comments="fast clock", observedAt="2199-01-01T00:00:00Z"))
    assert outcome(app, job("f", comments="later")) == "updated"
    assert app.show("f").json()["comments"] == "later"


def test_corrected_job_shows_its_earlier_versions_newest_first(app: App) -> None:
    for n in range(3):
        app.write(job("c", state="Failed", comments=f"v{n}"))
    shown = app.show("c").json()
    assert shown["comments"] == "v2"
    assert [version["comments"] for version in shown["versions"]] == ["v1", "v0"]
    for version in shown["versions"]:
        assert version["jobId"] == "c"
        assert version["state"] == 16
        assert version["replacedAt"] >= shown["receivedAt"]


@pytest.mark.parametrize("state", ["NotStarted", "InProgress", "Waiting"])
def test_finished_job_never_goes_back_409_alone_and_unchanged_in_a_batch(app: App, state: str) -> None:
    app.write(job("done"))
    again = unfinished("done", state)
    alone = app.write(again)
    assert alone.status_code == 409
    assert "Successful" in alone.json()["detail"]
    assert app.write([again, job("more")]).json() == {
        "received": 2,
        "created": 1,
        "updated": 0,
        "unchanged": 1,
        "jobIds": ["done", "more"],
    }
    assert app.show("done").json()["state"] == 2


def test_job_may_move_between_unfinished_states(app: App) -> None:
    for state in ("NotStarted", "Waiting", "InProgress", "Waiting", "InProgress"):
        app.write(unfinished("m", state, comments=state))
        assert app.show("m").json()["comments"] == state


def test_service_type_and_start_may_be_corrected_and_the_report_follows(app: App) -> None:
    app.write(job("k", serviceType="VM", jobType="Backup", description="first words"))
    app.write(job("k", serviceType="AKS", jobType="AKSBackup", description="other words", startTime=AUGUST - DAY))
    assert app.found(serviceType=1) == app.found(jobType=1) == app.found(searchText="first") == []
    assert app.found(serviceType=32) == app.found(jobType=20000) == app.found(searchText="other") == ["k"]
    assert app.found(finishTime=AUGUST - DAY) == ["k"]


def test_job_without_an_id_gets_one_in_the_publishers_form(app: App) -> None:
    forms = {"FileBackup": "FB", "Restore": "RS", "AADExport": "EX", "Retention": "JB"}
    answer = app.write([job(jobType=name) for name in forms])
    for name, prefix in zip(answer.json()["jobIds"], forms.values(), strict=True):
        assert re.fullmatch(rf"{prefix}20240822160048\d{{3}}", name)
    assert sorted(app.found()) == sorted(answer.json()["jobIds"])


def test_job_without_an_id_is_new_each_time(app: App) -> None:
    assert [outcome(app, job()) for _ in range(3)] == ["created"] * 3


def test_job_without_an_id_or_a_start_gets_an_id_of_now(app: App) -> None:
    (name,) = app.write(unfinished(None, "NotStarted", startTime=0)).json()["jobIds"]
    assert re.fullmatch(r"FB20\d{15}", name)


def test_jobs_of_one_second_get_ids_of_their_own_even_when_there_are_thousands(app: App) -> None:
    names = app.write([job() for _ in range(1500)]).json()["jobIds"]
    assert len(set(names)) == 1500
    assert app.report().json()["totalCount"] == 1500


def test_fifty_at_once_in_one_second_are_fifty_jobs(app: App) -> None:
    names: list[str] = []
    app.token  # noqa: B018 - one token for all threads
    threads = [threading.Thread(target=lambda: names.extend(app.write(job()).json()["jobIds"])) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 50
    assert app.report().json()["totalCount"] == 50


def test_same_report_from_many_at_once_counts_once(app: App) -> None:
    outcomes: list[str] = []
    app.token  # noqa: B018 - one token for all threads
    threads = [threading.Thread(target=lambda: outcomes.append(outcome(app, job("same")))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["created"] + ["unchanged"] * 11


IDS = [
    "a/b",
    "/",
    "//x//",
    "..",
    ".",
    "../../etc/passwd",
    "50%",
    "%2F",
    "%",
    "a?b=c&d",
    "a#b",
    " leading and trailing ",
    "line\nend",
    "\n",
    "tab\tcr\r",
    "\x01\x7f\x85",
    "ü ß 漢字 😀",
    "e\u0301 is not é",
    "'; drop table job; --",
    '"quoted"\\back',
    "<script>alert(1)</script>",
    "a:b;c,d+e=f@g",
    "x" * 128,
    "\u202eright to left",
    "{jobId}",
]


@pytest.mark.parametrize("name", IDS)
def test_job_of_any_id_is_shown(app: App, name: str) -> None:
    assert app.write(job(name)).json()["jobIds"] == [name]
    assert app.show(name).json()["jobId"] == name
    assert app.found(searchText=name) == [name]


def test_ids_are_told_apart_by_every_character(app: App) -> None:
    names = ["a", "A", "a ", "á", "a\u0301", "\uff41", "a\n"]
    assert app.write([job(name) for name in names]).json()["created"] == len(names)
    for name in names:
        assert app.show(name).json()["jobId"] == name


def test_job_that_nobody_reported_is_404(idle: App) -> None:
    for name in ("nothing", "\x00", "x" * 2000, "%", "\n"):
        assert idle.show(name).status_code == 404, name


def test_first_receipt_and_last_sign_of_life_are_shown(app: App) -> None:
    app.write(unfinished("life", "InProgress"))
    first = app.show("life").json()
    app.write(unfinished("life", "InProgress"))
    second = app.show("life").json()
    assert first["receivedAt"] == second["receivedAt"]
    assert first["heardAt"] < second["heardAt"] < first["heardAt"] + 60 * SECOND
