"""Where the backups of the demonstration run: trees of files, tools, and `jobreport run` around them."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from service import PROGRAM, Service

SECONDS = 90
"""How long anything is waited for; it is an error to come near it."""


class Stage:
    """A folder with sources to back up, and every command that was started on it."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.folder = folder
        self.service = service
        self._log = (folder / "backups.log").open("wb")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._http = httpx.Client(base_url=service.url, timeout=30, trust_env=False)
        self._token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends what still runs: the runner passes the signal on, and reports the job as Stopped."""
        for process in self.running():
            process.terminate()
        for process in self._processes:
            process.wait(SECONDS)
        self._log.close()
        self._http.close()

    def tree(self, name: str, files: int, size: int) -> Path:
        """A folder of `files` files of `size` bytes, the same at each run."""
        source = self.folder / name
        source.mkdir()
        content = random.Random(name)
        for number in range(files):
            (source / f"document-{number:03d}.txt").write_bytes(content.randbytes(size))
        return source

    def start(self, description: str, command: Sequence[str | Path], *options: str) -> subprocess.Popen[bytes]:
        """Starts a backup under `jobreport run`, under a description that the report is searched by."""
        process = subprocess.Popen(
            [PROGRAM, "run", "--description", description, "--spool", self.folder / "spool", *options, "--", *command],
            env=os.environ | self.service.environment | self._tool_environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def run(self, description: str, command: Sequence[str | Path], *options: str) -> None:
        """Runs a backup to its end, whatever that is."""
        self.start(description, command, *options).wait(SECONDS)

    def prepare(self, command: Sequence[str | Path]) -> None:
        """Runs a command that is no backup, such as making a repository."""
        environment = os.environ | self._tool_environment()
        subprocess.run(command, env=environment, check=True, stdout=self._log, stderr=self._log, timeout=SECONDS)

    def running(self) -> list[subprocess.Popen[bytes]]:
        """What has not ended yet."""
        return [process for process in self._processes if process.poll() is None]

    def until(self, description: str, holds: Callable[[dict[str, int]], bool]) -> dict[str, int]:
        """Waits until the report of the one job with this description is as wanted."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            jobs = self.ask({"searchText": description})["jobs"]
            if jobs and holds(jobs[0]):
                found: dict[str, int] = jobs[0]
                return found
            time.sleep(0.25)
        raise SystemExit(f"the job {description!r} did not come to be as it should; see {self.folder}/backups.log")

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Stops a backup as an operator would: the runner gets SIGTERM."""
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)

    def ask(self, body: dict[str, object]) -> dict[str, list[dict[str, int]]]:
        """The job report, as any client asks for it: a token first, then `POST /api/public/jobreport`."""
        answer = self._http.post("/api/public/jobreport", json=body, headers=self._headers()).raise_for_status()
        found: dict[str, list[dict[str, int]]] = answer.json()
        return found

    def search(self) -> object:
        """The newest jobs with all details, as `jobreport jobs` asks for them."""
        asked = self._http.get("/api/search", params={"pageSize": 50}, headers=self._headers())
        found: object = asked.raise_for_status().json()
        return found

    def _headers(self) -> dict[str, str]:
        if not self._token:
            form = {
                "grant_type": "client_credentials",
                "client_id": self.service.client_id,
                "client_secret": self.service.secret_file.read_text(),
            }
            self._token = self._http.post("/connect/token", data=form).raise_for_status().json()["access_token"]
        return {"Authorization": f"Bearer {self._token}"}

    def _tool_environment(self) -> dict[str, str]:
        """Keeps each tool's own files in the folder of the demonstration."""
        return {
            "RCLONE_CONFIG": os.devnull,
            "RESTIC_PASSWORD": "demonstration",
            "RESTIC_CACHE_DIR": str(self.folder / "restic-cache"),
            "BORG_BASE_DIR": str(self.folder / "borg-home"),
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
        }


def find_tool(name: str) -> str | None:
    """A tool's program: beside this Python (rclone comes as a wheel), or on the path."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)
