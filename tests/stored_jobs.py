"""An inbox, and the jobs of a store as deliveries to it leave them, without a store."""

from collections.abc import Sequence

from jobreport.inbox.filing import filed
from jobreport.inbox.report import Reading, ReportedJob
from jobreport.model import ticks
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.stored_job import StoredJob
from jobreport.store.registry.inboxes import Inbox

INBOX = Inbox(
    inbox="0a0b0c0d",
    tenant=1,
    name="nas",
    slug="nas",
    address=b"",
    sealed=None,
    plan="nightly",
    service=ServiceType.FileShare,
    type=JobType.Backup,
    resource="/srv",
    tool="",
    longest=3600,
    created=0,
)
AT = ticks.from_iso("2026-11-23T02:00:00Z")


class Jobs:
    """The jobs of a store, as deliveries leave them."""

    def __init__(self) -> None:
        self.stored: dict[str, StoredJob] = {}

    def deliver(self, jobs: Sequence[ReportedJob], content: bytes, at: int = AT) -> int:
        """Returns how many jobs were made or changed."""
        done = 0
        for one in filed(INBOX, Reading(jobs=tuple(jobs)), content, at):
            new = one.settle([self.stored[name] for name in one.ids if name in self.stored], at)
            if new is not None:
                done += 1
                self.stored[new.job.job_id] = new
        return done

    @property
    def only(self) -> StoredJob:
        (one,) = self.stored.values()
        return one
