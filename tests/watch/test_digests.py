"""Digests: each is made once when it is due, says first what is not well, and names no other tenant."""

import csv
import io
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from clocks import Clock
from jobreport.identity.tenants import ensure
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.digest_schedule import Schedule
from jobreport.model.expectation import Expectation
from jobreport.model.job import Job
from jobreport.model.message import Delivery, Message, Severity, Step
from jobreport.model.nights import NightHours
from jobreport.model.query import JobQuery
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store, open_store
from jobreport.store.registry import tenants
from jobreport.store.watch import deliveries
from jobreport.store.watch.deliveries import Key
from jobreport.watch import expectations
from jobreport.watch.digests import files
from jobreport.watch.digests.configured import Digest
from jobreport.watch.digests.making import as_of_now, make, unknown_tenants

DAY = ticks.PER_DAY
EVENING = ticks.from_iso("2026-11-22T18:00:00Z")
MORNING = ticks.from_iso("2026-11-23T06:00:00Z")
DAILY = Digest(name="morning", schedule=Schedule(at=NightHours("Europe/Berlin", 7 * 60)), channels=("admins",))


def job(plan: str, days: float, state: JobState = JobState.Successful, comments: str = "") -> Job:
    """A job that ended so many days before the morning."""
    finish = MORNING - int(days * DAY)
    return Job(
        job_id=f"{plan}-{finish}",
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        state=state,
        start=finish - 60 * ticks.PER_SECOND,
        finish=finish,
        plan=plan,
        resource="nas",
        comments=comments,
        observed=finish,
    )


def good(plan: str, *, until: float = 0.2) -> list[Job]:
    return [job(plan, until + nights) for nights in range(5)]


@pytest.fixture
def acme(store: Store, clock: Clock) -> int:
    """A tenant of which one series fails, one is late, and two are well; in the evening before."""
    clock.now = EVENING
    number = ensure(store, "acme").number
    failed = [job("payroll", nights, JobState.Failed, "Login failed\nfor user 'sa'") for nights in (0.2, 1.2)]
    well = [*good("payroll", until=2.2), *good("laptop", until=1.4), *good("web"), *good("mail")]
    store.record(number, [*well, *failed])
    return number


def made(store: Store, *digests: Digest) -> list[Message]:
    return [*make(store, digests, "https://jobs.example.com")]


def morning(store: Store, clock: Clock, digest: Digest = DAILY) -> Message:
    """The digest of the morning, which was known in the evening."""
    assert made(store, digest) == []
    clock.now = MORNING
    (message,) = made(store, digest)
    return message


def waiting(store: Store, channel: str = "admins") -> Sequence[str]:
    with store.reading() as transaction:
        return [key.message for key in deliveries.due(transaction, channel, store.clock(), 100)]


def test_it_says_first_how_all_stands_and_then_only_what_is_not_well_the_longest_first(
    store: Store, acme: int, clock: Clock
) -> None:
    message = morning(store, clock)
    assert (message.step, message.severity, message.incident) == (Step.DIGEST, Severity.ERROR, "")
    assert (message.tenant, message.tenant_name, message.at) == (acme, "acme", MORNING)
    assert message.subject == "2 of 4 series need you: 1 failed, 1 too old; 2 are well"
    assert message.lines == (
        "payroll · nas failed, 2 times in a row, not good since Sun 22 Nov 01:11; "
        "last good copy 2 d 4 h ago, agreed 1 d 2 h: Sign-in refused",
        "laptop · nas has no good copy that is young enough; last good copy 1 d 9 h ago, agreed 1 d 2 h",
        "2 series are well",
    )
    assert message.link == "https://jobs.example.com/?tenant=acme"
    assert waiting(store) == ["digest-morning-20261123T060000Z"]


def test_it_comes_when_all_is_well_too(store: Store, clock: Clock) -> None:
    clock.now = EVENING
    store.record(ensure(store, "acme").number, good("web"))
    message = morning(store, clock)
    assert (message.subject, message.severity) == ("The only series is well", Severity.INFO)
    assert message.lines == ("1 series is well; the oldest last good copy was made 4 h 48 min ago",)


def test_it_is_made_once_however_often_and_by_whomever_it_is_looked_for(
    store: Store, store_url: str, acme: int, clock: Clock
) -> None:
    morning(store, clock)
    assert made(store, DAILY) == []
    with closing(open_store(store_url, clock=clock)) as other:
        assert made(other, DAILY) == []
        clock.now = MORNING + DAY
        assert len(made(other, DAILY)) + len(made(store, DAILY)) == 1
    assert len(waiting(store)) == 2


