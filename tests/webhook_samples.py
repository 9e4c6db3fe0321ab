"""Deliveries as the senders make them, written for these tests from the fields and words of each sender's own source or
documentation; each has its name of a format.
"""

import json
from typing import Any

from jobreport.inbox.webhooks.base import Delivery

JSON = "application/json"


def delivery(body: object, content_type: str = JSON, headers: dict[str, str] | None = None) -> Delivery:
    """Returns a delivery with this body; what is no text becomes JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Delivery(
        method="POST", headers=headers or {}, query=(), content_type=content_type, body=text.encode("utf-8")
    )


DUPLICATI: dict[str, Any] = {
    "Data": {
        "MainOperation": "Backup",
        "ParsedResult": "Success",
        "Interrupted": False,
        "PartialBackup": False,
        "Dryrun": False,
        "ExaminedFiles": 1204,
        "FilesWithError": 0,
        "NotProcessedFiles": 0,
        "TooLargeFiles": 0,
        "SizeOfExaminedFiles": 734003200,
        "BeginTime": "2026-03-02T22:00:01.1234567Z",
        "EndTime": "2026-03-02T22:04:31.5Z",
        "Duration": "00:04:30.3765433",
        "WarningsActualLength": 0,
        "ErrorsActualLength": 0,
        "BackendStatistics": {"ParsedResult": "Success", "BeginTime": "0001-01-01T00:00:00", "BytesUploaded": 8290314},
    },
    "Extra": {
        "OperationName": "Backup",
        "machine-id": "5b1c0f",
        "machine-name": "till-3",
        "backup-name": "till documents",
        "backup-id": "DB-4",
    },
    "LogLines": [],
    "Exception": None,
}
DUPLICATI_STATUS: dict[str, Any] = {
    "operation": "Backup",
    "status": "Started",
    "startedUtc": "2026-03-02T22:00:01.1234567Z",
    "reportedUtc": "2026-03-02T22:00:02Z",
    "isCompleted": False,
    "backendEvents": 0,
    "logEntries": 0,
    "recentLogLines": [],
    "metadata": {
        "duplicatiVersion": "2.2",
        "machineId": "5b1c0f",
        "backupId": "DB-4",
        "backupName": "till documents",
        "machineName": "till-3",
    },
}
VZDUMP = """
Details
=======
VMID    Name      Status    Time      Size         Filename
101     web       ok        2m 30s    1.5 GiB      /mnt/pbs/dump/vzdump-qemu-101.vma.zst
102     db        ok        5m        12.25 GiB    /mnt/pbs/dump/vzdump-qemu-102.vma.zst

Total running time: 7m 30s
Total size: 13.75 GiB

Logs
====
vzdump --all 1 --mode snapshot

101: 2026-03-02 22:00:01 INFO: Starting Backup of VM 101 (qemu)
101: 2026-03-02 22:02:31 INFO: Finished Backup of VM 101 (00:02:30)
"""
PVE: dict[str, Any] = {
    "title": "vzdump backup status (pve-1.example.org): backup successful",
    "message": VZDUMP,
    "severity": "info",
    "timestamp": 1772489251,
    "fields": {"type": "vzdump", "hostname": "pve-1", "job-id": "backup-a1b2"},
}
PBS: dict[str, Any] = {
    "title": "Sync remote 'site-b' datastore 'main' successful",
    "message": (
        "Job ID:             s-77\nDatastore:          copies\nRemote:             site-b\nRemote Store:       main\n"
        "Synchronization successful.\n"
    ),
    "severity": "info",
    "timestamp": 1772489251,
    "fields": {"type": "sync", "hostname": "pbs-1", "datastore": "copies", "job-id": "s-77"},
}
BACKREST: dict[str, Any] = {
    "backrest": "hook",
    "event": "CONDITION_SNAPSHOT_SUCCESS",
    "task": 'backup for plan "home"',
    "repo": "s3-main",
    "repoGuid": "5d6f7a8b",
    "plan": "home",
    "snapshot": "4f1c2b3a",
    "stats": {"message_type": "summary", "total_files_processed": 1219, "total_bytes_processed": 734003200},
    "at": 1772489251_200_450,
    "took": 41_200_441,
    "error": "",
}
KOPIA = """Path: /srv/files

  Status:      success
  Start:       Mon, 02 Mar 2026 22:00:00 +0000
  Duration:    1m30.5s
  Size:        1.2 GB (+56 MB)
  Files:       1234 (+23)
  Directories: 33 (+3)

