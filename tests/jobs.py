"""Sample jobs: those that the publisher shows, and short ones for a test to vary."""

from typing import Any

SECOND = 10_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
EPOCH = 621_355_968_000_000_000
"""1970-01-01T00:00:00Z in ticks."""
YEAR_2200 = 693_937_152_000_000_000
AUGUST = 638_599_392_481_859_693
"""2024-08-22T16:00:48.1859693Z in ticks, the start of the first published job."""

# The published answer: job ID, start, finish, duration; newest first.
PUBLISHED = (
    ("IB20240822160048505", 638599392481859693, 638599398999332487, 6517472794),
    ("IB20240821160052944", 638598528526352169, 638598529278694804, 752342635),
    ("IB20240820160110886", 638597664705763668, 638597667419407597, 2713643929),
    ("IB20240819160046802", 638596800464928012, 638596802112439803, 1647511791),
    ("IB20240818160115845", 638595936755364616, 638595939121323200, 2365958584),
)


def published_answer() -> list[dict[str, Any]]:
    """The published jobs as generation 1 answers them."""
    counts = {"failedCount": 0, "successfulCount": 0, "skippedCount": 0, "totalCount": 0}
    return [
        {"jobId": name, "state": 2, **counts, "startTime": start, "finishTime": end, "duration": took, "comments": ""}
        for name, start, end, took in PUBLISHED
    ]


def job(job_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """A Successful backup of a file share that took a minute; `fields` stand before, and None leaves one out."""
    start = fields.get("startTime", AUGUST)
    whole = {
        "jobId": job_id,
        "serviceType": "FileShare",
        "jobType": "FileBackup",
        "state": "Successful",
        "startTime": start,
        "finishTime": start + MINUTE if isinstance(start, int) else None,
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not None}


def unfinished(job_id: str, state: str, **fields: Any) -> dict[str, Any]:
    """A job that has not ended."""
    return job(job_id, state=state, finishTime=None, **fields)
