"""No mail of a backup that failed in part is a success: several jobs in one, states that do not agree, other words."""

import pytest

from jobreport.inbox.mail.message import Mail, parse
from jobreport.inbox.mail.rules import read
from jobreport.inbox.mail.rules.words import told
from jobreport.model.catalog import JobState

VEEAM = "\nVeeam Backup & Replication 12"
GUESTS = "VMID  NAME  STATUS  TIME  SIZE  FILENAME\n100   a     ok      00:01  1GB x\n"
AMANDA = "Hostname: h\n{}\nSTATISTICS:\n\nDLEs Dumped          3\n\n{}"
BACULA = "  JobId:    1\n  Job:   a.2026-11-29_02.00.00_01\n  SD Files Written: 3\n{}  Termination:  {}\n"
BACKUP = "Backup Task: {}\nBackup Target: x\n{}\nHyper Backup"
RESTIC = (
    '{"message_type":"summary","files_new":3,"total_files_processed":8,"total_bytes_processed":100,'
    '"data_added":10,"snapshot_id":"abc"}\n'
)
ACTIVE = "Active Backup for Business - x"
SYNC = "[Hybrid Backup Sync]"
PROXMOX = "vzdump backup status (pve1): "
REPORT = "Daily AMANDA MAIL REPORT FOR May 1"
CRON = "Cron <root@h> /usr/local/bin/backup"

MAILS = {
    "an older success": ("x", BACKUP.format("a", "Last successful backup: 2026-11-01\nThe new version failed")),
    "two tasks": (
        "x",
        BACKUP.format("a", "The backup task on n has been completed.\nThe backup task on n has failed."),
    ),
    "a task called no": ("x", BACKUP.format("no", "Your backup task no on n was not completed.")),
    "a broken one": (
        "x",
        BACKUP.format("a", "The backup task on n has been completed.\nThe backup task on n is broken."),
    ),
    "a rotation": (
        "x",
        BACKUP.format("a", "The backup task on n has been completed.\nBackup rotation could not be done."),
    ),
    "Italian errors": (ACTIVE, "L'attività di backup [A] su nas1 è stata completata con errori"),
    "Danish errors": (ACTIVE, "Backupopgaven A på nas1 er fuldført med fejl"),
    "two devices": (ACTIVE, "The backup task A on n has completed.\nThe backup task B on n has failed."),
    "apostrophes": (SYNC, "Severity: Information\nMessage: The job couldn't run, it wasn't completed."),
    "two messages": (SYNC, 'Severity: Info\nMessage: Job "A" completed.\n\nSeverity: Error\nMessage: Job "B" failed.'),
    "two alerts": ("Backup succeeded (Machine: a) (Plan: p)", "Backup succeeded\nBackup failed\n"),
    "a plan of finished things": ("x (Machine: a) (Plan: p)", "Backup of finished projects\nBackup failed\n"),
    "a machine": ("[Success] a", f"Backup job: a\tSuccess\nName\tStatus\na\tSuccess\nb\tFailed\n{VEEAM}"),
    "two jobs": ("x", f"Backup job: a\tSuccess\nBackup job: b\tFailed{VEEAM}"),
    "an error below": ("[Success] a", f"Backup job: a\tSuccess\nError: a VM failed{VEEAM}"),
    "an unknown subject": (f"{PROXMOX}job errors", GUESTS),
    "a success with errors": (f"{PROXMOX}backup successful, 2 errors", GUESTS),
    "a guest below": (f"{PROXMOX}backup successful", f"{GUESTS}\n101   b     err     00:01  1GB x\n"),
    "an older Amanda": (REPORT, AMANDA.format("FAILURE AND STRANGE DUMP SUMMARY:\nh /a lev 0 FAILED [x]\n", "")),
    "no organisation": ("FAIL: AMANDA MAIL REPORT FOR May 1", AMANDA.format("", "")),
    "a row": (REPORT, AMANDA.format("", "DUMP SUMMARY:\nh /a 0 FAILED ------\nh /b 0 1 1\n")),
    "a retry": (REPORT, AMANDA.format("FAILURE DUMP SUMMARY:\nh /a lev 0 FAILED [x] Will retry at level 0\n", "")),
    "two events": ("Windows Server Backup", "Microsoft-Windows-Backup\nEvent ID: 4\n\nEvent ID: 5\n"),
    "two reports": ("x", BACULA.format("", "Backup OK") + BACULA.format("", "*** Backup Error ***")),
    "a daemon": ("x", BACULA.format("  FD termination status: Error\n", "Backup OK")),
    "a fatal error": ("x", BACULA.format("", "Backup OK") + "dir JobId 1: Fatal error: x\n"),
    "two of Nakivo's": ("NAKIVO", "Job: a\nStatus: Successful\n\nJob: b\nStatus: Failed\n"),
    "some VMs": ("NAKIVO", "Job: a\nStatus: Successful\n1 of 3 VMs failed to be backed up\n"),
    "a success over a failure": ("pc1 Macrium Reflect - Backup Success", "The backup failed: unable to write"),
    "an uncounted error": (
        'UrBackup: Incremental file backup of "pc" - Success',
        "( 1 infos, 0 warnings, 0 errors )\n2026-11-29 02:00:00(error): broken",
    ),
    **{
        words: (CRON, f"{RESTIC}{words}")
        for words in (
            "Killed",
            "bash: line 2: /after.sh: Permission denied",
            "Segmentation fault (core dumped)",
            "cp: cannot stat 'x': No such file or directory",
            "/bin/sh: 1: foo: not found",
            "Traceback (most recent call last):",
            "write: No space left on device",
            "mysqldump: Got error: 1045: Access denied",
            "ssh: Could not resolve hostname x",
        )
    },
}


