"""What Veeam declares of the part of its REST API that is asked: names, types and values, by revision.

They are facts from the OpenAPI documents of the revisions 1.1-rev0, 1.2-rev1 and 1.3-rev2, which each backup server
serves. `document` is a description of our own with them, which tools that read OpenAPI take.
"""

from functools import cache
from typing import Any

import jsonschema_rs

REVISIONS = ("1.1-rev0", "1.2-rev1", "1.3-rev2")
STATES = (
    *("Stopped", "Starting", "Stopping", "Working", "Pausing", "Resuming", "WaitingTape", "Idle", "Postprocessing"),
    *("WaitingRepository", "WaitingSlot"),
)
"""Revision 1.3 has `ActionRequired` besides."""
RESULTS = ("None", "Success", "Warning", "Failed")
SESSION_TYPES_11 = (
    *("Infrastructure", "Job", "Automation", "ConfigurationBackup", "RepositoryMaintenance", "RepositoryEvacuate"),
    *("InfrastructureItemDeletion", "RestoreVm", "InstantRecovery", "FirstClassDiskInstantRestore"),
    *("AzureApplianceDeploy", "QuickMigration"),
)
SESSION_TYPES_12 = (
    *(one.replace("Job", "BackupJob") for one in SESSION_TYPES_11),
    *("PublishBackupContentViaMount", "FileLevelRestore", "LinuxFileLevelRestore", "ReplicaJob", "Failover"),
    *("ConfigurationResynchronize", "PlannedFailover", "PermanentFailover", "UndoFailover", "Failback"),
    *("CommitFailback", "UndoFailback", "SwitchReplicaToProduction", "CloudDirectorVmRestore", "MalwareDetection"),
    *("CloudDirectorVAppRestore", "FirstClassDiskQuickMigration", "EntraIdRestore", "SecurityComplianceAnalyzer"),
    *("FileServerSave", "SureBackup", "NasRestore", "UnstructuredDataBrowse", "UnstructuredDownloadMeta"),
    *("DeleteBackup", "BackgroundOperation", "EntraIdRescanRepository"),
)
SESSION_TYPES_13 = (
    *SESSION_TYPES_12,
    *("EntraIdRestoreFromCopy", "UnstructuredDataBackupCopy", "LogsExport", "TestCredentials", "SqlLogBackup"),
    *("OracleLogBackup", "PostgreSqlLogBackup", "AzureInstantRecovery", "FileInstantRecovery", "VolumesDiscover"),
    *("AgentDiscovery", "AgentPolicy", "AgentBackup", "AgentOperationBackupNow", "AgentOperationActiveFull"),
    *("FailoverPlan", "FailoverPlanTask", "BackupCopyJob", "BackupCopyJobParent", "CopyBackup", "ArchiveBackup"),
    *("FileBackupHealthCheck", "SureBackupContentScan", "ArchiveRehydration", "ArchiveCopy", "RetrieveBackup"),
    *("CheckpointRemoval", "IrisBackup", "Retention", "PlatformServiceJob", "PlatformBackupJob", "EndpointBackup"),
    *("PlatformSnapshotJob", "PlatformSnapshotCopyJob", "EndpointRestore", "DiskRestore", "PerVmMoveBackup"),
    *("PerVmCopyBackup", "EncryptionAnalysis", "HaSwitchover", "IndexCollection", "InstantDiskRecovery"),
)
"""Those of them that a test has; there are some more."""
PLATFORMS = (
    *("VMware", "HyperV", "CloudDirector", "WindowsPhysical", "LinuxPhysical", "Tape", "CustomPlatform", "EntraID"),
    *("UnstructuredData", "Test"),
)
PLATFORMS_13 = (
    *PLATFORMS,
    *("MongoDb", "Iris", "AWSEC2", "AzureCompute", "GCE", "Nutanix", "Proxmox", "LinuxPhysicalPpc"),
    "ApplicationBackupRepository",
)
JOB_STATUSES = ("running", "inactive", "disabled")
JOB_STATUSES_13 = ("Running", "Inactive", "Disabled", "Enabled", "Stopping", "Stopped", "Starting")
COLUMNS = ("Name", "SessionType", "CreationTime", "EndTime", "State", "Result")
_TEXT: dict[str, Any] = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_ID = {"type": "string", "format": "uuid"}
_WHOLE = {"type": "integer"}


