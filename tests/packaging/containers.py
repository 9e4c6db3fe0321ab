"""Builds the image from the Dockerfile on a base of this machine's own Debian, and runs commands in containers of it.

There is no daemon and no registry: mmdebstrap makes the base, buildah builds and runs (with a chroot, since the tests
may run in a container themselves; so a container shares the network of this machine).
"""

import json
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TOOLS = ("buildah", "mmdebstrap")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def lacking() -> str:
    """Why no image can be built here; empty if one can."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    return "" if os.geteuid() == 0 else "only root may build an image here"


class Images:
    """A store of images in a folder, which has the image `jobreport` when it was built."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Where files cannot lie over others, each layer and container is a copy of all that is below it.
        self._driver = ["overlay", "--storage-opt", "overlay.skip_mount_home=true"]
        if subprocess.run([*self._words, "info"], capture_output=True, check=False).returncode != 0:
            self._driver = ["vfs"]
        (folder / "policy.json").write_text(json.dumps({"default": [{"type": "insecureAcceptAnything"}]}))

    def build(self) -> None:
        """Builds the image as the Dockerfile says."""
        suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
        scratch = self._buildah("from", "scratch").strip()
        # Straight into its files, which are never packed: nobody sends this image anywhere. No apt of it translates.
        options = ("--quiet", "--variant=apt", "--include=ca-certificates", '--aptopt=Acquire::Languages "none"')
        self._run("mmdebstrap", *options, "--format=directory", suite, self._buildah("mount", scratch).strip())
        self._buildah("commit", "--quiet", "--rm", "--disable-compression", *self._policy, scratch, "localhost/base")
        # What is downloaded while it is built is checked by the authorities that this machine trusts.
        trusted = ("--volume", f"{_CERTIFICATES}:{_CERTIFICATES}:ro") if _CERTIFICATES.exists() else ()
        options = ("--isolation", "chroot", "--pull-never", "--format", "docker", *self._policy, *trusted)
        self._buildah(
            "build", *options, "--build-arg", "BASE=localhost/base", "--tag", "localhost/jobreport", str(ROOT)
        )

    @contextmanager
    def container(self) -> Iterator["Container"]:
        """A container of the image."""
        name = self._buildah("from", "--pull-never", "localhost/jobreport").strip()
        config: dict[str, Any] = json.loads(self._buildah("inspect", name))["Docker"]["config"]
        # Mounted all the while, not anew by each command that runs in it.
        self._buildah("mount", name)
        try:
            yield Container([*self._words, "run", "--isolation", "chroot"], name, config)
        finally:
            self._buildah("umount", name)
            self._buildah("rm", name)

    @property
    def _words(self) -> list[str]:
        stored = ("--root", self._folder / "storage", "--runroot", self._folder / "run")
        return ["buildah", *map(str, stored), "--storage-driver", *self._driver]

    @property
    def _policy(self) -> tuple[str, str]:
        return "--signature-policy", str(self._folder / "policy.json")

    def _buildah(self, *words: str) -> str:
        return self._run(*self._words, *words)

    def _run(self, *words: str) -> str:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout


class Container:
    """Runs commands in one container: with `settings` in their environment, and with files of ours at its paths
    (`mounts`). `config` is what the image says of itself.
    """

    def __init__(self, words: Sequence[str], name: str, config: dict[str, Any]) -> None:
        self._words, self._name, self.config = words, name, config
        self.settings: Mapping[str, str] = {}
        self.mounts: Mapping[Path, str] = {}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        return subprocess.run([*self._run, *command], capture_output=True, text=True, check=False)

    @contextmanager
    def running(self, log: Path, *command: str) -> Iterator[None]:
        """Runs a server for as long as the context lasts, with its log in a file of ours. In the end it gets SIGTERM,
        as from `docker stop`.
        """
        with log.open("wb") as written:
            process = subprocess.Popen([*self._run, *command], stderr=written, start_new_session=True)
        try:
            yield
        finally:
            for server in _servers_in_session(process.pid):
                os.kill(server, signal.SIGTERM)
            process.wait(60)

    @property
    def _run(self) -> list[str]:
        options = [word for pair in self.settings.items() for word in ("--env", "=".join(pair))]
        options += [word for ours, its in self.mounts.items() for word in ("--volume", f"{ours}:{its}")]
        return [*self._words, *options, self._name, "--"]

    def healthy(self) -> bool:
        """Whether the image's own health check says so."""
        kind, *words = self.config["Healthcheck"]["Test"]
        assert kind == "CMD"
        return self.run(*words).returncode == 0


def _servers_in_session(session: int) -> list[int]:
    """The processes `python …/jobreport serve` of a session, without the shells and programs that started them."""
    found = []
    for pid in (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if os.getsid(pid) == session and b"python" in words[0] and words[2:3] == [b"serve"]:
                found.append(pid)
        except (OSError, IndexError):
            continue  # it has just ended
    return found
