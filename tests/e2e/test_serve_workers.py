"""Several workers: one that ends is replaced at once and the log says why; one that is busy is left alone."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connecting import connect
from jobreport.server.timeouts import KEEP_ALIVE_SECONDS
from serving import LINUX, PATIENCE, PROGRAM, Server, environment, serve, until

ASKED = 12
BUSY_SECONDS = 7
"""Longer than the five seconds that uvicorn by itself gives a worker to answer."""


def lost(server: Server) -> list[str]:
    return [line for line in server.log.splitlines() if '"worker lost; another is started"' in line]


def impatient(folder: Path, seconds: int) -> Path:
    """A program that is `jobreport`, but gives its workers only `seconds` to answer, once all serve."""
    script = folder / "serve.py"
    script.write_text(
        "from jobreport.cli import main\n"
        "from jobreport.server.workers import Workers\n"
        "class Impatient(Workers):\n"
        "    def init_processes(self):\n"
        "        super().init_processes()\n"
        f"        self.silent_seconds = {seconds}\n"
        "if __name__ == '__main__':\n"
        "    from jobreport.server import workers\n"
        "    workers.Workers = Impatient\n"
        "    main()\n"
    )
    return script


@LINUX
def test_worker_that_does_not_answer_for_a_while_is_kept_and_one_that_dies_meanwhile_is_replaced(
    tmp_path: Path,
) -> None:
    config = tmp_path / "jobreport.toml"
    config.write_text('[[mapping]]\nname = "nas"\nfields.state = "status"\n')
    options = ("--workers", "2", "--log-format", "json", "--config", str(config), "--metrics", "127.0.0.1:0")
    with serve(tmp_path, *options) as server:
        busy, dead = server.workers
        for _ in range(ASKED):
            assert server.http.get("/readyz", headers={"Connection": "close"}).status_code == 200
        config.write_text("half a file = [")  # somebody edits it: the new worker reads as the others do
        os.kill(busy, signal.SIGSTOP)
        try:
            until_ = time.monotonic() + BUSY_SECONDS
            os.kill(dead, signal.SIGKILL)
            until(lambda: len(server.workers) == 2 and dead not in server.workers, "a new worker")
            assert time.monotonic() < until_, "noticed while the other did not answer"
            time.sleep(max(0.0, until_ - time.monotonic()))
        finally:
            os.kill(busy, signal.SIGCONT)
        assert server.http.get("/healthz", headers={"Connection": "close"}).status_code == 200
        assert busy in server.workers
        (said,) = lost(server)
        assert f'"pid":{dead}' in said
        assert '"reason":"it was ended by SIGKILL"' in said
        # Whoever answered, and whoever is asked: what the dead one has counted is in the sum.
        (metrics,) = re.findall(r"^Metrics are told on (\S+)$", server.printed, re.MULTILINE)
        with connect(f"http://{metrics}") as http:
            told = http.get("/metrics?series=0").text
        assert f'requests_total{{method="GET",route="/readyz",status="200"}} {ASKED}.0' in told


@LINUX
def test_worker_that_never_answers_is_replaced(tmp_path: Path) -> None:
    with serve(tmp_path, "--workers", "2", "--log-format", "json", program=impatient(tmp_path, 3)) as server:
        hung = server.workers[0]
        os.kill(hung, signal.SIGSTOP)
        until(lambda: len(server.workers) == 2 and hung not in server.workers, "a new worker")
        (said,) = until(lambda: [line for line in lost(server) if f'"pid":{hung}' in line])
        assert '"reason":"it did not answer for 3 seconds"' in said


@LINUX
def test_server_that_was_stopped_itself_does_not_take_its_workers_for_hung(tmp_path: Path) -> None:
    with serve(tmp_path, "--workers", "2", "--log-format", "json", program=impatient(tmp_path, 5)) as server:
        before = server.workers
        group = os.getpgid(server.process.pid)
        os.killpg(group, signal.SIGSTOP)
        time.sleep(BUSY_SECONDS)
        os.killpg(group, signal.SIGCONT)
        time.sleep(1)
        assert server.workers == before
        assert not lost(server)


@LINUX
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_server_ends_when_it_is_told_to_while_its_workers_start(tmp_path: Path, how: signal.Signals) -> None:
    words = [PROGRAM, "serve", "--port", "0", "--workers", "2", "--store", f"sqlite:///{tmp_path}/jobs.db"]
    with (tmp_path / "log").open("wb") as log:
        starting = subprocess.Popen(words, stdout=log, stderr=log, env=environment(), start_new_session=True)
    children = Path(f"/proc/{starting.pid}/task/{starting.pid}/children")
    until(lambda: len(children.read_text().split()) >= 2, "its workers")
    starting.send_signal(how)
    assert starting.wait(PATIENCE) in (0, -how, 128 + how)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_connections_outlast_those_of_a_proxy_where_nothing_else_is_asked_for() -> None:
    """Proxies keep theirs for 60 seconds, and a look at connections may come a second late."""
    said = subprocess.run(
        [sys.executable, "-m", "jobreport", "serve", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(rf"default: {KEEP_ALIVE_SECONDS}\b", " ".join(said.split()))
    assert KEEP_ALIVE_SECONDS > 61
