"""Duplicati's server as far as a reader sees it: backups, each with a log that is a table of its own database.

Pages are "before this number, the newest first"; while an operation has a database, nobody may look.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from fakes.duplicati.answers import OPERATIONS, RESULTS, faults
from fakes.loopback import Reply, Request

from jobreport.model import ticks

MACHINE: Final = "66f5ffc7ff474a73a3c9cba4ac7bfb65"
_BACKUP: Final = re.compile(r"/api/v1/backup/(\d+)/(log|isactive)")
_LOCKED: Final = {
    "Error": "The backup database is currently in use by another operation and cannot be accessed concurrently.",
    "Code": 400,
    "HelpId": "DatabaseLocked",
}


@dataclass
class Backup:
    """A backup. `locked`: an operation has its database; `active`: one of the server's runs or waits. `next_run` is
    when it begins next (ticks; 0: it has no schedule).
    """

    name: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    locked: bool = False
    active: bool = False
    temporary: bool = False
    next_run: int = 0


@dataclass
class Server:
    """A server with its backups by their numbers. `logins` is how often somebody signed in, `valid` are the tokens that
    it takes, each for so many requests as `lasts` says; `asked` are the paths and queries of all other requests.
    """

    now: Callable[[], int]
    password: str = "secret"
    machine_id: str | None = MACHINE
    backups: dict[int, Backup] = field(default_factory=lambda: {2: Backup("pc-1 local files")})
    valid: dict[str, int] = field(default_factory=dict)
    lasts: int = 1_000_000
    logins: int = 0
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def ended(self, number: int = 2, seconds: float = 51.5, **told: Any) -> dict[str, Any]:
        """Adds the result of an operation that ends now to a log, and returns it."""
        data = result(self.now(), seconds, **told)
        self.row(number, "Result", json.dumps(data))
        return data

    def row(self, number: int, kind: str, message: str) -> None:
        """Adds a row to a log."""
        rows = self.backups[number].rows
        highest = rows[-1]["ID"] if rows else 0
        seconds = (self.now() - ticks.UNIX_EPOCH) // ticks.PER_SECOND
        about = {"OperationID": highest // 2 + 1, "Timestamp": seconds, "Type": kind, "Message": message}
        rows.append({"ID": highest + 1, **about, "Exception": None})

    def failed(self, why: str, number: int = 2) -> None:
        """Notes that a backup failed now, as the server does when an operation ends with an exception."""
        at = ticks.to_iso(self.now(), digits=0).replace("-", "").replace(":", "")
        self.backups[number].metadata |= {"LastErrorDate": at, "LastErrorMessage": why}

    def __call__(self, request: Request) -> Reply:
        if request.path == "/api/v1/auth/login":
            assert request.method == "POST"
            return self._login(json.loads(request.body))
        assert request.method == "GET"
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.valid[token] = self.valid.get(token, 0) - 1
        if self.valid[token] < 0:
            return Reply({"Error": "Not logged in", "Code": 401}, 401)
        self.asked.append((request.path, request.query))
        if request.path == "/api/v1/backups":
            return self._answer(["BackupAndSchedule"], [self._listed(*one) for one in self.backups.items()])
        if request.path == "/api/v1/systeminfo":
            return self._answer("SystemInfo", self._system())
        if request.path == "/api/v1/serverstate":
            return self._answer("ServerStatus", self._state())
        match = _BACKUP.fullmatch(request.path)
        assert match, request.path
        backup = self.backups[int(match[1])]
        if match[2] == "isactive":
            return self._answer("IsBackupActive", {"Status": "OK", "Active": backup.active})
        if backup.locked:
            return self._answer("Error", _LOCKED, 400)
        size = max(10, min(500, int(request.first("pagesize", "100"))))
        before = int(request.first("offset", str(2**62)))
        rows = [row for row in reversed(backup.rows) if row["ID"] < before]
        return self._answer(["LogRow"], rows[:size])

    def _login(self, told: dict[str, Any]) -> Reply:
        self.logins += 1
        if told != {"Password": self.password, "RememberMe": False}:
            return Reply({"Error": "Failed to log in", "Code": 401}, 401)
        token = f"token-{self.logins}"
        self.valid = {token: self.lasts}
        return self._answer("AccessTokenOutput", {"AccessToken": token, "RefreshNonce": None})

    def _answer(self, kind: Any, value: Any, status: int = 200) -> Reply:
        self.faults += faults(kind, value)
        return Reply(value, status)

    def _listed(self, number: int, backup: Backup) -> dict[str, Any]:
        settings = [
            {"Name": name, "Value": value, "Filter": "", "Argument": None} for name, value in backup.settings.items()
        ]
        about = {"TargetURL": "file:///mnt/backup", "DBPath": f"/data/{number}.sqlite", "OperationType": "Backup"}
        lists = {"Tags": [], "Sources": ["/srv/"], "Settings": settings, "Metadata": backup.metadata}
        known = {"ID": str(number), "Name": backup.name, "Description": "", "ExternalID": None}
        states = {"IsTemporary": backup.temporary, "DBPathExists": bool(backup.rows)}
        return {"Backup": known | about | lists | states, "Schedule": None}

    def _state(self) -> dict[str, Any]:
        due = {number: ticks.to_iso(one.next_run, digits=0) for number, one in self.backups.items() if one.next_run}
        proposed = [{"Item1": str(number), "Item2": at} for number, at in due.items()]
        about = {"ProgramState": "Running", "HasWarning": False, "HasError": False}
        times = {"EstimatedPauseEnd": "0001-01-01T00:00:00"}
        return {"ActiveTask": None, "SchedulerQueueIds": [], "ProposedSchedule": proposed, **about, **times}

    def _system(self) -> dict[str, Any]:
        words = {"Type": "String", "ShortDescription": "…", "LongDescription": "…"}
        options = [{"Name": "log-retention", "DefaultValue": "30D", **words}]
        if self.machine_id is not None:
            options.append({"Name": "machine-id", "DefaultValue": self.machine_id, **words})
        version = {"APIVersion": 1, "ServerVersion": "2.2.0.0", "OSType": "Linux"}
        return {"MachineName": "pc-1", "Options": options, **version}


def result(ended: int, seconds: float = 51.5, **told: Any) -> dict[str, Any]:
    """Returns the result of an operation that ended at a time (ticks) and took so long."""
    data: dict[str, Any] = {
        "MainOperation": "Backup",
        "ParsedResult": "Success",
        "Interrupted": False,
        "PartialBackup": False,
        "Dryrun": False,
        "ExaminedFiles": 15_399,
        "FilesWithError": 0,
        "NotProcessedFiles": 0,
        "TooLargeFiles": 0,
        "SizeOfExaminedFiles": 11_086_692_615,
        "WarningsActualLength": 0,
        "ErrorsActualLength": 0,
        "BeginTime": ticks.to_iso(ended - round(seconds * ticks.PER_SECOND)),
        "EndTime": ticks.to_iso(ended),
        "Errors": [],
        "Warnings": [],
        "BackendStatistics": {
            "ParsedResult": "Success",
            "BeginTime": "0001-01-01T00:00:00",
            "BytesUploaded": 8_290_314,
        },
    }
    data |= told
    assert data["MainOperation"] in (*OPERATIONS, "Invented")
    assert data["ParsedResult"] in (*RESULTS, "Splendid")
    return data
