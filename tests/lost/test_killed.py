"""`kill -9` of servers and workers at random moments under concurrent writes: nothing that was acknowledged is lost."""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from crowd import ADDRESS, Crowd, assert_nothing_is_lost, check_and_read_states

from jobs import job
from long import times
from serving import LINUX, PROGRAM, App, Server, environment, serve, typed, until


def kill_all_at_once(server: Server, _: random.Random) -> None:
    server.kill()


def kill_one_after_another(server: Server, chance: random.Random) -> None:
    processes = [server.process.pid, *server.workers]
    chance.shuffle(processes)
    for process in processes:
        with contextlib.suppress(ProcessLookupError):  # a worker whose supervisor went first
            os.kill(process, signal.SIGKILL)
        time.sleep(chance.uniform(0, 0.02))
    server.kill()  # a worker that was started for a killed one meanwhile


def kill_the_supervisor(server: Server, _: random.Random) -> None:
    """Its workers are to see that, and to end."""
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()


WAYS = (kill_all_at_once, kill_one_after_another, kill_the_supervisor)


@LINUX
@pytest.mark.parametrize("kill", WAYS)
def test_every_acknowledged_job_is_there_once_after_each_kill_of_a_server(
    store: str, tmp_path: Path, kill: Callable[[Server, random.Random], None]
) -> None:
    rounds = times(2)  # LONG=1 looks at ten times as many moments
    chance = random.Random(rounds)
    with serve(tmp_path / "first", *ADDRESS, store=store) as first:
        app = first.app("default")
        assert app.token
    with Crowd(app) as crowd:
        for round_ in range(rounds):
            known = dict(crowd.acknowledged)
            with serve(tmp_path / str(round_), "--workers", "2", *ADDRESS, store=store) as server:
                # The next start needed no hand. The store is looked at beside it, as a crash left it to the server.
                crowd.turn_to(server)
                crowd.write_more()
                with crowd.paused():
                    assert_nothing_is_lost(store, known)
                time.sleep(chance.uniform(0, 0.2))  # any moment
                kill(server, chance)
    with serve(tmp_path / "last", *ADDRESS, store=store):
        states = assert_nothing_is_lost(store, crowd.acknowledged)
    assert states.keys() <= crowd.sent
    assert len(crowd.acknowledged) >= rounds * 10


@LINUX
def test_killed_workers_are_replaced_while_the_others_go_on(store: str, tmp_path: Path) -> None:
    chance = random.Random(1)
    with serve(tmp_path, "--workers", "2", *ADDRESS, store=store) as server, Crowd(server.app("default")) as crowd:
        for _ in range(times(3)):
            crowd.write_more()
            time.sleep(chance.uniform(0, 0.2))  # any moment
            killed, other = chance.sample(server.workers, 2)
            os.kill(killed, signal.SIGKILL)
            crowd.write_more()
            until(lambda gone=killed: len(set(server.workers) - {gone}) == 2, "a new worker")
            assert other in server.workers
            with crowd.paused() as acknowledged:
                assert_nothing_is_lost(store, acknowledged)
        assert_nothing_is_lost(store, dict(crowd.acknowledged))  # beside who writes, too
        assert crowd.answers.keys() == {200}
    assert_nothing_is_lost(store, crowd.acknowledged)


@LINUX
def test_workers_whose_server_was_killed_end_and_leave_its_port_to_the_next(tmp_path: Path) -> None:
    with serve(tmp_path, "--workers", "2") as server:
        app, orphans = server.app("default"), server.workers
        try:
            assert app.write(job("before")).status_code == 200
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait()
            with serve(tmp_path, "--workers", "2", "--port", str(server.port), store=server.store) as again:
                assert App(again, app.document).found() == ["before"]
                until(lambda: server.log.count("Finished server process") == 2, "the orphans' end")
        finally:
            for orphan in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)


def test_a_first_start_that_is_killed_at_any_moment_leaves_what_the_next_one_takes(tmp_path: Path) -> None:
    chance = random.Random(2)
    for round_ in range(times(4)):
        path = tmp_path / str(round_) / "jobs.db"
        words = [PROGRAM, "serve", "--port", "0", "--store", f"sqlite:///{path}"]
        with subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
        ) as starting:
            until(path.exists, "the file")
            time.sleep(chance.uniform(0, 0.15))  # any moment of what makes the store
            starting.kill()
        assert check_and_read_states(f"sqlite:///{path}") == {}
        done = typed("app", "create", "--name", "first", "--store", f"sqlite:///{path}")
        assert done.returncode == 0, done.stderr
