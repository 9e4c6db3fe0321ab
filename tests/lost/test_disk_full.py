"""When the disk is full, writes are refused with a clear message, and reads work. With room again, writes work too."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from crowd import ADDRESS, Crowd, assert_nothing_is_lost
from small_disk import SmallDisk, small_disk

from jobs import job
from serving import App, serve, until


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk() as mounted:
        yield mounted


def assert_it_reads_and_refuses_to_write(app: App, reason: str = "The store's disk is full.") -> None:
    """A write is refused with the reason. Signing in, the report, reading one job and the health checks still work."""
    refused = app.write([job(f"none-{number}", comments="x" * 4000) for number in range(1000)])
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["detail"] == reason
    assert "/" not in refused.text.replace("application/", "")
    again = App(app.server, app.document)
    assert again.token
    listed = again.report()
    assert listed.status_code == 200
    assert listed.json()["totalCount"] > 0
    assert "none-0" not in again.found(pagination={"pageSize": 10_000})
    assert again.show(listed.json()["jobs"][0]["jobId"]).status_code == 200
    assert again.found(searchText="no such word") == []
    for path in ("/readyz", "/healthz"):
        assert app.server.http.get(path).status_code == 200


def test_a_full_disk_refuses_writes_and_nothing_else_until_there_is_room(disk: SmallDisk, tmp_path: Path) -> None:
    store = f"sqlite:///{disk.folder}/jobs.db"
    with serve(tmp_path / "server", "--workers", "2", *ADDRESS, store=store) as server:
        app = server.app("default")
        with Crowd(app) as crowd:
            for _ in range(3):
                crowd.write_more()
                disk.fill()
                crowd.be_refused()
                assert_it_reads_and_refuses_to_write(app)
                disk.make_room()
                crowd.write_more()
                with crowd.paused() as acknowledged:
                    assert_nothing_is_lost(store, acknowledged)
        assert crowd.refusals == {"The store's disk is full."}
        assert server.process.poll() is None
    assert_nothing_is_lost(store, crowd.acknowledged)


def test_a_server_that_is_killed_on_a_full_disk_starts_again_and_writes_when_there_is_room(
    disk: SmallDisk, tmp_path: Path
) -> None:
    store = f"sqlite:///{disk.folder}/jobs.db"
    with serve(tmp_path / "first", "--workers", "2", *ADDRESS, store=store) as first:
        app = first.app("default")
        with Crowd(app) as crowd:
            crowd.write_more()
            disk.fill()
            crowd.be_refused()
            first.kill()
            known = dict(crowd.acknowledged)
            with serve(tmp_path / "second", *ADDRESS, store=store) as second:
                assert_it_reads_and_refuses_to_write(App(second, app.document))
                disk.make_room()
                crowd.turn_to(second)
                crowd.write_more()
                with crowd.paused():
                    assert_nothing_is_lost(store, known)


def test_requests_are_answered_although_the_log_cannot_be_written(disk: SmallDisk) -> None:
    """The server's log file is on the same full disk as the store."""
    with serve(disk.folder / "server", *ADDRESS) as server:
        app = server.app("default")
        assert app.write(job("before")).status_code == 200
        disk.fill()
        for _ in range(5):
            assert_it_reads_and_refuses_to_write(app)
        disk.make_room()
        assert app.write(job("after")).status_code == 200
        until(lambda: "store unavailable" in server.log, "the log's lines")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits a process that runs")
def test_a_limit_of_the_file_size_refuses_writes_and_nothing_else(tmp_path: Path) -> None:
    """A limit of the file size has the effect of a quota, and needs no right to mount a disk."""
    with serve(tmp_path, *ADDRESS) as server:
        app = server.app("default")
        soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        with Crowd(app) as crowd:
            for _ in range(3):
                crowd.write_more()
                largest = max(file.stat().st_size for file in (tmp_path / "store").iterdir())
                resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (largest, hard))
                crowd.be_refused()
                assert_it_reads_and_refuses_to_write(app, "The store's disk cannot be read or written.")
                resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (soft, hard))
                crowd.write_more()
        assert server.process.poll() is None
    assert_nothing_is_lost(server.store, crowd.acknowledged)
