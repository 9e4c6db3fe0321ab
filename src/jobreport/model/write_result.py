"""The result of one write, as `POST /api/jobs` answers it: the numbers of new, changed and unchanged jobs."""

import msgspec


class WriteResult(msgspec.Struct, frozen=True, rename="camel"):
    """The result of a write. `received` is the sum of the three other numbers. `job_ids` are in the order of the jobs.

    `unchanged` counts reports without effect: repeated ones, those with an older observation than the stored job, and
    those that would make a finished job unfinished.
    """

    received: int
    created: int
    updated: int
    unchanged: int
    job_ids: tuple[str, ...]