Path: /srv/mail

  Status:      fatal
  Start:       Thu, 01 Jan 1970 00:00:00 +0000
  Duration:    0s
  Size:        0 B
  Files:       0
  Directories: 0
  Error:       unable to open the directory

Generated at Mon, 02 Mar 2026 22:02:00 +0000 by Kopia 0.21.

https://kopia.io/"""
VEEAM: dict[str, Any] = {
    "server": "vbr-1",
    "session": "88df0be3-7c77-46c9-bfc2-fb92e3b1918a",
    "job": "Nightly servers",
    "kind": "VMware Backup",
    "state": "Stopped",
    "result": "Success",
    "cancelled": False,
    "started": "2026-03-02T22:00:00.0000000+01:00",
    "ended": "2026-03-02T22:41:07.1230000+01:00",
    "message": "",
    "size": 21474836480,
    "objects": [
        {"name": "web", "result": "Success", "reason": ""},
        {"name": "db", "result": "Success", "reason": None},
    ],
}
AWS: dict[str, Any] = {
    "version": "0",
    "id": "dafac799",
    "detail-type": "Backup Job State Change",
    "source": "aws.backup",
    "account": "111122223333",
    "time": "2026-03-02T22:10:00Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:backup:eu-central-1:111122223333:recovery-point:f1d966fe"],
    "detail": {
        "backupJobId": "a827233a-d405-4a86-a440-759fa94f34dd",
        "backupSizeInBytes": "36048",
        "backupVaultName": "nightly",
        "creationDate": "2026-03-02T22:00:00.207Z",
        "completionDate": "2026-03-02T22:09:05.921Z",
        "resourceArn": "arn:aws:ec2:eu-central-1:111122223333:volume/vol-0b5ae24f",
        "resourceType": "EBS",
        "state": "COMPLETED",
        "percentDone": 100,
        "createdBy": {"backupPlanId": "bde0f455", "backupPlanName": "gold"},
    },
}
AZURE: dict[str, Any] = {
    "schemaId": "azureMonitorCommonAlertSchema",
    "data": {
        "essentials": {
            "alertId": "/subscriptions/s-1/providers/Microsoft.AlertsManagement/alerts/a-1",
            "alertRule": "Backup Failure",
            "severity": "Sev1",
            "signalType": "Log",
            "monitorCondition": "Fired",
            "monitoringService": "Azure Backup",
            "alertTargetIDs": ["/subscriptions/s-1/resourcegroups/rg/providers/microsoft.recoveryservices/vaults/V-1"],
            "firedDateTime": "2026-03-02T22:10:00.1234567Z",
            "description": "The first full backup is missing.",
        },
        "alertContext": {
            "category": "Jobs",
            "sourceType": "SQLDataBase",
            "protectedItemId": "/subscriptions/s-1/x/protectedItems/SQLDataBase;MSSQLSERVER;sales",
            "linkedResourceName": "vm-sql-2",
            "extendedInfo": {"jobId": "88DF0BE3", "recommendedActions": "Make a full backup."},
        },
        "customProperties": None,
    },
}
ALERTS: dict[str, Any] = {
    "version": "4",
    "status": "firing",
    "receiver": "jobreport",
    "truncatedAlerts": 0,
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "DiskFull", "instance": "nas-2:9100"},
            "annotations": {"summary": "The disk of nas-2 is full"},
            "startsAt": "2026-03-02T22:10:00Z",
        }
    ],
}
OF: dict[str, list[object]] = {
    "alertmanager": [ALERTS],
    "aws-backup": [AWS],
    "azure-monitor": [AZURE],
    "backrest": [BACKREST],
    "duplicati": [DUPLICATI, DUPLICATI_STATUS],
    "grafana": [ALERTS],
    "kopia": [KOPIA],
    "pbs": [PBS],
    "pve": [PVE],
    "veeam": [VEEAM],
}
