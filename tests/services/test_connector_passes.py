"""A server reads its connectors in processes of their own: no two at once, and one that is killed is taken over."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clocks import Running
from jobreport.configuration.file import load
from jobreport.connectors.configured import configured
from jobreport.model.streams import ConnectorStatus
from jobreport.services.connectors import ConnectorPasses
from jobreport.store import Store, open_store
from jobreport.store.registry import connectors
from serving import LINUX, until

pytestmark = LINUX

PROGRAM = """#!/bin/sh
cat > /dev/null
echo $PPID $$ >> started
while [ -e wait ]; do sleep 0.05; done
echo '{"jobId": "nas:1", "serviceType": 8, "jobType": 1024, "state": 1, "startTime": "2026-11-27T02:00:00Z"}'
"""


class Servers:
    """A store, the file that names a connector, and server processes on them."""

    def __init__(self, store: Store, clock: Running, url: str, folder: Path) -> None:
        self.store, self.clock, self.url, self.folder = store, clock, url, folder
        self.made: list[ConnectorPasses] = []

    def another(self) -> ConnectorPasses:
        self.made.append(ConnectorPasses(self.store, configured(load(None)), self.url, None))
        return self.made[-1]

    def started(self) -> list[tuple[int, int]]:
        """The process of each pass, and of the program that it has started."""
        file = self.folder / "started"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(int(line.split()[0]), int(line.split()[1])) for line in lines]

    def standing(self) -> ConnectorStatus:
        with self.store.reading() as transaction:
            ((number, _),) = connectors.tenants_with_connectors(transaction).items()
            (one,) = connectors.standings(transaction, number)
        return one

    def read(self) -> bool:
        return any(one.looked for one in self.standing().streams)


@pytest.fixture
def servers(
    tmp_path: Path, new_file: Path, monkeypatch: pytest.MonkeyPatch, without_settings: None
) -> Iterator[Servers]:
    url = f"sqlite:///{shutil.copy(new_file, tmp_path / 'jobs.db')}"
    (tmp_path / "list-jobs").write_text(PROGRAM)
    (tmp_path / "list-jobs").chmod(0o700)
    (tmp_path / "jobreport.toml").write_text(
        '[[connector]]\nkind = "exec"\nname = "nas"\nevery = "1m"\ncommand = ["./list-jobs"]\nsees = "runs"\n'
    )
    monkeypatch.chdir(tmp_path)
    clock = Running()
    with closing(open_store(url, clock=clock)) as store:
        made = Servers(store, clock, url, tmp_path)
        yield made
        (tmp_path / "wait").unlink(missing_ok=True)
        for one in made.made:
            one.stop()


@pytest.fixture
def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBREPORT_SETTINGS", "")


def runs(pid: int) -> bool:
    """Whether there is such a process, and it is more than an entry that nobody has asked for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def looks(*passes: ConnectorPasses) -> Callable[[], None]:
    def look() -> None:
        for one in passes:
            one.look()

    return look


def test_a_connector_is_read_at_its_interval_by_one_of_several_servers(servers: Servers) -> None:
    first, second = servers.another(), servers.another()
    (servers.folder / "wait").touch()
    looks(first, second, first)()
    until(servers.started, "the pass")
    looks(second, first)()
    (servers.folder / "wait").unlink()
    until(servers.read, "the end of the pass")
    until(lambda: not servers.standing().connector.held)
    looks(first, second)()
    assert len(servers.started()) == 1
    assert servers.standing().streams[0].jobs == 1
    servers.clock.ahead = 61
    looks(second, first)()
    until(lambda: len(servers.started()) == 2, "the next pass")


def test_a_pass_that_is_killed_is_taken_over_by_another_server(servers: Servers) -> None:
    first, second = servers.another(), servers.another()
    (servers.folder / "wait").touch()
    first.look()
    ((pid, program),) = until(servers.started, "the pass")
    os.kill(pid, signal.SIGKILL)
    until(lambda: not runs(program), "the end of the program, which nobody reads any more")
    (servers.folder / "wait").unlink()
    second.look()
    assert len(servers.started()) == 1
    servers.clock.ahead = 121
    second.look()
    until(servers.read, "the pass of the other server")
    assert len(servers.started()) == 2


def test_a_server_that_stops_lets_another_read_at_once(servers: Servers) -> None:
    first = servers.another()
    (servers.folder / "wait").touch()
    first.look()
    (processes,) = until(servers.started, "the pass")
    first.stop()
    for pid in processes:
        until(lambda pid=pid: not runs(pid), "the end of what it had started")
    assert not servers.standing().connector.held
