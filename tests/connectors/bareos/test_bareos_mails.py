"""A job that both a mail of the director and the connector report is one job, whichever report comes first."""

import sqlite3
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from fakes.bareos_catalog import job, moment, put

from clocks import Clock
from jobreport.connectors.collect import PassResult
from jobreport.identity import inboxes
from jobreport.inbox.deliver import deliver
from jobreport.inbox.mail.message import parse
from jobreport.inbox.mail.rules import read
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.store import Recorded, Store
from jobreport.store.registry import tenants


def report(run: str, at: int, *, director: str = "fs1-dir", errors: int = 0) -> EmailMessage:
    """What a director sends at the end of a job with this name, which ended at `at` (ticks)."""
    day = ticks.to_datetime(at)
    mail = EmailMessage()
    mail["From"], mail["To"] = "(Bareos) <root@backup.example.com>", "backup@example.com"
    mail["Subject"] = "Bareos: Backup OK of fs1-fd Incremental"
    mail["Date"] = f"{day:%a, %d %b %Y %H:%M:%S} +0000"
    mail["Message-ID"] = f"<{run}@example.com>"
    ended = "Backup OK -- with warnings" if errors else "Backup OK"
    mail.set_content(
        f"29-Nov 21:02 {director} JobId 7: Bareos {director} 24.0.1 (14Mar26):\n"
        f"  JobId:                  7\n  Job:                    {run}\n"
        '  Backup Level:           Incremental, since=2026-11-28 21:00:02\n  Client:                 "fs1-fd" 24.0.1\n'
        f"  Start time:             {day:%d-%b-%Y %H:%M:%S}\n  End time:               {day:%d-%b-%Y %H:%M:%S}\n"
        f"  FD Files Written:       118\n  Non-fatal FD errors:    {errors}\n"
        f"  Termination:            {ended}\n"
    )
    return mail


@pytest.fixture
def tell(store: Store, tenant: int, clock: Clock) -> Callable[[EmailMessage], Recorded]:
    with store.reading() as transaction:
        found = tenants.by_number(transaction, tenant)
    assert found is not None
    inbox = inboxes.create(store, "directors", inboxes.Settings(), tenant=found.name, secret=None)[0]

    def tell(mail: EmailMessage) -> Recorded:
        clock.pass_by(60)
        content = mail.as_bytes()
        return deliver(store, inbox, read(parse(content)), content, clock.now)

    return tell


@pytest.mark.parametrize("first", ["mail", "catalog"])
def test_a_mail_and_the_catalog_tell_of_one_job_with_one_id_and_one_reference(
    catalog: sqlite3.Connection,
    look: Callable[[], PassResult],
    tell: Callable[[EmailMessage], Recorded],
    jobs: Callable[[], dict[str, Job]],
    clock: Clock,
    first: str,
) -> None:
    begun = clock.now
    running = job(7, begun, "R")
    run = running["Job"]
    put(catalog, running)
    look()
    ended = job(7, begun, took=30, JobErrors=1)
    catalog.execute("DELETE FROM Job")
    put(catalog, ended)
    mail = report(run, begun + 30 * ticks.PER_SECOND, errors=1)
    if first == "mail":
        tell(mail)
        assert jobs()["nightly_07"].state is JobState.Exception
    assert look().whole
    if first == "catalog":
        tell(mail)
    (found,) = jobs().values()
    assert found.job_id == found.reference == f"bareos:fs1-dir:7:{run}"
    assert (found.state, found.successful, found.failed) == (JobState.Exception, 118, 1)
    assert tell(mail).created == 0
    assert moment(found.finish) == ended["EndTime"]


def test_a_mail_before_any_look_is_the_job_too_and_one_of_another_director_is_not(
    catalog: sqlite3.Connection,
    look: Callable[[], PassResult],
    tell: Callable[[EmailMessage], Recorded],
    jobs: Callable[[], dict[str, Job]],
    clock: Clock,
) -> None:
    row = job(7, clock.now)
    tell(report(row["Job"], clock.now))
    put(catalog, row)
    assert look().whole
    (found,) = jobs().values()
    assert found.job_id.startswith("inbox-")  # the first who told of it gave it its ID
    assert found.reference == f"bareos:fs1-dir:7:{row['Job']}"
    assert tell(report(row["Job"], clock.now, director="other-dir")).created == 1