def _one_of(values: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _or_null(kind: dict[str, Any]) -> dict[str, Any]:
    """Its own examples have null where the description has a text."""
    return {**kind, "nullable": True}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties, "additionalProperties": False}


def _schemas(revision: str) -> dict[str, Any]:
    minor = revision[:3]
    types = {"1.1": SESSION_TYPES_11, "1.2": SESSION_TYPES_12, "1.3": SESSION_TYPES_13}[minor]
    states = (*STATES, "ActionRequired") if minor == "1.3" else STATES
    result = _object("result", result=_one_of(RESULTS), message=_TEXT, isCanceled={"type": "boolean"})
    size = "transferredSize" if minor == "1.3" else "transferedSize"
    progress = {
        "type": "object",
        "properties": dict.fromkeys(("processedSize", "readSize", size, "progressPercent"), _WHOLE)
        | dict.fromkeys(("duration", "processingRate", "bottleneck"), _TEXT),
    }
    job = "activityId" if minor == "1.1" else "jobId"
    session = {
        "id": _ID,
        "name": _TEXT,
        job: _ID,
        "sessionType": _one_of(types),
        "creationTime": _TIME,
        "endTime": _TIME,
        "state": _one_of(states),
        "progressPercent": _WHOLE,
        "result": result,
        "usn": _WHOLE,
        "resourceId": _or_null(_ID),
        "resourceReference": _or_null(_TEXT),
        "parentSessionId": _or_null(_ID),
    }
    if minor != "1.1":
        platforms = PLATFORMS_13 if minor == "1.3" else PLATFORMS
        session |= {"platformName": _one_of(platforms), "platformId": _ID}
    if minor == "1.3":
        session |= {"initiatedBy": _TEXT, "originalSessionId": _ID, "progress": progress}
        session |= {"retryInfo": {"type": "object"}, "algorithm": _one_of(("Full", "Increment", "None"))}
    task = {
        "id": _ID,
        "type": _one_of(("Backup", "Restore", "Antivirus", "Replica")),
        "sessionId": _ID,
        "sessionType": _one_of(types),
        "creationTime": _TEXT,
        "endTime": _TEXT,
        "name": _TEXT,
        "usn": _WHOLE,
        "state": _one_of(states),
        "result": result,
        "progress": progress,
        "algorithm": _TEXT,
        "scanType": _TEXT,
        "scanResult": _TEXT,
        "scanState": _TEXT,
        "repositoryId": _ID,
        "restorePointId": _or_null(_ID),
        "restorePointReference": _or_null(_TEXT),
    }
    statuses = JOB_STATUSES_13 if minor == "1.3" else JOB_STATUSES
    state = {
        "id": _ID,
        "name": _TEXT,
        "type": _TEXT,
        "description": _TEXT,
        "status": _one_of(statuses),
        "lastRun": _TIME,
        "lastResult": _one_of(RESULTS),
        "nextRun": _TIME,
        "nextRunPolicy": _TEXT,
        "workload": _TEXT,
        "repositoryId": _ID,
        "repositoryName": _TEXT,
        "objectsCount": _WHOLE,
        "sessionId": _ID,
        "highPriority": {"type": "boolean"},
        "progressPercent": _WHOLE,
    }
    time = {"serverTime": _TIME, "timeZone": _TEXT} | ({"ianaTimeZoneId": _TEXT} if revision == "1.3-rev2" else {})
    page = _object("total count", total=_WHOLE, count=_WHOLE, skip=_WHOLE, limit=_WHOLE)
    of_token = ("access_token", "token_type", "refresh_token", ".issued", ".expires", "username")
    token = dict.fromkeys(of_token, _TEXT) | {"expires_in": _WHOLE}
    found: dict[str, Any] = {
        "Session": _object(f"{job} creationTime id name sessionType state usn", **session),
        "TaskSession": _object("id type sessionId sessionType creationTime", **task),
        "JobState": _object("id name type description status lastResult workload objectsCount", **state),
        "Time": _object("serverTime", **time),
        "Token": {
            "type": "object",
            "required": ["access_token", "token_type", "refresh_token", "expires_in", ".issued", ".expires"],
            "properties": token,
        },
        "Error": _object("errorCode message", errorCode=_TEXT, message=_TEXT, resourceId=_TEXT),
    }
    for name in ("Session", "TaskSession", "JobState"):
        items = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
        found[f"{name}s"] = _object("data pagination", data=items, pagination=page)
    return found


