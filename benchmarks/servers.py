"""Starts a command that serves, finds its address, and ends it with all of its processes."""

import base64
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import psutil

import cores
from data import PROGRAM
from jobreport.model import ticks
from jobreport.store import open_store
from jobreport.watch.judging import is_more_due
from options import FOLDER
from places import Place

HOST: Final = "127.0.0.1"
REPORT: Final = "/api/public/jobreport"
JOBS: Final = "/api/jobs"
_PATIENCE: Final = 120
_JUDGED: Final = 600
"""Seconds in which all series must have been judged after a start."""
_LOOKED: Final = 10
"""Seconds in which a server looks for what it must judge more than once."""
_LISTENING: Final = re.compile(rb"^Jobreport is listening on (\S+)$", re.MULTILINE)
_HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Server:
    """A server that runs. `tokens` let each tenant's app in; peers have none."""

    process: psutil.Process
    port: int
    tokens: tuple[str, ...] = ()

    @property
    def token(self) -> str:
        """That of the first tenant."""
        return self.tokens[0]

    def resident(self) -> float:
        """MiB that its processes have in memory."""
        every = [self.process, *self.process.children(recursive=True)]
        return sum(float(process.memory_info().rss) for process in every) / 2**20

    def busy(self) -> float:
        """Milliseconds for which it has kept a processor busy."""
        times = self.process.cpu_times()
        return float(times.user + times.system) * 1000


@contextmanager
def ours(
    place: Place,
    *tenants: str,
    workers: int = 1,
    core: int | None = cores.SERVER,
    now: int = 0,
    options: Sequence[str] = (),
    settled: bool = False,
) -> Iterator[Server]:
    """`jobreport serve` on the store, with a token of each tenant, which is verified as any other. An empty name stands
    for a provider's app, which may ask for every tenant. `now` is what its clock says when it starts, in ticks; 0: the
    time that it is. `options` are more of the command's. `settled`: only when all series that were due are judged.
    """
    apps = [_app(place, name) for name in tenants]
    printed = FOLDER / f"serve-{place.jobs}.out"
    words = [*program(now), "serve", "--port", "0", "--store", place.url, "--workers", str(workers), *options]
    with _process(cores.pinned(words, core), printed, secret_of(place)) as process:
        _until(lambda: _LISTENING.search(printed.read_bytes()), process)
        found = _LISTENING.search(printed.read_bytes())
        assert found
        url = httpx.URL(found[1].decode())
        if settled:
            _until_judged(place, now)
        yield Server(process, url.port or 0, tuple(_token(url, app) for app in apps))


def _until_judged(place: Place, now: int) -> None:
    at = now or int(time.time()) * ticks.PER_SECOND + ticks.UNIX_EPOCH
    end = time.monotonic() + _JUDGED
    quiet = time.monotonic()
    with closing(open_store(place.url, clock=lambda: at)) as store:
        # A kept store was served at a later time before. Then the server finds its clock set back, and judges all anew.
        while time.monotonic() < quiet + _LOOKED:
            time.sleep(1)
            with store.reading() as transaction:
                if is_more_due(transaction, at, 0):
                    quiet = time.monotonic()
            if time.monotonic() > end:
                raise RuntimeError(f"series are still being judged after {_JUDGED} s")


def program(now: int = 0) -> list[str]:
    """The program `jobreport`, whose clock begins at `now` (ticks; 0: at the time that it is)."""
    return [sys.executable, str(_HERE / "as_of.py"), str(now)] if now else [str(PROGRAM)]


def secret_of(place: Place) -> dict[str, str]:
    """The secret key without which a shared store is not served."""
    shared = place.url.startswith("postgresql")
    return {"JOBREPORT_SECRET_KEY": base64.b64encode(bytes(32)).decode()} if shared else {}


def _app(place: Place, tenant: str) -> dict[str, str]:
    """A new app of the tenant's, by the command that anybody would use."""
    words = [PROGRAM, "app", "create", "--name", "bench", "--store", place.url, "--json"]
    words += ["--tenant", tenant] if tenant else ["--all-tenants"]
    made = subprocess.run(words, check=True, capture_output=True, env=_environment({})).stdout
    return dict(json.loads(made))


def _token(url: httpx.URL, app: Mapping[str, str]) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": app["clientId"],
        "client_secret": app["clientSecret"],
    }
    answer = httpx.post(url.join("/connect/token"), data=form, trust_env=False).raise_for_status()
    return str(answer.json()["access_token"])


@contextmanager
def other(words: Sequence[str], environment: Mapping[str, str], core: int | None = cores.SERVER) -> Iterator[Server]:
    """Another server, whose words take `{port}`; one process, on the same core as ours."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    told = [word.format(port=port) for word in words]
    with _process(cores.pinned(told, core), FOLDER / "peer.out", environment) as process:
        _until(lambda: _answers(port), process)
        yield Server(process, port)


def uvicorn(module: str) -> list[str]:
    """The command that serves a module of ours, as fast as uvicorn can."""
    words = f"-m uvicorn {module}:app --host {HOST} --port {{port}} --no-access-log --log-level warning"
    return [sys.executable, *words.split(), "--loop", "uvloop", "--http", "httptools", "--app-dir", str(_HERE)]


def start_seconds(place: Place) -> float:
    """Seconds from the command to the line that says that it listens."""
    words = [str(PROGRAM), "serve", "--port", "0", "--store", place.url]
    started = time.perf_counter()
    process = subprocess.Popen(
        cores.pinned(words, cores.SERVER),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(secret_of(place)),
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        took = time.perf_counter() - started
        if not _LISTENING.match(line.strip()):
            raise RuntimeError(f"`serve` said {line!r}")
        return took
    finally:
        process.terminate()
        process.wait(_PATIENCE)


@contextmanager
def _process(words: Sequence[str], printed: Path, environment: Mapping[str, str]) -> Iterator[psutil.Process]:
    with printed.open("wb") as out, printed.with_suffix(".err").open("wb") as err:
        process = subprocess.Popen(words, stdout=out, stderr=err, env=_environment(environment))
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours, without what would set the server otherwise."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOBREPORT_")}
    return kept | {"PYTHONUNBUFFERED": "1"} | dict(more)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _until(ready: Callable[[], object], process: psutil.Process) -> None:
    end = time.monotonic() + _PATIENCE
    while not ready():
        if time.monotonic() > end or not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            raise RuntimeError("the server does not answer; .bench has what it printed")
        time.sleep(0.02)
