"""The spool: a file a job, its newest report, whatever else lies there and whoever else works there."""

import json
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.runner.delivery import NotNowError, RefusedError, TenantRefusedError
from jobreport.runner.flush import flush
from jobreport.runner.report_file import read
from jobreport.runner.spool import Spool

START = ticks.UNIX_EPOCH + 10**16


class Taker:
    """A destination that keeps what it is sent, or raises."""

    address, client_id = "http://here", "app"

    def __init__(self, tenant: str = "") -> None:
        self.tenant = tenant
        self.others: dict[str, Taker] = {}
        self.unknown: set[str] = set()
        self.jobs: list[Job] = []
        self.trouble: Exception | None = None
        self.meanwhile: Job | None = None
        self.spool: Spool | None = None

    def for_tenant(self, tenant: str) -> "Taker":
        found = self.others[tenant] = Taker(tenant)
        if tenant in self.unknown:
            found.trouble = TenantRefusedError(f"no tenant {tenant}")
        return found

    def send(self, job: Job) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.jobs.append(job)
        if self.meanwhile is not None and self.spool is not None:
            self.spool.put(self.meanwhile, self)


def job(job_id: str = "FB20250101000000000-abcdefghij", observed: int = START, **more: object) -> Job:
    state = more.pop("state", JobState.InProgress)
    return Job(
        job_id=job_id,
        service=ServiceType.Common,
        type=JobType.Backup,
        state=JobState(state),
        start=START,
        observed=observed,
        raw='{"a":[1,"ü"]}',
        **more,
    )


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "state" / "spool")


@pytest.fixture
def said() -> list[str]:
    return []


def names(spool: Spool) -> list[str]:
    return sorted(path.name for path in spool.folder.glob("*.json"))


def test_a_report_comes_back_as_it_was(spool: Spool) -> None:
    spool.put(job(), Taker())
    (path,) = spool.folder.glob("*.json")
    entry = read(path)
    assert entry.job == job()
    assert (entry.url, entry.client_id) == ("http://here", "app")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700


def test_the_newest_report_of_a_job_stays(spool: Spool) -> None:
    for observed in (START + 1, START + 3, START + 2):
        spool.put(job(observed=observed), Taker())
    (path,) = spool.folder.glob("*.json")
    assert read(path).job.observed == START + 3


def test_any_job_id_makes_a_file_name(spool: Spool) -> None:
    ids = ["../../etc/passwd", "a/b", "A", "a.json", "x" * 128, "ü\\", "con:"]
    for job_id in ids:
        spool.put(job(job_id), Taker())
    assert sorted(read(path).job.job_id for path in spool.folder.glob("*.json")) == sorted(ids)


def test_what_is_delivered_is_removed(spool: Spool, said: list[str]) -> None:
    taker = Taker()
    for job_id in "abc":
        spool.put(job(job_id), taker)
    assert flush(spool, taker, said.append, skip="b").delivered == 2
    assert [found.job_id for found in taker.jobs] == ["a", "c"]
    assert names(spool) == ["b.json"]
    assert said == []


def test_a_newer_report_that_comes_meanwhile_is_kept(spool: Spool, said: list[str]) -> None:
    taker = Taker()
    taker.spool, taker.meanwhile = spool, job(observed=START + 9)
    spool.put(job(), taker)
    flush(spool, taker, said.append)
    (path,) = spool.folder.glob("*.json")
    assert read(path).job.observed == START + 9


@pytest.mark.parametrize("adopt", [False, True])
def test_each_report_goes_to_its_own_tenant_and_one_that_cannot_holds_up_no_other(
    spool: Spool, said: list[str], adopt: bool
) -> None:
    for tenant in ("gone", "acme", "globex", ""):
        spool.put(job(f"of-{tenant}"), Taker(tenant))
    here = Taker("acme")
    here.unknown = {"gone"}
    result = flush(spool, here, said.append, adopt=adopt)
    assert (result.delivered, result.reason) == (3, "no tenant gone")
    assert sorted(found.job_id for found in here.jobs) == (["of-", "of-acme"] if adopt else ["of-acme"])
    others = {tenant: [found.job_id for found in taker.jobs] for tenant, taker in here.others.items()}
    # One that names no tenant is sent as it was made, for this run may be of another customer.
    assert others == {"gone": [], "globex": ["of-globex"]} | ({} if adopt else {"": ["of-"]})
    assert names(spool) == ["of-gone.json"]


def test_what_cannot_be_delivered_now_stays(spool: Spool, said: list[str]) -> None:
    taker = Taker()
    taker.trouble = NotNowError("down")
    spool.put(job(), taker)
    result = flush(spool, taker, said.append)
    assert (result.delivered, result.reason) == (0, "down")
    assert len(names(spool)) == 1


