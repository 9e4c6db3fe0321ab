"""Google on loopback: tokens, Cloud Logging and the Cloud SQL Admin API, as far as backups are asked for.

What it answers is held against a condensed table of Google's own types, from the discovery documents `logging.v2`
(20260911), `sqladmin.v1` (20261018) and `gkebackup.v1` (20260909, `BDRBackupRestoreJobLog`).
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fakes.loopback import Reply, Request
from joserfc import jwt
from joserfc.jwk import RSAKey

from jobreport.model import ticks

PROJECT = "backups-prod"
JOBS = "backupdr.googleapis.com%2Fbdr_backup_restore_jobs"
EVENTS = "backupdr.googleapis.com%2Fbackup_recovery_appliance_events"
_TOKEN = "ya29.a-token"
_TIME = "time"
TYPES: dict[str, dict[str, Any]] = {
    "LogEntry": {
        "insertId": str,
        "jsonPayload": dict,
        "resource": dict,
        "timestamp": _TIME,
        "severity": str,
        "logName": str,
        "receiveTimestamp": _TIME,
    },
    "BDRBackupRestoreJobLog": {
        **dict.fromkeys(
            (
                *("jobId", "jobCategory", "jobStatus", "resourceType", "sourceResourceName", "sourceResourceLocation"),
                *("sourceResourceId", "restoreResourceName", "restoreResourceLocation", "targetResourceType"),
                *("backupVaultName", "backupPlanName", "backupRule", "backupName", "dataSourceName", "storageTier"),
                *("errorType", "errorMessage"),
            ),
            str,
        ),
        **dict.fromkeys(("startTime", "endTime", "recoveryPointTime", "backupConsistencyTime"), _TIME),
        "errorCode": int,
        "backupRetentionDays": int,
        "incrementalBackupSizeGib": float,
    },
    "BackupRun": {
        **dict.fromkeys(("kind", "id", "instance", "location", "selfLink", "description", "backupKind"), str),
        **dict.fromkeys(("enqueuedTime", "startTime", "endTime", "windowStartTime"), _TIME),
        "error": dict,
        "type": {"AUTOMATED", "ON_DEMAND"},
        "status": {
            *("ENQUEUED", "OVERDUE", "RUNNING", "FAILED", "SUCCESSFUL", "SKIPPED"),
            *("DELETION_PENDING", "DELETION_FAILED", "DELETED"),
        },
    },
}


def faults(record: dict[str, Any], kind: str) -> list[str]:
    """What of a record is not as Google describes it."""
    known = TYPES[kind]
    return [name for name, value in record.items() if name not in known or not _is(value, known[name])]


def _is(value: Any, kind: Any) -> bool:
    if kind == _TIME:
        return (
            isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", value) is not None
        )
    return value in kind if isinstance(kind, set) else isinstance(value, kind) and not isinstance(value, bool)


def entry(number: int, at: int, status: str = "SUCCESSFUL", log: str = JOBS, **more: Any) -> dict[str, Any]:
    """An entry of a job that began at `at` (ticks), at its transition to this status."""
    ended = status != "RUNNING"
    seen = at + (1200 if ended else 1) * ticks.PER_SECOND
    told = {
        "jobId": f"j-{number}",
        "jobCategory": "SCHEDULED_BACKUP",
        "jobStatus": status,
        "resourceType": "Compute Engine Instance",
        "sourceResourceName": f"projects/{PROJECT}/zones/europe-west3-a/instances/vm-{number}",
        "backupVaultName": f"projects/{PROJECT}/locations/europe-west3/backupVaults/vault-1",
        "backupPlanName": f"projects/{PROJECT}/locations/europe-west3/backupPlans/daily",
        "startTime": ticks.to_iso(at),
        **({"endTime": ticks.to_iso(seen)} if ended else {}),
    } | more
    return {
        "insertId": f"i-{number}-{status}",
        "jsonPayload": told,
        "resource": {"type": "backupdr.googleapis.com/BackupDRProject", "labels": {"location": "europe-west3"}},
        "timestamp": ticks.to_iso(seen),
        "severity": "INFO",
        "logName": f"projects/{PROJECT}/logs/{log}",
    }


def run(number: int, at: int, status: str = "SUCCESSFUL", **more: Any) -> dict[str, Any]:
    """A backup run of Cloud SQL."""
    ended = {"endTime": ticks.to_iso(at + 60 * ticks.PER_SECOND)} if status in {"SUCCESSFUL", "FAILED"} else {}
    begun = {} if status in {"ENQUEUED", "OVERDUE"} else {"startTime": ticks.to_iso(at)}
    told = {"kind": "sql#backupRun", "id": str(1_579_605_933_818 + number), "instance": "orders", "type": "AUTOMATED"}
    window = {"windowStartTime": ticks.to_iso(at - 3600 * ticks.PER_SECOND)}
    return {**told, "status": status, "enqueuedTime": ticks.to_iso(at), **begun, **ended, **window, **more}


class Google:
    """What a project has, and what its account may do. `denied`: words of paths that are refused, and the reason."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.now = now
        self.entries: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.logs: set[str] = {JOBS}
        self.denied: dict[str, str] = {}
        self.page = 1000
        self.empty_first = False
        self.tokens = 0
        self.lasts = 1_000
        self.shown = 0
        self.faults: list[str] = []
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def account(self, folder: Path, url: str) -> str:
        """A service account's key in a file."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        told = {"type": "service_account", "client_email": f"reader@{PROJECT}.example", "private_key": pem.decode()}
        file = folder / "account.json"
        file.write_text(json.dumps(told | {"token_uri": f"{url}/token", "private_key_id": "1", "project_id": PROJECT}))
        return str(file)

    def token(self, form: dict[str, list[str]]) -> dict[str, Any]:
        """A token for who shows a signed assertion."""
        public = RSAKey.import_key(self.key.public_key())
        claims = jwt.decode(form["assertion"][0], public).claims
        assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
        self.tokens += 1
        return {"access_token": f"{_TOKEN}-{self.tokens}", "expires_in": 3600, "token_type": "Bearer"}

    def takes(self, header: str) -> bool:
        """Whether the newest token was shown, and still holds."""
        self.shown += 1
        if self.shown > self.lasts:
            self.shown, self.lasts = 0, 1_000
            return False
        return header == f"Bearer {_TOKEN}-{self.tokens}"

    def listed(self, document: dict[str, Any]) -> dict[str, Any]:
        """`entries:list`: the entries that a filter of ours takes."""
        which, most = document["filter"], min(self.page, document["pageSize"])
        found = [one for one in self.entries if f'logName="{one["logName"]}"' in which]
        if since := re.search(r'timestamp>="([^"]+)"', which):
            first = ticks.from_iso(since[1])
            found = [one for one in found if ticks.from_iso(one["timestamp"]) >= first]
        if named := re.search(r"jsonPayload\.jobId=\((.*)\)", which):
            names = set(re.findall(r'"([^"]+)"', named[1]))
            found = [one for one in found if one["jsonPayload"]["jobId"] in names]
        found.sort(key=lambda one: (one["timestamp"], one["insertId"]))
        place = int(document.get("pageToken", "0").strip("e"))
        if self.empty_first and "pageToken" not in document:
            return {"nextPageToken": "e0"}  # it had not the time to search all
        for one in found:
            self.faults += faults(one, "LogEntry")
            self.faults += faults(one["jsonPayload"], "BDRBackupRestoreJobLog") if JOBS in one["logName"] else []
        page = found[place : place + most]
        return {"entries": page} | ({"nextPageToken": str(place + most)} if place + most < len(found) else {})

    def answer(self, request: Request) -> Reply:
        """The answer to any request."""
        if request.path == "/token":
            return Reply(self.token(parse_qs(request.body.decode())))
        if not self.takes(request.headers.get("authorization", "")):
            return Reply({"error": {"status": "UNAUTHENTICATED"}}, 401)
        if reason := next((why for word, why in self.denied.items() if word in request.path), None):
            details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]
            error = {"status": "PERMISSION_DENIED", "message": "secret words", "details": details}
            return Reply({"error": error}, 403)
        if request.path == "/v2/entries:list":
            return Reply(self.listed(json.loads(request.body)), clock=self.now())
        if request.path == f"/v2/projects/{PROJECT}/logs":
            return Reply({"logNames": [f"projects/{PROJECT}/logs/{log}" for log in sorted(self.logs)]})
        assert request.path == f"/v1/projects/{PROJECT}/instances/-/backupRuns", request.path
        return Reply(self.listed_runs(int(request.first("pageToken", "0")), int(request.first("maxResults"))))

    def listed_runs(self, place: int, most: int) -> dict[str, Any]:
        """A page of the backup runs of all instances."""
        for one in self.runs:
            self.faults += faults(one, "BackupRun")
        most = min(self.page, most)
        more = {"nextPageToken": str(place + most)} if place + most < len(self.runs) else {}
        return {"kind": "sql#backupRunsList", "items": self.runs[place : place + most]} | more
