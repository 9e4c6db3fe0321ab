"""Jobs written by an app, and found again by generation 2 of the contract."""

from typing import Any

from serving import App


def list_job_ids(app: App, *pairs: tuple[str, str], **parameters: Any) -> list[str]:
    """The IDs of the jobs that are listed; all of them."""
    answer = app.find(*pairs, **parameters)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["totalCount"] == len(document["jobs"])
    return [one["jobId"] for one in document["jobs"]]


def write_jobs(app: App, jobs: list[dict[str, Any]]) -> None:
    assert app.write(jobs).status_code == 200
