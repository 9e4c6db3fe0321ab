"""What a store has of mails that the rules read: each counts once, and ends no later than it came."""

import pytest
from mail_samples import SAMPLES

from clocks import Clock
from jobreport.identity import inboxes
from jobreport.identity.keys.encryption import SecretKey
from jobreport.inbox.mail import taking
from jobreport.inbox.mail.rules import read
from jobreport.inbox.mail.taking import Arrival
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store
from jobreport.store.registry.inboxes import Inbox
from serving import SECRET_KEY

CAME = ticks.from_iso("2026-11-30T06:00:00Z")


@pytest.fixture
def inbox(store: Store, clock: Clock) -> Inbox:
    clock.now = CAME
    made, _ = inboxes.create(
        store, "mails", inboxes.Settings(plan="nightly"), tenant="default", secret=SecretKey(SECRET_KEY)
    )
    return made


def jobs(store: Store, inbox: Inbox) -> list[Job]:
    lines = store.list_jobs(inbox.tenant, JobQuery(size=1000)).lines
    return [found.current.job for line in lines if (found := store.history(inbox.tenant, line.job_id))]


def test_each_mail_that_is_read_is_stored_once_and_all_others_are_kept(store: Store, inbox: Inbox) -> None:
    for _ in range(2):
        for sample in SAMPLES:
            taking.take(store, read, inbox, Arrival(content=sample.data, at=CAME))
    told, stored = sum(len(one.expected.get("jobs", [])) for one in SAMPLES), jobs(store, inbox)
    # Samples of one sender may be the same run, told in other ways.
    assert 0.5 * told < len(stored) <= told
    for job in stored:
        assert 0 < job.start <= job.finish <= CAME
        assert job.plan


def test_a_clock_that_is_ahead_makes_no_job_of_a_time_that_is_still_to_come(store: Store, inbox: Inbox) -> None:
    sample = next(one for one in SAMPLES if one.name == "synology_hyper_backup/ok_en")
    for _ in range(2):
        taking.take(store, read, inbox, Arrival(content=sample.data.replace(b"2026", b"2027"), at=CAME))
    (job,) = jobs(store, inbox)
    assert (job.start, job.finish) == (CAME, CAME)
