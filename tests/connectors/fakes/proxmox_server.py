"""Proxmox VE and Proxmox Backup Server on loopback, as their sources say that they answer: what a list leaves out, when
it ends, and what it shows to whom.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec
from fakes.loopback import Reply, Request
from fakes.proxmox_types import BACKUP_JOB, LINE, LISTED, NODE, SINGLE, check, refused

TOKEN = "jobreport@pve!report"
GONE = {"status": "stopped", "exitstatus": "unknown"}
"""What a backup server says of a task of which it has nothing but the UPID that is asked for."""
SECRET = "5b9d1f0c-6a51-4bb4-9e3b-0c6b3f6d7a11"


class Work(msgspec.Struct, kw_only=True):
    """A task as the fake has it: times in seconds since 1970. `end` is None while it runs. `own`: of the token."""

    node: str
    kind: str
    about: str | None
    start: int
    end: int | None = None
    status: str = "OK"
    log: list[str] | None = None
    number: int = 0
    own: bool = False

    def upid(self, product: str) -> str:
        """Its UPID, in which a backup server also counts its tasks, and writes the name of the work with escapes."""
        more, about = "", self.about or ""
        if product == "pbs":
            more = f"{self.number:08X}:"
            about = about.replace("-", "\\x2d").replace(":", "\\x3a").replace("/", "-")
        return (
            f"UPID:{self.node}:{1000 + self.number:08X}:00ABCDEF:{more}{self.start:08X}:{self.kind}:{about}:root@pam:"
        )


class Proxmox(ABC):
    """What both have in common. `rights` are the token's privileges by path, each with whether it propagates.

    Of what is `forgotten` no trace is left; what is `unlisted` can only be asked for by itself. `most`: a list has no
    more, whatever it says. `busy`: no log can be read.
    """

    product = ""
    scheme = ""
    answers_always = False

    def __init__(self) -> None:
        self.work: list[Work] = []
        self.rights: dict[str, dict[str, int | None]] = {}
        self.secret = SECRET
        self.forgotten: set[str] = set()
        self.unlisted: set[str] = set()
        self.most = 2**40
        self.busy = False
        self.asked: list[Request] = []

    def add(self, kind: str, about: str | None, start: int, end: int | None = None, **more: Any) -> Work:
        """Adds a task, which is numbered."""
        one = Work(**{"node": "pve1", "kind": kind, "about": about, "start": start, "end": end} | more)
        one.number = len(self.work)
        self.work.append(one)
        return one

    def upid(self, one: Work) -> str:
        """Returns the UPID of a task."""
        return one.upid(self.product)

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        if request.headers.get("authorization") != f"{self.scheme}{self.secret}":
            return Reply(b"authentication failure", 401)
        parts = [unquote(part) for part in request.path.removeprefix("/api2/json/").split("/")]
        return self.answer(parts, request)

    def answer(self, parts: list[str], request: Request) -> Reply:
        """Returns the answer at a path."""
        if parts == ["access", "permissions"]:
            path = request.first("path")
            return refused(self.product, "permissions", request) or Reply({"data": self._held(path)})
        assert (parts[0], parts[2]) == ("nodes", "tasks"), request.path
        if len(parts) == 3:
            return refused(self.product, "tasks", request) or self.tasks(parts[1], request)
        one = next((one for one in self.work if self.upid(one) == parts[3]), None)
        if wrong := refused(self.product, parts[4], request):
            return wrong
        is_there = one is not None and parts[3] not in self.forgotten
        if one is None or not (is_there or self.answers_always):
            return Reply({"data": None, "errors": {"upid": "no such task"}}, 400)
        if parts[4] == "status":
            return Reply({"data": check(SINGLE, self.single(one) | ({} if is_there else GONE))})
        return Reply({"data": None}, 400) if self.busy else self.log(one, request)

    def _held(self, path: str) -> Mapping[str, Any]:
        held = self.rights.get(path) or self.rights.get("/") or {}
        return {path: held} if held else {}

    def lists(self, one: Work, path: str) -> bool:
        """Whether a task is in a list for the token, which may see all of `path`, or only its own."""
        return (one.own or self.audits(path)) and self.upid(one) not in self.forgotten | self.unlisted

    def audits(self, path: str) -> bool:
        """Whether the token may see the tasks of others."""
        return (self.rights.get(path) or self.rights.get("/") or {}).get("Sys.Audit") is not None

    def listed(self, one: Work) -> dict[str, Any]:
        """Returns a task as a list has it."""
        names = ("type", "id") if self.product == "pve" else ("worker_type", "worker_id")
        item = self._about(one) | dict(zip(names, (one.kind, one.about), strict=True))
        return item if one.end is None else item | {"endtime": one.end, "status": one.status}

    def single(self, one: Work) -> dict[str, Any]:
        """Returns a task as it is told alone: its end is not."""
        about = self._about(one) | {"type": one.kind, "id": one.about}
        return about | ({"status": "running"} if one.end is None else {"status": "stopped", "exitstatus": one.status})

    def _about(self, one: Work) -> dict[str, Any]:
        about = {"upid": self.upid(one), "node": one.node, "pid": 1000 + one.number, "pstart": 0xABCDEF}
        return about | {"starttime": one.start, "user": "root@pam"}

    def log(self, one: Work, request: Request) -> Reply:
        """Answers lines of a log. That there is none is a line, too."""
        start, limit = int(request.first("start", "0")), int(request.first("limit", "50"))
        lines = ["unable to open file - No such file or directory"] if one.log is None else one.log or ["no content"]
        shown = [check((LINE, {}), {"n": n + 1, "t": text}) for n, text in enumerate(lines)][start:]
        return Reply({"data": shown[:limit] if limit else shown, "total": len(lines)})

    @abstractmethod
    def tasks(self, node: str, request: Request) -> Reply:
        """Answers a list of tasks."""


class Cluster(Proxmox):
    """Proxmox VE: a cluster of nodes, of which `down` do not answer."""

    product = "pve"
    scheme = f"PVEAPIToken={TOKEN}="

    def __init__(self, *nodes: str) -> None:
        super().__init__()
        self.nodes = list(nodes or ("pve1",))
        self.down: set[str] = set()
        self.jobs: list[dict[str, Any]] = []
        self.rights = {"/": {"Sys.Audit": 1}}

    def answer(self, parts: list[str], request: Request) -> Reply:
        """Returns the answer at a path; for a node that is down by the proxy of another."""
        if parts == ["nodes"]:
            states = ((one, "offline" if one in self.down else "online") for one in self.nodes)
            items = [check(NODE, {"node": one, "status": state, "type": "node"}) for one, state in states]
            return refused("pve", "nodes", request) or Reply({"data": items})
        if parts == ["cluster", "backup"]:
            if not self.audits("/"):
                return Reply({"data": None}, 403)
            return Reply({"data": [check(BACKUP_JOB, job) for job in self.jobs]})
        if parts[0] == "nodes" and parts[1] in self.down:
            return Reply(b"", 595)
        return super().answer(parts, request)

    def tasks(self, node: str, request: Request) -> Reply:
        """Answers as its index is read: the newest end first behind what runs, a kind exactly, and none for limit 0."""
        start, limit = int(request.first("start", "0")), int(request.first("limit", "50"))
        source, kind = request.first("source", "archive"), request.first("typefilter")
        since, until = int(request.first("since", "0")), int(request.first("until", str(2**40)))
        found = [
            one
            for one in sorted(self.work, key=lambda one: -(one.end or 2**40))
            if one.node == node
            and self.lists(one, f"/nodes/{node}")
            and source in ("all", "archive" if one.end is not None else "active")
            and kind in ("", one.kind)
            and since <= one.start <= until
        ]
        items = [self.listed(one) for one in found[start : start + min(limit, self.most)]]
        for item in items:
            item.setdefault("status", "RUNNING")
        return Reply({"data": [check(LISTED["pve"], one) for one in items], "total": len(found)})


class BackupServer(Proxmox):
    """Proxmox Backup Server."""

    product = "pbs"
    answers_always = True
    scheme = f"PBSAPIToken={TOKEN}:"

    def __init__(self) -> None:
        super().__init__()
        self.rights = {"/system/tasks": {"Sys.Audit": 1}}

    def add(self, kind: str, about: str | None, start: int, end: int | None = None, **more: Any) -> Work:
        """Adds a task of this server."""
        return super().add(kind, about, start, end, **{"node": "pbs1"} | more)

    def tasks(self, node: str, request: Request) -> Reply:
        """Answers as its archive is read: the newest end first behind what runs, to the first that ended too early; a
        part of a kind is enough, and limit 0 is no limit.
        """
        assert node == "localhost"
        start, limit = int(request.first("start", "0")), int(request.first("limit", "50")) or 2**40
        since, until = int(request.first("since", "0")), int(request.first("until", str(2**40)))
        running = request.first("running") in ("1", "true")
        found = []
        for one in sorted(self.work, key=lambda one: -(one.end or 2**40)):
            if one.end is not None and one.end < since:
                break
            is_asked = since <= one.start <= until and request.first("typefilter") in one.kind
            if is_asked and self.lists(one, "/system/tasks") and not (running and one.end is not None):
                found.append(one)
        items = [check(LISTED["pbs"], self.listed(one)) for one in found[start : start + limit]]
        more = start + len(items) < len(found)
        return Reply({"data": items, "total": start + len(items) + more})
