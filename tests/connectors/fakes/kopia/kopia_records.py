"""kopia as far as a reader meets it: snapshots, a program that lists them, and a server with tasks and a guarded page.

What they tell is held against kopia's own declarations.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any, Final

from fakes.kopia.kopia_declared import faults
from fakes.loopback import Reply, Request

REPOSITORY: Final = "6b3f0c5d9e1a47f28d5e0b7c4a9f3e21d8c6b5a49788f7e6d5c4b3a291807f6e"
TOKEN: Final = "0f1e2d3c"
_PROGRAM: Final = """#!{python}
import json, pathlib, sys
folder = pathlib.Path({folder!r})
words = sys.argv[1:]
with (folder / "called").open("a") as called:
    import os
    called.write(json.dumps([words, os.environ.get("KOPIA_PASSWORD"), os.environ.get("KOPIA_CONFIG_PATH")]) + "\\n")
if os.environ.get("KOPIA_PASSWORD") == "wrong":
    sys.exit("ERROR open repository: unable to create format manager: invalid repository password")
print((folder / ("status" if words[0] == "repository" else "snapshots")).read_text())
"""


def snapshot(**changes: Any) -> dict[str, Any]:
    """A snapshot as `kopia snapshot list --json` tells it."""
    root = {"name": "srv", "type": "d", "mode": "0755", "mtime": "2026-11-29T22:00:00Z", "obj": "kfe00a917"}
    summary = {"size": 427_221, "files": 143, "symlinks": 0, "dirs": 10, "maxTime": "2026-11-29T22:00:00Z"}
    stats = dict.fromkeys(
        (
            *("totalSize", "excludedTotalSize", "fileCount", "cachedFiles", "nonCachedFiles", "dirCount"),
            *("excludedFileCount", "excludedDirCount", "ignoredErrorCount", "errorCount"),
        ),
        0,
    )
    record = {
        "id": "2e14cba9427c57223dd768bd1ddf694c",
        "source": {"host": "web-1", "userName": "root", "path": "/srv"},
        "description": "",
        "startTime": "2026-11-30T01:00:29.674573Z",
        "endTime": "2026-11-30T01:14:32.962614Z",
        "stats": stats,
        "rootEntry": root | {"summ": summary | {"numFailed": 0} | changes.pop("summ", {})},
        "retentionReason": ["latest-1"],
    }
    return record | changes


def task(**changes: Any) -> dict[str, Any]:
    """A task as the server tells it."""
    return {
        "id": "11",
        "startTime": "2026-11-30T01:00:00Z",
        "endTime": "2026-11-30T01:00:02Z",
        "kind": "Snapshot",
        "description": "root@web-1:/srv",
        "status": "FAILED",
        "progressInfo": "",
        "errorMessage": "unable to open the directory",
        "counters": None,
    } | changes


class Program:
    """A program that answers as kopia does for a repository with these snapshots."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / "kopia"
        self.path.write_text(_PROGRAM.format(python=sys.executable, folder=str(folder)))
        self.path.chmod(0o700)
        self.holds()
        self.tell()

    def holds(self, *snapshots: dict[str, Any]) -> None:
        """Says which snapshots there are, one a line as kopia prints them."""
        assert [fault for one in snapshots for fault in faults(one, "Manifest")] == []
        lines = ",\n ".join(json.dumps(one) for one in snapshots)
        (self._folder / "snapshots").write_text(f"[\n {lines}\n]" if snapshots else "[\n]")

    def tell(self, unique_id: str = REPOSITORY) -> None:
        """Says what the repository is."""
        status: dict[str, Any] = {"configFile": "/root/.config/kopia/repository.config", "uniqueIDHex": unique_id}
        status |= {key: {} for key in ("clientOptions", "storage", "contentFormat", "objectFormat", "blobRetention")}
        assert list(faults(status, "RepositoryStatus")) == []
        (self._folder / "status").write_text(json.dumps(status))

    def called(self) -> list[Any]:
        """How it was called: words, password, file of the connection."""
        return [json.loads(line) for line in (self._folder / "called").read_text().splitlines()]


class Pages:
    """The server of a repository: it answers with its tasks to who has the token of its first page, and its cookie.
    `may`: the user may see its pages. `guards`: it looks at the token.
    """

    def __init__(self, password: str = "hunter2") -> None:
        self.basic = "Basic " + base64.b64encode(f"kopia:{password}".encode()).decode()
        self.tasks: list[dict[str, Any]] | None = None
        self.may = self.guards = True
        self.token = TOKEN

    def answer(self, request: Request) -> Reply:
        """Answers a request."""
        if request.headers.get("authorization") != self.basic:
            return Reply(status=401)
        if not self.may:
            return Reply(b"UI Access denied.", status=403, headers={"Content-Type": "text/plain"})
        if request.path == "/":
            page = f'<html><head><meta name="kopia-csrf-token" content="{self.token}" /></head></html>'
            cookie = {"Set-Cookie": "Kopia-Session-Cookie=7d; Path=/", "Content-Type": "text/html"}
            return Reply(page.encode(), headers=cookie)
        assert request.path == "/api/v1/tasks"
        told = (request.headers.get("x-kopia-csrf-token"), request.headers.get("cookie"))
        if self.guards and told != (self.token, "Kopia-Session-Cookie=7d"):
            return Reply(b"Invalid or missing CSRF token.\n", status=401)
        listed = {"tasks": self.tasks}
        assert list(faults(listed, "TaskListResponse")) == []
        return Reply(listed)