def test_after_days_without_a_server_the_last_one_is_made_late(store: Store, acme: int, clock: Clock) -> None:
    assert made(store, DAILY) == []
    clock.now = MORNING + 3 * DAY + DAY // 8
    (message,) = made(store, DAILY)
    assert message.id == "digest-morning-20261126T060000Z"
    assert made(store, DAILY) == []


def test_a_tenant_that_comes_later_and_one_that_is_suspended_get_none(store: Store, acme: int, clock: Clock) -> None:
    assert made(store, DAILY) == []
    clock.now = MORNING
    ensure(store, "globex")
    with store.writing() as transaction:
        tenants.set_times(transaction, acme, suspended=clock.now)
    assert made(store, DAILY) == []
    clock.now = MORNING + DAY
    assert [one.tenant_name for one in made(store, DAILY)] == ["globex"]


def test_each_tenant_has_its_own_letter_which_names_no_other(store: Store, acme: int, clock: Clock) -> None:
    store.record(ensure(store, "globex").number, good("files"))
    ensure(store, "initech")
    only = replace(DAILY, tenants=("acme", "globex"))
    assert made(store, only) == []
    clock.now = MORNING
    first, second = made(store, only)
    assert (first.tenant_name, second.tenant_name) == ("acme", "globex")
    assert "globex" not in str(first)
    assert "acme" not in str(second)


def test_one_letter_about_all_has_a_line_for_each_that_is_not_well(store: Store, acme: int, clock: Clock) -> None:
    store.record(ensure(store, "globex").number, good("files"))
    soft = job("shares", 0.2, JobState.Exception)
    store.record(ensure(store, "initech").number, [*good("shares", until=1.2), soft])
    ensure(store, "new")
    message = morning(store, clock, replace(DAILY, together=True))
    assert message.subject == "1 of 4 tenants needs somebody"
    assert message.lines == (
        "acme: 2 of 4 series need you: 1 failed, 1 too old; 2 are well",
        "initech: 1 of 1 series needs you: 1 with exceptions",
        "nothing can be said yet of 1 tenant",
        "1 tenant is well",
    )
    assert (message.tenant_name, message.link) == ("Jobreport", "https://jobs.example.com/customers")


def test_what_was_not_delivered_is_in_the_digest_of_who_is_left(store: Store, acme: int, clock: Clock) -> None:
    assert made(store, DAILY) == []
    clock.now = MORNING
    lost = Message(id="i1-0001", step=Step.OPENED, tenant=acme, tenant_name="acme", subject="x", at=clock.now)
    with store.writing() as transaction:
        deliveries.add(transaction, [Delivery(lost, "pager")])
        deliveries.take(transaction, Key(acme, lost.id, "pager"), "x", clock.now, clock.now + 1)
        deliveries.give_up(transaction, Key(acme, lost.id, "pager"), "x", clock.now, "gone")
    (message,) = made(store, DAILY)
    assert message.lines[-2] == ("1 message could not be delivered: jobreport notify status shows which, and why")


def test_the_jobs_since_the_last_one_go_with_it_as_a_file(store: Store, acme: int, clock: Clock) -> None:
    message = morning(store, clock, replace(DAILY, attach="csv"))
    (file,) = message.files
    assert (file.name, file.media_type.split(";")[0]) == ("morning-acme-20261123T060000Z.csv", "text/csv")
    rows = [*csv.DictReader(io.StringIO(file.content.decode()))]
    assert sorted(row["plan"] for row in rows) == ["mail", "payroll", "web"]
    clock.now += DAY
    (second,) = made(store, replace(DAILY, attach="csv"))
    assert second.files[0].content.count(b"\n") == 1


