"""Real servers for the tests: `jobreport serve` processes, the apps registered with them, and what they answer."""

import base64
import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest

from connecting import PATIENCE, connect, until
from jobreport.cli import main
from preloaded import PreloadedProgram, can_start
from stores import copy_used_store

PROGRAM = INSTALLED = Path(sys.executable).with_name("jobreport")
SECRET_KEY = base64.b64encode(bytes(32)).decode()
"""What the signing keys of a store on PostgreSQL are encrypted with."""
REPORT = "/api/public/jobreport"
FIND = "/backup/vm/jobs"
JOBS = "/api/jobs"
SEARCH = "/api/search"
EXPORT = "/api/export"
SUMMARY = "/api/summary"
SERIES = "/api/series"
TENANTS = "/api/tenants/summary"
METRICS = "/metrics"
READ_WRITE = "PlatformBackup.ReadWrite.All"
READ = "PlatformBackup.Read.All"
WRITE_OWN = "PlatformBackup.Jobs.Report"
_LISTENING = re.compile(r"^Jobreport is listening on (https?://\S+)$", re.MULTILINE)

LINUX = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds worker processes through Linux's /proc")

Started = subprocess.Popen[bytes] | PreloadedProgram


def environment(**more: str) -> dict[str, str]:
    """This process's environment with `more`, without our settings, and without the width that pytest-xdist sets."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("JOBREPORT_", "COLUMNS"))}
    return bare | {"JOBREPORT_SETTINGS": ""} | more


def command(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs `jobreport` with these words, as a person would, and with these environment variables."""
    with start(*words, env=environment(**more)) as started:
        try:
            out, err = started.communicate(timeout=PATIENCE)
        finally:
            started.kill()
    return subprocess.CompletedProcess(words, started.wait(), out.decode(), err.decode())


def start(
    *words: str, env: dict[str, str], preloaded: bool = True, script: Path | None = None, **streams: Any
) -> Started:
    """Starts `jobreport`, or a script in its place, in a session of its own.

    What is `preloaded` has not to load any more, if it is this checkout's program and its environment allows it.
    """
    if preloaded and PROGRAM == INSTALLED and can_start(env):
        return PreloadedProgram([script or PROGRAM, *words], env=env, **streams)
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    called = [sys.executable, script] if script else [PROGRAM]
    return subprocess.Popen([*called, *words], env=env, start_new_session=True, **pipes | streams)


