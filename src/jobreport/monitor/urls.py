"""The addresses of the monitor: method, path and page. `app` adds them to those of the API."""

from typing import Final

from jobreport.monitor.page import Page
from jobreport.monitor.pages import (
    app,
    apps,
    audit,
    confirm,
    customers,
    export,
    job,
    jobs,
    night,
    overview,
    password,
    series,
    sessions,
    sign_in,
    sign_out,
    static,
    wall,
)

PAGES: Final[tuple[tuple[str, str, Page], ...]] = (
    # One line a page.
    ("GET", "/", overview.SHOW),
    ("GET", "/jobs", jobs.SHOW),
    ("GET", "/jobs/{jobId:any}", job.SHOW),
    ("GET", "/job", job.SHOW_BY_PARAMETER),
    ("GET", "/export", export.SHOW),
    ("GET", "/series", series.FIND),
    ("GET", "/series/{series}", series.SHOW),
    ("GET", "/night", night.SHOW),
    ("GET", "/customers", customers.SHOW),
    ("GET", "/apps", apps.SHOW),
    ("GET", "/apps/new", apps.ASK_NEW),
    ("POST", "/apps/new", apps.CREATE),
    ("GET", "/apps/{clientId}", app.SHOW),
    ("GET", "/apps/{clientId}/rotate", app.ASK_ROTATE),
    ("POST", "/apps/{clientId}/rotate", app.ROTATE),
    ("GET", "/apps/{clientId}/revoke", app.ASK_REVOKE),
    ("POST", "/apps/{clientId}/revoke", app.REVOKE),
    ("GET", "/audit", audit.SHOW),
    ("GET", "/wall", wall.SHOW),
    ("GET", "/sign-in", sign_in.SHOW),
    ("POST", "/sign-in", sign_in.SEND),
    ("POST", "/sign-out", sign_out.SEND),
    ("GET", "/sessions", sessions.SHOW),
    ("POST", "/sessions", sessions.SEND),
    ("GET", "/password", password.SHOW),
    ("POST", "/password", password.SEND),
    ("GET", "/confirm", confirm.SHOW),
    ("POST", "/confirm", confirm.SEND),
    ("GET", "/static/{name}", static.SHOW),
)