def test_a_file_that_is_too_large_stays_away_and_that_is_said(
    store: Store, acme: int, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST", 100)
    message = morning(store, clock, replace(DAILY, attach="csv", folder=str(tmp_path)))
    assert message.files == ()
    assert message.lines[-1].endswith(f"; it is in {tmp_path}")
    with (tmp_path / "morning-acme-20261123T060000Z.csv").open(newline="") as written:
        assert len([*csv.DictReader(written)]) == 3


def test_where_the_file_cannot_be_made_the_letter_comes_and_says_so(
    store: Store, acme: int, clock: Clock, tmp_path: Path
) -> None:
    with store.writing() as transaction:
        transaction.exec_driver_sql("UPDATE job_count SET ended = ended + 1")
    digest = replace(DAILY, attach="csv", folder=str(tmp_path))
    assert made(store, digest) == []
    clock.now = MORNING + 3 * DAY
    (message,) = made(store, digest)
    assert message.files == ()
    assert message.lines[-1].startswith("The file with the jobs could not be made: the store counts ")
    assert [path.suffix for path in tmp_path.glob("morning-*")] == [".html"]


def test_it_is_written_into_a_folder_and_is_a_report_job_of_the_operator(
    store: Store, acme: int, clock: Clock, tmp_path: Path
) -> None:
    morning(store, clock, replace(DAILY, channels=(), folder=str(tmp_path)))
    letter = (tmp_path / "morning-acme-20261123T060000Z.html").read_text()
    assert "2 of 4 series need you" in letter
    (report,) = store.list_jobs(ensure(store, SERVICE_NAME).number, JobQuery()).lines
    found = store.history(ensure(store, SERVICE_NAME).number, report.job_id)
    assert found
    assert (found.current.job.type, found.current.job.state) == (JobType.Report, JobState.Successful)
    assert found.current.job.comments.startswith("2 of 4 series need you")
    clock.now += DAY
    (second,) = made(store, replace(DAILY, folder=str(tmp_path / "none")))
    assert second.subject
    states = [one.state for one in store.list_jobs(ensure(store, SERVICE_NAME).number, JobQuery()).lines]
    assert sorted(states) == sorted([JobState.Successful, JobState.Exception])


def test_a_digest_can_be_looked_at_before_it_is_due(store: Store, acme: int, clock: Clock) -> None:
    clock.now = MORNING
    (seen,) = as_of_now(store, replace(DAILY, attach="csv"))
    assert seen.subject == "2 of 4 series need you: 1 failed, 1 too old; 2 are well"
    assert waiting(store) == made(store, DAILY) == []


def test_names_that_no_tenant_has_are_known(store: Store) -> None:
    ensure(store, "acme")
    assert unknown_tenants(store, replace(DAILY, tenants=("acme", "amce"))) == ["amce"]
    assert unknown_tenants(store, DAILY) == []


def test_what_did_not_start_and_what_is_only_warned_of_have_their_words(store: Store, acme: int, clock: Clock) -> None:
    assert made(store, DAILY) == []
    clock.now = MORNING
    missed = job("web", 0.1, JobState.Failed, "did not start; expected 02:00 Europe/Berlin, 1 h grace")
    store.record(acme, [missed])
    store.record(acme, [replace(one, total=1_200, size=1) for one in good("disk", until=0.3)])
    store.record(acme, [replace(job("disk", 0.05), total=3, size=1)])
    (message,) = made(store, DAILY)
    assert message.lines[2:4] == (
        "web · nas did not start, not good since Mon 23 Nov 03:35; last good copy 4 h 48 min ago: "
        "expected 02:00 Europe/Berlin, 1 h grace",
        "disk · nas only 3 objects, usually 1,200 (median of 5 good runs); last good copy 1 h 12 min ago",
    )
    wrong = "2 failed, 1 too old, 1 much smaller than usual"
    assert message.subject == f"4 of 5 series need you: {wrong}; 1 is well"


@pytest.mark.parametrize("together", [False, True])
def test_a_warning_alone_is_no_all_clear(store: Store, clock: Clock, together: bool) -> None:
    clock.now = EVENING
    number = ensure(store, "acme").number
    expectations.put(store, "acme", Expectation(name="all", longest=DAY // 24))
    runs = replace(job("web", 0.1), state=JobState.InProgress, finish=0)
    store.record(number, [*good("web"), runs])
    message = morning(store, clock, replace(DAILY, together=together))
    warning = "1 of 1 series needs you: 1 takes too long; 1 runs longer than usual"
    assert message.severity is Severity.WARNING
    assert (message.subject, *message.lines)[1 if together else 0].endswith(warning)
    assert message.subject == ("1 of 1 tenant is not quite well" if together else warning)


def test_of_a_tenant_without_jobs_nothing_good_is_said(store: Store, clock: Clock) -> None:
    clock.now = EVENING
    store.record(ensure(store, "acme").number, good("web"))
    ensure(store, "new")
    message = morning(store, clock, replace(DAILY, together=True))
    assert message.subject == "1 of 2 tenants is well"
    assert message.lines == ("nothing can be said yet of 1 tenant",)
