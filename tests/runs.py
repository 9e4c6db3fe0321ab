"""Helpers for tests: run `jobreport run` in a separate folder, and a fake server that fails in a chosen way."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from jobreport.contract.job_document import job_from_wire
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from preloaded import PreloadedProgram, can_start
from serving import PATIENCE, Started

SECRET = "jr-the-very-secret"
NOW = 3 * 10**18  # later than any report of a test
JOBREPORT = [sys.executable, "-m", "jobreport"]


class Recorder:
    """A fake server: it accepts reports and keeps them. `status` and `hang` make it fail.

    Tests use it only if a server has to fail; otherwise they use a real one.
    """

    def __init__(self, port: int = 0) -> None:
        self.reports: list[Job] = []
        self.tokens = 0
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        self.token_status = 200
        self.faults = [{"field": "[0].state", "message": "is not liked"}]
        self.retry_after = ""
        self.hang: threading.Event | None = None
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                recorder.requests.append((self.path, dict(self.headers), body))
                if recorder.hang is not None:
                    recorder.hang.wait(PATIENCE)
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.answer(*recorder.reply(self.path, body))

            def answer(self, status: int, document: object) -> None:
                content = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                if recorder.retry_after:
                    self.send_header("Retry-After", recorder.retry_after)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def reply(self, path: str, body: bytes) -> tuple[int, object]:
        if path == "/connect/token":
            self.tokens += 1
            if self.token_status != 200:
                return self.token_status, {"error": "invalid_client", "error_description": "no such app"}
            return 200, {"access_token": f"token-{self.tokens}", "token_type": "Bearer", "expires_in": 3600}
        if self.status != 200:
            return self.status, {"detail": "told to", "errors": self.faults}
        jobs = [job_from_wire(document, now=NOW) for document in json.loads(body)]
        self.reports += jobs
        ids = [job.job_id for job in jobs]
        return 200, {"received": len(jobs), "created": 0, "updated": len(jobs), "unchanged": 0, "jobIds": ids}

    def tenants(self) -> list[str]:
        """Returns the tenant that each report named; empty if it named none."""
        fields = [headers for path, headers, _ in self.requests if path == "/api/jobs"]
        return [{name.lower(): value for name, value in one.items()}.get("jobreport-tenant", "") for one in fields]

    def states(self) -> list[JobState]:
        """Returns the states that were reported, in order. A state that is repeated directly is listed once."""
        found: list[JobState] = []
        for job in self.reports:
            if not found or found[-1] is not job.state:
                found.append(job.state)
        return found

    def close(self) -> None:
        if self.hang is not None:
            self.hang.set()
        self.server.shutdown()
        self.server.server_close()


class Place:
    """A folder for the state of runs, and the environment variables that make runs use it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.spool = folder / "state" / "jobreport" / "spool"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("JOBREPORT_")},
            "JOBREPORT_SETTINGS": "",
            "XDG_STATE_HOME": str(folder / "state"),
            "JOBREPORT_SPOOL": str(self.spool),
            "JOBREPORT_URL": url,
            "JOBREPORT_CLIENT_ID": "app-1",
            "JOBREPORT_CLIENT_SECRET": SECRET,
        }

    def start(self, *arguments: object, preloaded: bool = True, **more: Any) -> Started:
        """Starts a `jobreport` command in a new session, so that it has no terminal.

        It comes from a preloaded process, if it may and its environment allows that, which is faster.
        """
        environment = self.environment | more.pop("env", {})
        words = list(map(str, arguments))
        if preloaded and can_start(environment):
            return PreloadedProgram(["jobreport", *words], env=environment, cwd=self.folder, **more)
        options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        return subprocess.Popen(
            [*JOBREPORT, *words],
            env=environment,
            cwd=self.folder,
            start_new_session=True,
            # The tests may have been started with SIGINT ignored, which a child process inherits.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            **options | more,
        )

    def call(self, *arguments: object, **more: Any) -> subprocess.CompletedProcess[bytes]:
        """Runs a `jobreport` command to its end."""
        with self.start(*arguments, **more) as process:
            try:
                out, err = process.communicate(timeout=PATIENCE)
            finally:
                process.kill()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def spooled(self) -> list[Path]:
        """Returns the files of the reports that wait in the spool."""
        return sorted(self.spool.glob("*.json"))


def python(code: str) -> list[str]:
    """Returns the command line that runs this Python code."""
    return [sys.executable, "-c", code]