def mail(subject: str, text: str) -> Mail:
    head = f"From: nas@example.com\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return parse((head + text).encode())


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_that_tells_of_a_failure_is_no_success(name: str) -> None:
    (job,) = read(mail(*MAILS[name])).jobs
    assert job.state in {JobState.Failed, JobState.Exception}


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("x", BACKUP.format("Error logs", "The backup task Error logs on n has been completed.\nErrors: 0")),
        ("Success (Machine: a) (Plan: Failed jobs)", "Backup succeeded\nPlan name\nFailed jobs\n0 errors, 0 failed"),
        ("[Success] a", f"Backup job: a\tSuccess\nError\t0\nTo stop notifications of failed jobs, ask us{VEEAM}"),
        (f"{PROXMOX}backup successful", GUESTS),
        (REPORT, AMANDA.format("", "DUMP SUMMARY:\nh /a 0 10 10\n")),
    ],
)
def test_names_and_counts_of_nothing_are_no_failure(subject: str, text: str) -> None:
    (job,) = read(mail(subject, text)).jobs
    assert job.state is JobState.Successful, job.comments


@pytest.mark.parametrize(
    "sentence",
    [
        "completed with 1,234 errors",
        "completed with some minor errors",
        "completed, 3 errors",
        "successfully completed, but some files were skipped",
        "will be completed",
        "50% completed",
        "successfully backed up 3 of 12 devices",
        "finished. 2 files couldn't be copied",
        "completata con degli errori",
        "fuldført med fejl",
        "erfolgreich abgeschlossen, 3 Fehler",
        "unvollständig abgeschlossen",
        "erfolglos beendet",
        "terminée, mais des erreurs sont survenues",
        "terminé anormalement",
        "completed with issues",
        "finished with exit code 5",
        "finished (timeout)",
        "successfully deleted",
        "erfolgreich gestartet",
        "insuccesso, completato",
        "successful: 0",
    ],
)
def test_a_sentence_with_a_doubt_is_no_success(sentence: str) -> None:
    assert told(sentence) is not JobState.Successful


@pytest.mark.parametrize(
    "sentence",
    [
        "has been completed.",
        "completed successfully without errors",
        "completed with 0 warnings and 0 errors",
        "wurde erfolgreich und ohne Fehler abgeschlossen",
        "a été effectuée avec succès.",
        "è stata completata correttamente",
        "er fuldført",
    ],
)
def test_a_sentence_without_a_doubt_is_a_success(sentence: str) -> None:
    assert told(sentence) is JobState.Successful


def test_a_name_takes_no_word_of_a_state_away() -> None:
    assert told("was not completed", ("no", "not")) is None
    assert told("failed, finished", ("failed",)) is JobState.Failed
    assert told("Failed jobs has completed", ("Failed jobs",)) is JobState.Successful
