"""The lists of AWS Backup: by which calls each is read, how its answers name things, and which rights it needs."""

from typing import Final

import msgspec

from jobreport.connectors.base import OVERLAP, Right
from jobreport.model import ticks
from jobreport.model.catalog import JobType

REMEMBERS: Final = 30 * ticks.PER_DAY
"""How long AWS Backup lists a job."""

_VALIDATED: Final = 8 * ticks.PER_DAY
"""A restore test is judged by whoever looks at the data, up to a week after the restore was completed."""


class List(msgspec.Struct, frozen=True, kw_only=True):
    """One list of each region. `listing` and `describing` are calls, `items` is where the answer has the list, and
    `item` where that of `describing` has the job (empty: the answer is the job).

    `job` names a job's ID. `since` and `before` are the parameters for when it was created, `ended` that for when it
    was completed. `describing` and `ended` are empty for a list of few jobs, of one account, which is read again from
    the oldest that had not ended. `overlap` is how far before the last look any is read again (ticks). `hides_parts`:
    only a look at a job counts its parts.
    """

    name: str
    listing: str
    items: str
    describing: str = ""
    item: str = ""
    job: str
    work: JobType
    hides_parts: bool = False
    overlap: int = OVERLAP
    since: str = "ByCreatedAfter"
    before: str = "ByCreatedBefore"
    ended: str = "ByCompleteAfter"


LISTS: Final = {
    one.name: one
    for one in (
        List(
            name="backup-jobs",
            listing="ListBackupJobs",
            items="BackupJobs",
            describing="DescribeBackupJob",
            job="BackupJobId",
            work=JobType.Backup,
            hides_parts=True,
        ),
        List(
            name="copy-jobs",
            listing="ListCopyJobs",
            items="CopyJobs",
            describing="DescribeCopyJob",
            item="CopyJob",
            job="CopyJobId",
            work=JobType.Backup,
        ),
        List(
            name="restore-jobs",
            listing="ListRestoreJobs",
            items="RestoreJobs",
            describing="DescribeRestoreJob",
            job="RestoreJobId",
            work=JobType.Restore,
            overlap=_VALIDATED,
        ),
        List(
            name="report-jobs",
            listing="ListReportJobs",
            items="ReportJobs",
            job="ReportJobId",
            work=JobType.Report,
            since="ByCreationAfter",
            before="ByCreationBefore",
            ended="",
        ),
    )
}
"""By name, as settings and streams name them."""


def right(call: str) -> str:
    """Returns the right that a call needs, as policies name it."""
    return f"backup:{call}"


def rights_of(which: List, stream: str = "", *, describes: bool = True) -> list[Right]:
    """Returns the rights that reading a list needs. `describes`: single jobs are asked for."""
    found = [Right(name=right(which.listing), without=f"all {which.name.replace('-', ' ')}", stream=stream)]
    if describes and which.describing:
        without = f"how {which.name.replace('-', ' ')} that ran at the last look have ended"
        without += ", and their parts" if which.hides_parts else ""
        found.append(Right(name=right(which.describing), without=without, stream=stream))
    return found


RIGHTS: Final = [one for which in LISTS.values() for one in rights_of(which)]
"""What a view of all lists of an account needs."""
