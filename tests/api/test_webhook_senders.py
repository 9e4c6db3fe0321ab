"""Reports of known senders at a running server: what each posts is its job, once, and what nobody can read is kept."""

import copy
import json
from typing import Any

import httpx
import pytest
from ping_inboxes import inbox

from serving import SEARCH, App, Server, typed
from webhook_samples import AWS, BACKREST, OF, PVE

STATES = {
    "aws-backup": ["Successful"],
    "azure-monitor": ["Failed"],
    "backrest": ["Successful"],
    "duplicati": ["Successful"],  # whose start, which came late, is of the same run
    "kopia": ["Successful", "Failed"],
    "pbs": ["Successful"],
    "pve": ["Successful"],
    "veeam": ["Successful"],
    "alertmanager": [],
    "grafana": [],
}
"""Of the jobs, the oldest first."""


def address(server: Server, app: App, name: str) -> str:
    """The address of a new inbox; the form is to be added."""
    return inbox(server, app, name).replace("/ping/", "/hook/") + "/"


def jobs(app: App) -> list[dict[str, Any]]:
    """The jobs of the tenant, the oldest first, with all that is known of them."""
    answer = app.server.http.get(SEARCH, params={"sort": "startTime", "pageSize": 100}, headers=app.bearer)
    found: list[dict[str, Any]] = answer.json()["jobs"]
    return found


def post(server: Server, url: str, body: object) -> httpx.Response:
    content = body if isinstance(body, str) else json.dumps(body)
    return server.http.post(url, content=content, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("name", sorted(OF))
def test_what_a_sender_posts_is_a_job_once(server: Server, app: App, name: str) -> None:
    url = address(server, app, "it") + name
    for _ in range(2):
        for body in OF[name]:
            answer = post(server, url, body)
            assert (answer.status_code, "unread" in answer.json()) == (200, False), answer.text
    found = jobs(app)
    assert [job["state"] for job in found] == STATES[name]
    assert all(job["description"] or job["resource"] for job in found)


def test_a_gotify_target_of_proxmox_adds_a_word_to_the_address(server: Server, app: App) -> None:
    url = address(server, app, "pve")
    gotify = {"title": PVE["title"], "message": f"```\n{PVE['message']}\n```", "priority": 1}
    assert post(server, f"{url}pve/message", gotify).json() == {"jobs": 1}
    assert post(server, f"{url}pve/other", gotify).status_code == 404
    (job,) = jobs(app)
    assert (job["state"], job["successfulCount"]) == ("Successful", 2)


def test_events_in_any_order_leave_the_newest_state(server: Server, app: App) -> None:
    url = address(server, app, "aws") + "aws-backup"
    told = (("22:05", "RUNNING"), ("22:10", "FAILED"), ("22:00", "CREATED"), ("22:05", "RUNNING"))
    for minute, state in told:
        event: dict[str, Any] = copy.deepcopy(AWS)
        event["time"] = f"2026-03-02T{minute}:00Z"
        event["detail"] |= {"state": state, "completionDate": None}
        assert post(server, url, event).json()["jobs"] == 1
    assert [(job["state"], job["resource"]) for job in jobs(app)] == [("Failed", "vol-0b5ae24f")]


def test_start_and_end_are_one_job_and_sees_runs(server: Server, app: App) -> None:
    url = address(server, app, "home") + "backrest"
    start = {**BACKREST, "event": "CONDITION_SNAPSHOT_START", "snapshot": "", "stats": None}
    post(server, url, {**start, "at": BACKREST["at"] - BACKREST["took"] + 50, "took": 45})
    assert [job["state"] for job in jobs(app)] == ["InProgress"]
    post(server, url, BACKREST)
    (job,) = jobs(app)
    assert (job["state"], job["plan"], job["successfulCount"]) == ("Successful", "home", 1219)
    listed = typed("inbox", "list", "--tenant", app.document["tenant"], "--store", server.store)
    assert "runs" in listed.stdout


def test_what_cannot_be_read_is_kept_and_told(server: Server, app: App) -> None:
    url = address(server, app, "odd")
    for form, body, words in (
        ("duplicati", {"hello": "world"}, "a report of Duplicati"),
        ("sns", {"Type": "Notification"}, "a message of SNS"),
        ("pve", "", "the body is empty"),
    ):
        answer = post(server, url + form, body)
        assert (answer.status_code, answer.json()["jobs"]) == (200, 0)
        assert words in answer.json()["unread"]
    assert jobs(app) == []
