"""Several who tell of one backup: by its reference it is one job, and an app that writes its own reaches no other."""

from typing import Any

import pytest

from jobs import AUGUST, MINUTE, job, unfinished
from serving import SEARCH, WRITE_OWN, App

SNAPSHOT = {"reference": "restic:4fc8:d0e1"}
LISTED = SNAPSHOT | {"sees": "results"}


def search(app: App, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = app.server.http.get(SEARCH, params={"searchText": text}, headers=app.bearer).json()[
        "jobs"
    ]
    return found


def test_a_run_and_a_list_tell_of_one_job_and_the_run_counts(app: App) -> None:
    assert app.write(unfinished("run", "InProgress", startTime=AUGUST, observedAt=AUGUST)).json()["created"] == 1
    assert app.write(job(None, **LISTED, observedAt=AUGUST + 2 * MINUTE)).json()["created"] == 1
    failed = {"state": "Exception", "failedCount": 1, "observedAt": AUGUST + MINUTE}
    assert app.write(job("run", **SNAPSHOT, **failed)).json()["jobIds"] == ["run"]
    assert app.report().json()["totalCount"] == 1
    shown = app.show("run").json()
    assert (shown["state"], shown["sees"], shown["reference"]) == (8, "runs", SNAPSHOT["reference"])
    assert [(one["state"], one["sees"]) for one in shown["versions"]] == [(2, "results")]
    again = app.write([job("listed", **LISTED), job(None, **LISTED)]).json()
    assert (again["unchanged"], again["jobIds"]) == (2, ["run", "run"])
    assert app.show("listed").json() == shown
    (found,) = search(app, "4FC8:D0")
    assert (found["jobId"], found["reference"], found["sees"]) == ("run", SNAPSHOT["reference"], "runs")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("sees", "result", "did you mean results? It must be one of runs, objects, results"),
        ("sees", 2, "must be one of runs, objects, results"),
        ("reference", "x" * 257, "has 257 characters; at most 256 are kept"),
        ("reference", "straße", "must be printable ASCII characters"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_right(app: App, name: str, value: object, message: str) -> None:
    answer = app.write(job("a", **{name: value}))
    assert answer.status_code == 400
    (fault,) = answer.json()["errors"]
    assert fault["field"] == name
    assert fault["message"].startswith(message)


def test_an_app_that_writes_its_own_jobs_reaches_no_run_of_another_by_a_reference(app: App, tenant: str) -> None:
    runner = app.server.app(tenant, WRITE_OWN)
    app.write([job("theirs", **SNAPSHOT, comments="as it was"), job("listed", reference="aws:1", sees="results")])
    refused = runner.write([job("new", **SNAPSHOT, comments="overwritten")])
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["field"] == "[0].reference"
    assert app.show("theirs").json()["comments"] == "as it was"
    for _ in range(2):
        assert runner.write(job("mine", reference="aws:1")).json()["jobIds"] == ["listed"]
    assert app.show("mine").json()["reportedBy"] == runner.client_id
