"""Azure Monitor, Alertmanager and Grafana: alerts, of which few are jobs."""

import copy
from typing import Any

import pytest

from jobreport.inbox.report import Reading, UnreadableError
from jobreport.inbox.webhooks import alerts, azure_monitor
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from webhook_samples import ALERTS, AZURE, delivery


def azure(context: object = None, **essentials: object) -> Reading:
    alert = copy.deepcopy(AZURE)
    alert["data"]["essentials"].update(essentials)
    if context is not None:
        alert["data"]["alertContext"] = context
    return azure_monitor.read(delivery(alert))


def rows(*columns: dict[str, str]) -> dict[str, Any]:
    """The context of a rule over a log, whose query splits by these columns."""
    split = [{"dimensions": [{"name": name, "value": value} for name, value in row.items()]} for row in columns]
    return {"conditionType": "LogQueryCriteria", "condition": {"windowSize": "PT10M", "allOf": split}}


def test_azure_backups_own_alert_is_a_job_that_failed() -> None:
    (job,) = azure().jobs
    assert (job.state, job.service, job.type) == (JobState.Failed, ServiceType.AzureSQL, JobType.SQLBackup)
    assert (job.resource, job.description) == ("SQLDataBase;MSSQLSERVER;sales", "vm-sql-2")
    assert job.comments == "Backup Failure\nThe first full backup is missing.\nMake a full backup."
    assert ticks.to_iso(job.finish) == "2026-03-02T22:10:00.1234567Z"
    vault = "/subscriptions/s-1/resourcegroups/rg/providers/microsoft.recoveryservices/vaults/v-1"
    assert job.key == f"azure/{vault}/88df0be3"


def test_an_alert_about_a_restore_is_one_of_a_restore() -> None:
    assert azure(alertRule="Restore Failure").jobs[0].type is JobType.SQLRestore


def test_what_is_resolved_or_about_something_else_is_a_comment() -> None:
    assert azure(monitorCondition="Resolved").log.startswith("Resolved: Backup Failure (Sev1)")
    assert azure({"category": "Security"}).log.startswith("Fired: Backup Failure (Sev1): The first")
    assert azure(rows({"Computer": "x"}), monitoringService="Log Alerts V2").log.startswith("Fired: ")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Failed", JobState.Failed),
        ("CompletedWithWarnings", JobState.Exception),
        ("Completed", JobState.Successful),
        ("Splendid", JobState.Exception),
    ],
)
def test_a_row_of_a_log_that_names_state_and_item_is_a_job(status: str, state: JobState) -> None:
    row = {
        "JobStatus": status,
        "BackupItemFriendlyName": "vm-1",
        "BackupItemType": "VM",
        "JobOperation": "Backup",
        "JobUniqueId": "J-1",
        "JobFailureCode": "UserErrorX",
    }
    first, second = azure(rows(row, {**row, "JobUniqueId": "J-2"}), monitoringService="Log Alerts V2").jobs
    assert (first.state, first.service, first.resource) == (state, ServiceType.VM, "vm-1")
    assert (first.key.rpartition("/")[2], second.key.rpartition("/")[2]) == ("j-1", "j-2")
    assert first.comments.endswith("UserErrorX") or state is JobState.Successful
    assert "unknown state" in first.comments or status != "Splendid"


def test_rows_about_one_item_hide_no_failure() -> None:
    states = ("Failed", "Completed", "Completed")
    row = [{"JobStatus": state, "BackupItemFriendlyName": "vm-1"} for state in states]
    jobs = azure(rows(*row), monitoringService="Log Alerts V2").jobs
    assert [job.state for job in jobs] == [JobState.Failed, JobState.Successful]
    assert len({job.key for job in jobs}) == 2


def test_another_schema_says_what_to_do() -> None:
    with pytest.raises(UnreadableError, match="enable the common alert schema"):
        azure_monitor.read(delivery({"schemaId": "Microsoft.Insights/activityLogs", "data": {"status": "Activated"}}))


def test_alerts_are_one_comment() -> None:
    assert alerts.read(delivery(ALERTS)).log == "firing: DiskFull (nas-2:9100): The disk of nas-2 is full"
    many = {**ALERTS, "alerts": ALERTS["alerts"] * 25, "truncatedAlerts": 3}
    lines = alerts.read(delivery(many)).log.splitlines()
    assert (len(lines), lines[-1]) == (21, "and 8 alerts more")
    bare = {**ALERTS, "alerts": [{"status": "resolved", "labels": {}}]}
    assert alerts.read(delivery(bare)).log == "resolved: an alert without a name"
    assert alerts.read(delivery({**ALERTS, "alerts": []})).ignored == "a group without alerts, firing"