def document(revision: str) -> dict[str, Any]:
    """Returns a description of the API in this revision, as OpenAPI 3.0."""
    version = {
        "name": "x-api-version",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "enum": [revision]},
    }

    def asked(answer: str, name: str = "", **parameters: Any) -> dict[str, Any]:
        given = [{"name": one, "in": "query", "schema": kind} for one, kind in parameters.items()]
        given += [{"name": name, "in": "path", "required": True, "schema": _ID}] if name else []
        said = {"description": answer, "content": {"application/json": {"schema": _of(answer)}}}
        return {"parameters": [version, *given], "responses": {"200": said}}

    paging = {"skip": _WHOLE, "limit": _WHOLE, "orderAsc": {"type": "boolean"}}
    times = dict.fromkeys(
        (f"{what}{when}Filter" for what in ("created", "ended") for when in ("After", "Before")), _TIME
    )
    sessions = {**paging, **times, "orderColumn": _one_of(COLUMNS), "jobIdFilter": _ID, "nameFilter": _TEXT}
    form = dict.fromkeys(("username", "password", "refresh_token", "code", "vbr_token"), _TEXT)
    form |= {"grant_type": _one_of(("password", "refresh_token", "authorization_code", "vbr_token"))}
    form |= {"use_short_term_refresh": {"type": "boolean"}}
    signing_in = asked("Token")
    signing_in["requestBody"] = {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": _object("grant_type", **form)}},
    }
    paths = {
        "/api/oauth2/token": {"post": signing_in},
        "/api/v1/serverTime": {"get": asked("Time")},
        "/api/v1/sessions": {"get": asked("Sessions", **sessions)},
        "/api/v1/sessions/{id}": {"get": asked("Session", "id")},
        "/api/v1/jobs/states": {"get": asked("JobStates", **paging)},
    }
    if revision[:3] != "1.1":
        paths["/api/v1/taskSessions"] = {"get": asked("TaskSessions", **paging, **times, sessionIdFilter=_ID)}
    return {
        "openapi": "3.0.1",
        "info": {"title": "What is asked of a backup server", "version": revision},
        "paths": paths,
        "components": {"schemas": _schemas(revision)},
    }


def _of(answer: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{answer}"}


@cache
def _validator(revision: str, answer: str) -> Any:
    schemas = _plain(_schemas(revision))
    return jsonschema_rs.Draft202012Validator({**_of(answer), "components": {"schemas": schemas}})


def _plain(schema: Any) -> Any:
    """Returns a schema of OpenAPI 3.0 as one of JSON Schema: what may be null says so in its type."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _plain(one) for name, one in schema.items() if name != "nullable"}
    return inner | {"type": [schema["type"], "null"]} if schema.get("nullable") is True else inner


def fits(revision: str, answer: str, body: Any) -> None:
    """Fails if an answer is not as Veeam declares it in this revision."""
    _validator(revision, answer).validate(body)
