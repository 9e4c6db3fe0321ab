"""The result of one write: how many jobs were new, changed or known before, as `POST /api/jobs` answers it."""

import msgspec


class WriteResult(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a write; `received` is the sum of the three others, `job_ids` are in the order of the write.

    `unchanged` counts repeated reports, and those observed before what is kept already.
    """

    received: int
    created: int
    updated: int
    unchanged: int
    job_ids: tuple[str, ...]
