"""Backrest as far as a reader sees it: a log whose numbers grow with each change, and a hub to which instances report.

It gives numbers, keeps operations and forgets them as version 1.14 does.
"""

import base64
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from fakes.backrest.messages import faults
from fakes.loopback import Reply, Request

from jobreport.model import ticks

GUID: Final = "5d6f7a8b4c1e9a3d"
_GOES: Final = ("STATUS_PENDING", "STATUS_SYSTEM_CANCELLED", "STATUS_USER_CANCELLED", "STATUS_UNKNOWN")
Op = dict[str, Any]


@dataclass
class Instance:
    """An instance, and its log by the numbers of operations.

    `user`: who may ask, with a password. `peers` are the names of instances that report to it, by their keys.
    `knows_changes`: whether a question may ask for changes; a version before 1.11 passes over what it does not know.
    """

    now: Callable[[], int]
    name: str = "nas-1"
    user: tuple[str, str] | None = None
    peers: dict[str, str] = field(default_factory=dict)
    knows_changes: bool = True
    log: dict[int, Op] = field(default_factory=dict)
    highest: int = 0
    modno: int = 0
    asked: list[tuple[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, status: str = "STATUS_SUCCESS", work: str = "operationBackup", **fields: Any) -> Op:
        """Adds an operation, which began now: each a millisecond after the one before, for one runs at a time."""
        begun = str(int(milliseconds(self.now())) + self.highest)
        self.highest += 1
        self.modno += 1
        op: Op = {
            "id": str(self.highest),
            "modno": str(self.modno),
            "flowId": str(self.highest),
            "repoId": "s3-main",
            "repoGuid": GUID,
            "planId": "daily-home",
            "instanceId": self.name,
            "status": status,
            "unixTimeStartMs": begun,
            work: {},
        }
        op |= fields
        if status not in ("STATUS_PENDING", "STATUS_INPROGRESS"):
            op.setdefault("unixTimeEndMs", op["unixTimeStartMs"])
        self.log[self.highest] = op
        return op

    def change(self, op: Op, **fields: Any) -> Op:
        """Changes an operation; a field that is None is taken away."""
        self.modno += 1
        op |= {**fields, "modno": str(self.modno)}
        for name in [name for name, value in op.items() if value is None]:
            del op[name]
        return op

    def end(self, op: Op, status: str = "STATUS_SUCCESS", **fields: Any) -> Op:
        """Ends an operation now."""
        return self.change(
            op,
            status=status,
            unixTimeEndMs=str(max(int(milliseconds(self.now())), int(op["unixTimeStartMs"]))),
            **fields,
        )

    def restart(self) -> None:
        """Counts on from what is there; then ends what runs, and deletes what waits or was cancelled."""
        kept = [op for op in self.log.values() if "originalInstanceKeyid" not in op]
        self.modno = max((int(op["modno"]) for op in kept), default=0)
        self.highest = max(self.log, default=0)
        for op in list(self.log.values()):
            if op["status"] == "STATUS_INPROGRESS":
                said = "Operation was incomplete when orchestrator was restarted."
                self.change(op, status="STATUS_ERROR", unixTimeEndMs=op["unixTimeStartMs"], displayMessage=said)
            elif op["status"] in _GOES:
                self.delete(op)

    def delete(self, op: Op) -> None:
        """Deletes an operation."""
        del self.log[int(op["id"])]

    def report(self, hub: "Instance", *operations: Op) -> None:
        """Tells a hub of operations: there they get other numbers, and keep the one of their changes."""
        key = next(key for key, name in hub.peers.items() if name == self.name)
        for op in operations:
            there = [
                one
                for one in hub.log.values()
                if (one.get("originalInstanceKeyid"), one.get("originalId")) == (key, op["id"])
            ]
            if not there:
                hub.highest += 1
            number = there[0]["id"] if there else str(hub.highest)
            hub.modno = max(hub.modno, int(op["modno"]))
            told = {"id": number, "originalId": op["id"], "originalFlowId": op["flowId"], "originalInstanceKeyid": key}
            hub.log[int(number)] = deepcopy(op) | told

    def __call__(self, request: Request) -> Reply:
        if self.user and request.headers.get("authorization") != _basic(*self.user):
            return Reply(b"Unauthorized (No Authorization Header)\n", 401)
        call = request.path.removeprefix("/v1.Backrest/")
        asked = json.loads(request.body)
        self.asked.append((call, asked))
        assert request.headers["content-type"] == "application/json"
        assert request.method == "POST"
        if call == "GetConfig":
            self.faults += faults("Empty", asked)
            answer, kind = self._config(), "Config"
        else:
            assert call == "GetOperations"
            self.faults += faults("GetOperationsRequest", asked)
            found = self._found(asked["selector"], int(asked.get("lastN", 0)))
            answer, kind = {"operations": found} if found else {}, "OperationList"
        self.faults += faults(kind, answer)
        return Reply(answer)

    def _config(self) -> Any:
        peers = [({"instanceId": name} if name else {}) | {"keyId": key} for key, name in self.peers.items()]
        return {"modno": 3, "version": 6, "instance": self.name} | (
            {"sync": {"authorizedClients": peers}} if peers else {}
        )

    def _found(self, selector: Op, last: int) -> list[Op]:
        selector = dict(selector)
        gte = int(selector.pop("modnoGte", 0)) if self.knows_changes else selector.pop("modnoGte", 0) and 0
        found = [
            op
            for op in self.log.values()
            if int(op["modno"]) >= gte and all(op.get(name, "") == value for name, value in selector.items())
        ]
        if last:
            found = sorted(found, key=lambda op: (int(op["unixTimeStartMs"]), int(op["id"])))[-last:]
        return sorted(found, key=lambda op: int(op["id"]))


def milliseconds(at: int) -> str:
    """Returns a time (ticks) as Backrest writes it."""
    return str((at - ticks.UNIX_EPOCH) // (ticks.PER_SECOND // 1000))


def snapshot(number: int, files: int = 1219, **fields: Any) -> Op:
    """What an operation has that made a snapshot."""
    name = f"{number:064x}"
    summary = {"totalFilesProcessed": str(files), "totalBytesProcessed": "734003200", "snapshotId": name}
    return {"snapshotId": name, "operationBackup": {"lastStatus": {"summary": summary}, **fields}}


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