def test_what_is_refused_is_put_aside_with_the_reason(spool: Spool, said: list[str]) -> None:
    taker = Taker()
    taker.trouble = RefusedError("not yours")
    spool.put(job("a"), taker)
    assert flush(spool, taker, said.append).refused == 1
    assert names(spool) == []
    aside = spool.folder / "refused"
    assert (aside / "a.reason").read_text() == "not yours\n"
    assert read(aside / "a.json").job == job("a")
    assert {stat.S_IMODE(path.stat().st_mode) for path in aside.iterdir()} == {0o600}
    assert "not yours" in said[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        json.dumps({"url": 1, "job": {}}).encode(),
        json.dumps({"url": "http://here", "job": {"jobId": "x", "state": "Nonsense"}}).encode(),
        json.dumps({"job": {"serviceType": 1, "jobType": 1, "state": 1, "startTime": START}}).encode(),
    ],
)
def test_a_damaged_file_is_put_aside_and_stops_nothing(spool: Spool, said: list[str], content: bytes) -> None:
    taker = Taker()
    spool.put(job("good"), taker)
    (spool.folder / "aaa.json").write_bytes(content)
    assert flush(spool, taker, said.append).delivered == 1
    assert names(spool) == []
    assert (spool.folder / "refused" / "aaa.json").read_bytes() == content
    assert "cannot be understood" in (spool.folder / "refused" / "aaa.reason").read_text()


def odd_entries(folder: Path) -> None:
    """What is no file though its name says so, or leads to something that never ends."""
    os.mkfifo(folder / "fifo.json")
    (folder / "fifo-link.json").symlink_to("fifo.json")
    (folder / "zero.json").symlink_to("/dev/zero")
    (folder / "folder.json").mkdir()
    (folder / "loop.json").symlink_to("loop.json")
    (folder / "nowhere.json").symlink_to("nothing")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket.json"))


def test_what_is_no_file_holds_nobody_up(spool: Spool, said: list[str]) -> None:
    taker = Taker()
    spool.put(job("good"), taker)
    odd_entries(spool.folder)
    assert flush(spool, taker, said.append).delivered == 1
    assert [found.job_id for found in taker.jobs] == ["good"]
    aside = {path.name for path in (spool.folder / "refused").glob("*.json")}
    assert aside == {f"{name}.json" for name in ("fifo", "fifo-link", "zero", "folder", "socket", "loop", "nowhere")}
    assert names(spool) == []
    assert len(said) == len(aside)


def test_a_report_takes_the_place_of_what_is_no_file(spool: Spool) -> None:
    spool.put(job("a"), Taker())
    (spool.folder / "a.json").unlink()
    os.mkfifo(spool.folder / "a.json")
    spool.remove(job("a"))
    spool.put(job("a"), Taker())
    assert read(spool.folder / "a.json").job == job("a")


def test_flushes_and_reports_at_once_lose_nothing(spool: Spool, said: list[str]) -> None:
    taker = Taker()
    last = 15

    def write(job_id: str) -> None:
        for number in range(last + 1):
            spool.put(job(job_id, observed=START + number), taker)

    def deliver() -> None:
        for _ in range(8):
            flush(spool, taker, said.append, wait=10)

    threads = [threading.Thread(target=write, args=(job_id,)) for job_id in "ab"]
    threads += [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flush(spool, taker, said.append)
    assert names(spool) == []
    newest = {found.job_id: found.observed for found in sorted(taker.jobs, key=lambda found: found.observed)}
    assert newest == dict.fromkeys("ab", START + last)
    assert said == []


def test_an_empty_or_missing_spool_is_fine(spool: Spool, said: list[str]) -> None:
    assert not spool.waiting()
    assert flush(spool, Taker(), said.append).delivered == 0
    assert not spool.folder.exists()


def test_a_refused_report_waits_again_unless_a_newer_one_does(spool: Spool, said: list[str]) -> None:
    for job_id, observed in (("a", START), ("b", START)):
        spool.put(job(job_id, observed), Taker())
        spool.refuse(job(job_id, observed), "not liked")
    spool.put(job("b", START + 1), Taker())
    refused = [*spool.refused()]
    assert {(entry.job.job_id, entry.reason) for entry in refused} == {("a", "not liked"), ("b", "not liked")}
    for entry in refused:
        spool.wait_again(entry)
    assert {(entry.job.job_id, entry.job.observed) for entry in spool.entries(said.append)} == {
        ("a", START),
        ("b", START + 1),
    }
    assert not [*spool.aside.iterdir()]
