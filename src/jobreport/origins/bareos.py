"""What the letters, types and names of Bareos and Bacula mean here: both keep the same of a job.

A letter's case matters: `F` waits for a client, `f` has failed.
"""

import re
from typing import Final

from jobreport.model.brings import Brings, brings
from jobreport.model.catalog import JobState, JobType, ServiceType

ERROR: Final = "E"
"""Terminated in error: what was saved until then is there."""
STATES: Final = {
    "C": JobState.NotStarted,
    **dict.fromkeys("RLail", JobState.InProgress),
    **dict.fromkeys("BFSmMsjcdtpq", JobState.Waiting),
    "T": JobState.Successful,
    **dict.fromkeys("WeDI", JobState.Exception),
    ERROR: JobState.Exception,
    "f": JobState.Failed,
    "A": JobState.Stopped,
}
"""By the letter of a job's status. An `E` without a file is Failed."""
WORDS: Final = {
    "W": "terminated with warnings",
    "E": "terminated in error",
    "e": "terminated with an error that is not fatal",
    "f": "fatal error",
    "A": "canceled",
    "D": "the verification found differences",
    "I": "incomplete",
}
"""What the letters of jobs say that ended otherwise than well."""
BACKUP: Final = "backup"
KINDS: Final = {
    "B": BACKUP,
    "M": BACKUP,
    "R": "restore",
    "V": "verify",
    "c": "copy",
    "g": "migration",
    "A": "archive",
    "D": "admin",
    "O": "consolidate",
}
"""By the letter of a job's type, the work that is a job of its own. A backup whose data was migrated (`M`) is still the
run that made it."""
NO_JOBS: Final = frozenset("CUI")
"""The types that are none: what came of copying a job (`C`), a console, the director itself."""
TYPES: Final = {
    BACKUP: JobType.FileBackup,
    "restore": JobType.FileRestore,
    "verify": JobType.Report,
    "copy": JobType.FileBackup,
    "copying": JobType.FileBackup,
    "migration": JobType.FileBackup,
    "archive": JobType.Retention,
    "admin": JobType.Retention,
    "consolidate": JobType.Retention,
}
"""By the kind of work."""
LEVELS: Final = {
    "F": "Full",
    "D": "Differential",
    "I": "Incremental",
    "S": "Since",
    "B": "Base",
    "f": "Virtual Full",
    "V": "Init Catalog",
    "C": "Catalog",
    "O": "Volume to Catalog",
    "d": "Disk to Catalog",
    "A": "Volume Data",
}
"""By the letter of a job's level."""
BRINGS: Final[Brings] = brings(*((ServiceType.FileShare, kind) for kind in TYPES.values()))
WORTH_TELLING: Final = re.compile(r".{0,80}?\b(?:Fatal error|Error|Warning): ")
"""A line of a job's log that says what went wrong."""
REPORT: Final = re.compile(r"(?:Bareos|Bacula) (?P<director>\S{1,127}) \d[^ (]{0,60} {0,2}\(\d")
"""How a director begins its report at the end of a job: `Bareos bareos-dir 24.0.1 (14Mar26):`."""


def reference_of(director: str, number: str, run: str) -> str:
    """Returns the name by which all know a job: by its director, its number in the catalog, and the name of this run.

    A catalog that is made anew counts from 1 again, so a number alone is none.
    """
    return f"bareos:{director}:{number}:{run}"
