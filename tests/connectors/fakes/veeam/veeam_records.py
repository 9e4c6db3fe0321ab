"""Sessions, task sessions and states of jobs, as a backup server of revision 1.3 lists them. All are made up."""

from typing import Any

from fakes.veeam.veeam_server import name_of

from jobreport.model import ticks


def written(time: int) -> str:
    """A time as sessions bear it, in the server's zone."""
    return ticks.to_iso(time + 3600 * ticks.PER_SECOND, digits=6)[:-1] + "+01:00"


def session(
    number: int, created: int, ended: int = 0, result: str = "Success", state: str = "", **more: Any
) -> dict[str, Any]:
    """A session, which has ended if that is said."""
    record = {
        "sessionType": "BackupJob",
        "state": state or ("Stopped" if ended else "Working"),
        "platformName": "VMware",
        "id": name_of(number),
        "name": "File servers",
        "jobId": name_of(900_000),
        "creationTime": written(created),
        "progressPercent": 100 if ended else 40,
        "result": {"result": result if ended else "None", "message": result if ended else "", "isCanceled": False},
        "usn": number,
    }
    return record | ({"endTime": written(ended)} if ended else {}) | more


def task(number: int, of: int, result: str = "Success", name: str = "", **more: Any) -> dict[str, Any]:
    """A task session, whose times bear no zone."""
    return {
        "algorithm": "Increment",
        "state": "Stopped",
        "name": name or f"srv{number}",
        "restorePointId": None,
        "restorePointReference": None,
        "repositoryId": name_of(800_000),
        "usn": number,
        "result": {"result": result, "message": f"it is {result}", "isCanceled": False},
        "progress": {"bottleneck": "Source", "duration": "00:01:17", "processingRate": "53 MB", "processedSize": 1000},
        "type": "Backup",
        "sessionType": "BackupJob",
        "id": name_of(500_000 + number),
        "sessionId": name_of(of),
        "creationTime": "2026-11-13T18:00:45.528604",
        "endTime": "2026-11-13T18:02:02.865537",
        **more,
    }


def job_state(number: int, name: str = "File servers", next_run: int = 0, **more: Any) -> dict[str, Any]:
    """The state of a job, and when it is to run next."""
    record = {
        "type": "VSphereBackup",
        "status": "Inactive",
        "lastResult": "Success",
        "workload": "Vm",
        "id": name_of(900_000 + number),
        "name": name,
        "description": "made up",
        "objectsCount": 2,
        "highPriority": False,
        "progressPercent": 100,
    }
    return record | ({"nextRun": written(next_run)} if next_run else {}) | more