def typed(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The same as `command` within this process: the program's own entry, without the second that a start takes.

    Not for `run`, which lets go of the standard input: of that of the tests, then.
    """
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["jobreport", *words]),
        mock.patch.dict(os.environ, environment(**more), clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


class App:
    """An app registration of a server, and what it asks."""

    def __init__(self, server: "Server", document: dict[str, Any]) -> None:
        self.server, self.document = server, document
        self.client_id: str = document["clientId"]
        self.secret: str = document["clientSecret"]
        self._token = ""

    @property
    def token(self) -> str:
        """An access token with all that was granted."""
        if not self._token:
            answer = self.server.ask_token(client_id=self.client_id, client_secret=self.secret)
            assert answer.status_code == 200, answer.text
            self._token = answer.json()["access_token"]
        return self._token

    @property
    def bearer(self) -> dict[str, str]:
        """The header that carries the token."""
        return {"Authorization": f"Bearer {self.token}"}

    def report(self, body: Any = None, **headers: str) -> httpx.Response:
        """Asks the report; `body` as JSON, or as it is where it is bytes."""
        return self.post(REPORT, {} if body is None else body, **headers)

    def write(self, body: Any, **headers: str) -> httpx.Response:
        """Reports jobs."""
        return self.post(JOBS, body, **headers)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Posts JSON, or bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.server.http.post(
            path, content=content, headers={"Content-Type": "application/json", **self.bearer, **named}
        )

    def show(self, job_id: str) -> httpx.Response:
        """Everything that is kept of one job, whatever characters its ID has."""
        path = "".join(f"%{byte:02X}" for byte in job_id.encode())
        return self.server.http.get(f"{JOBS}/{path}", headers=self.bearer)

    def find(self, *pairs: tuple[str, str], **parameters: Any) -> httpx.Response:
        """Asks generation 2; several values as a list, or the query string's pairs as they are."""
        return self.server.http.get(FIND, params=list(pairs) or parameters, headers=self.bearer)

    def export(self, **parameters: Any) -> httpx.Response:
        """All jobs as a file."""
        return self.server.http.get(EXPORT, params=parameters, headers=self.bearer)

    def summary(self, *pairs: tuple[str, str], **parameters: Any) -> httpx.Response:
        """Asks for groups of jobs; several values as a list, or the query string's pairs as they are."""
        return self.server.http.get(SUMMARY, params=list(pairs) or parameters, headers=self.bearer)

    def series(self, *pairs: tuple[str, str], **parameters: Any) -> httpx.Response:
        """A page of series; several values as a list, or the query string's pairs as they are."""
        return self.server.http.get(SERIES, params=list(pairs) or parameters, headers=self.bearer)

    def one_series(self, name: int | str) -> httpx.Response:
        """One series, by its number or key."""
        return self.server.http.get(f"{SERIES}/{name}", headers=self.bearer)

    def found(self, **body: Any) -> list[str]:
        """The IDs of the jobs that a report lists."""
        answer = self.report(body)
        assert answer.status_code == 200, answer.text
        return [job["jobId"] for job in answer.json()["jobs"]]


class Server:
    """One `jobreport serve` process."""

    def __init__(self, process: Started, store: str, folder: Path, http: dict[str, Any]) -> None:
        self.process, self.store, self.folder = process, store, folder
        self.url = until(self._address, "the address")
        self.http = connect(self.url, **http)

    @property
    def printed(self) -> str:
        """What it wrote to standard output."""
        return (self.folder / "stdout").read_text()

    @property
    def log(self) -> str:
        """What it wrote to standard error."""
        return (self.folder / "stderr").read_text()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return httpx.URL(self.url).port or 0

    @property
    def workers(self) -> list[int]:
        """The worker processes; found through Linux's /proc, by a command line or, if forked, by a name."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        found = []
        for pid in listed.split():
            with contextlib.suppress(FileNotFoundError):  # one that has ended just now
                if any(b"spawn_main" in Path(f"/proc/{pid}/{file}").read_bytes() for file in ("cmdline", "comm")):
                    found.append(int(pid))
        return found

    def kill(self) -> None:
        """Kills it with all of its processes, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def app(self, tenant: str, *permissions: str) -> App:
        """Registers an app with `jobreport app create`."""
        words = ["app", "create", "--name", "test", "--tenant", tenant, "--store", self.store, "--json"]
        for name in permissions:
            words += ["--permission", name]
        made = typed(*words)
        assert made.returncode == 0, made.stderr
        return App(self, json.loads(made.stdout))

    def provider(self, *tenants: str, make: Sequence[str] = ()) -> App:
        """Registers a provider's app for these tenants, or for all; `make`: those that are to be made first."""
        for name in make:
            assert typed("tenant", "create", name, "--store", self.store).returncode == 0
        words = ["app", "create", "--name", "provider", "--store", self.store, "--json"]
        made = typed(*words, *(["--tenants", ",".join(tenants)] if tenants else ["--all-tenants"]))
        assert made.returncode == 0, made.stderr
        return App(self, json.loads(made.stdout))

    def ask_token(self, **form: str) -> httpx.Response:
        """Asks the token endpoint."""
        return self.http.post("/connect/token", data={"grant_type": "client_credentials", **form})

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Ends the process, and gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def _address(self) -> str:
        assert self.process.poll() is None, f"it ended: {self.log}"
        found = _LISTENING.search(self.printed)
        return found[1] if found else ""


def program_with(folder: Path, module: str, *settings: str) -> Path:
    """A script to serve by, with other settings of a module than its own, each a line of Python: shorter time limits.

    It calls the module by its last name. Where others import the setting itself, the program may not be `preloaded`.
    """
    package, _, name = module.rpartition(".")
    lines = (f"from {package} import {name}", *settings, "from jobreport.cli import main", "main()")
    script = folder / f"with_{name}.py"
    script.write_text("\n".join(lines), encoding="utf-8")
    return script


@contextmanager
def serve(
    folder: Path,
    *options: str,
    store: str | None = None,
    http: dict[str, Any] | None = None,
    program: Path | None = None,
    preloaded: bool = True,
    **more: str,
) -> Iterator[Server]:
    """A server on `store`, or on one in `folder`, which is stopped in the end.

    `http`: options of the client. `program`: a script to run as `jobreport`. `preloaded`: whether the program may come
    from a process that has loaded it already, and its store be a copy of one that a server has made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if store is None and preloaded and not any(name.startswith("JOBREPORT_SECRET_KEY") for name in more):
        copy_used_store(folder / "store" / "jobs.db")
    store = store or f"sqlite:///{folder}/store/jobs.db"
    words = ["serve", "--port", "0", "--store", store, *options]
    if store.startswith("postgresql") and not any(name.startswith("JOBREPORT_SECRET_KEY") for name in more):
        more["JOBREPORT_SECRET_KEY"] = SECRET_KEY
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        streams: dict[str, Any] = {"stdout": out, "stderr": err, "env": environment(**more)}
        process = start(*words, preloaded=preloaded, script=program, **streams)
    try:
        server = Server(process, store, folder, http or {})
        with server.http:
            yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
