"""Inboxes of an app's tenant at a running server, and the jobs that come of them."""

from typing import Any

from jobreport.model.catalog import JobState
from serving import App, Server, typed


def inbox(server: Server, app: App, name: str, *more: str) -> str:
    """Makes an inbox of the app's tenant; returns its path."""
    tenant = app.document["tenant"]
    done = typed("inbox", "create", name, "--tenant", tenant, *more, "--url", "", "--store", server.store)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def key(server: Server, app: App) -> str:
    """The path below which the inboxes of the app's tenant are, by their slugs."""
    done = typed("inbox", "key", "--tenant", app.document["tenant"], "--url", "", "--store", server.store)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def jobs(app: App) -> list[dict[str, Any]]:
    """The jobs of the tenant, the oldest first, as generation 2 lists them."""
    found: list[dict[str, Any]] = app.find(sort="startTime", pageSize=100).json()["jobs"]
    return [{**job, "state": JobState(job["status"]).name} for job in found]
