"""A ping: the word of a program that its work begins, goes on or has ended; and what that does to an inbox's jobs."""

from enum import StrEnum
from typing import NamedTuple

from jobreport.model.stored_job import StoredJob


class Signal(StrEnum):
    """What a ping says."""

    START = "start"
    SUCCESS = "success"
    FAIL = "fail"
    LOG = "log"


class Settled(NamedTuple):
    """What a ping does: the jobs to store, in this order. All else is as it was.

    `run`: the job that is from now on the newest run without an ID of its own; empty: the one that was. `started`: a
    start came; `unstarted`: the end of a run whose start was not told. `log`: a text for which no run is open.
    """

    jobs: tuple[StoredJob, ...] = ()
    run: str = ""
    started: bool = False
    unstarted: bool = False
    log: str = ""
