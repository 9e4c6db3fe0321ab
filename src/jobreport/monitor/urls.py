"""The addresses of the monitor: method, path and page. `app` adds them to those of the API."""

from typing import Final

from jobreport.monitor.page import Page
from jobreport.monitor.pages import customers, export, job, jobs, night, overview, series, sign_in, static

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
    ("GET", "/sign-in", sign_in.SHOW),
    ("GET", "/static/{name}", static.SHOW),
)
