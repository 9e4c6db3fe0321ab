"""Output of rclone, rsync, azcopy and aws s3 that was not asked for JSON; what is read out of it."""

import pytest
from tool_runs import Case, assert_read_as

RCLONE_TEXT = """2026/11/23 12:41:43 ERROR : mem: Failed to copy: read /proc/self/mem: input/output error
2026/11/23 12:41:42 INFO  :
Transferred:   \t   58.594 KiB / 58.597 KiB, 100%, 0 B/s, ETA -
Errors:                 1 (retrying may help)
Checks:                 4 / 4, 100%, Listed 12
Transferred:            6 / 6, 100%
Elapsed time:         0.0s
"""
AZCOPY_TEXT = """INFO: Scanning...
100.0 %, 5 Done, 1 Failed, 0 Pending, 1 Skipped, 7 Total, 2-sec Throughput (Mb/s): 1.2
Number of File Transfers: 7
Number of Folder Property Transfers: 0
Total Number of Transfers: 7
Number of File Transfers Completed: 5
Number of Folder Transfers Completed: 0
Number of File Transfers Failed: 1
Number of Folder Transfers Failed: 0
Number of File Transfers Skipped: 1
Number of Folder Transfers Skipped: 0
TotalBytesTransferred: 300000
Final Job Status: CompletedWithErrorsAndSkipped
"""
ROBOCOPY_TEXT = """
-------------------------------------------------------------------------------
   ROBOCOPY     ::     Robust File Copy for Windows
-------------------------------------------------------------------------------
   Source : C:\\data\\
     Dest : D:\\backup\\
  Options : *.* /S /E /DCOPY:DA /COPY:DAT /PURGE /MIR /R:1 /W:1
------------------------------------------------------------------------------
            New File         20000  f1.bin
2026/11/28 18:00:00 ERROR 5 (0x00000005) Copying File C:\\data\\denied.txt
Access is denied.
ERROR: RETRY LIMIT EXCEEDED.
------------------------------------------------------------------------------
               Total    Copied   Skipped  Mismatch    FAILED    Extras
    Dirs :         2         1         1         0         0         0
   Files :         7         4         2         0         1         3
   Bytes :   58.6 k    40.0 k    18.6 k         0       100         0
   Times :   0:00:01   0:00:00                       0:00:00   0:00:00
"""
ROBOCOPY_GERMAN = """
            Insgesamt   Kopiert Übersprungen Keine Übereinstimmung  FEHLER    Extras
 Verzeich.:         2         1         1         0         0         0
   Dateien:      1234         4      1230         0         0         0
     Bytes:  58600000  40000000  18600000         0         0         0
    Zeiten:   0:00:01   0:00:00                       0:00:00   0:00:00
"""

CASES: dict[str, Case] = {
    "robocopy partly": (
        "robocopy C:\\data D:\\backup /MIR",
        9,
        ROBOCOPY_TEXT,
        "",
        "Exception",
        (1, 6, 0, 7),
        40_960,
        "ERROR 5 (0x00000005) Copying File",
    ),
    "robocopy in German, with files that are only there": (
        "robocopy a b /MIR /BYTES",
        3,
        ROBOCOPY_GERMAN,
        "",
        "Successful",
        (0, 1234, 0, 1234),
        40_000_000,
        "4 files copied of 1,234",
    ),
    "robocopy silent": ("robocopy a b /NJS /NJH", 1, "", "", "Successful", (0, 1, 0, 1), 0, ""),
    "robocopy silent, partly": ("robocopy a b /NJS", 9, "", "", "Exception", (1, 0, 0, 1), 0, "exit code 9"),
    "robocopy silent, nothing copied": ("robocopy a b /NJS", 8, "", "", "Failed", (1, 0, 0, 1), 0, "exit code 8"),
    "robocopy fatal": (
        "robocopy a b",
        16,
        "",
        "FEHLER 53 (0x00000035) Quellverzeichnis wird abgerufen",
        "Failed",
        (1, 0, 0, 1),
        0,
        "(0x00000035)",
    ),
    "robocopy is not there": (
        "cmd /c robocopy a b",
        1,
        "",
        "'robocopy' is not recognized as an internal or external command,",
        "Failed",
        (1, 0, 0, 1),
        0,
        "not recognized",
    ),
    "rsync attributes alone, without statistics": (
        "rsync -a a b",
        23,
        "",
        'rsync: [receiver] chgrp "/b/.x.1a" failed: Operation not permitted (1)\n'
        'rsync: [generator] failed to set times on "/b/.": Operation not permitted (1)',
        "Exception",
        (0, 1, 0, 1),
        0,
        "chgrp",
    ),
    "rsync of a version before 3.2": (
        "rsync -rtv a/ b",
        23,
        "sending incremental file list\nq1\nq2\n\nsent 319 bytes  received 92 bytes",
        'rsync: mkstemp "/b/.q1.1qIgS4" failed: Permission denied (13)',
        "Exception",
        (1, 1, 0, 2),
        0,
        "mkstemp",
    ),
    "rsync: nothing could be made": (
        "rsync -a --stats a/ b",
        23,
        "Number of files: 13 (reg: 7, dir: 4, link: 2)\nNumber of regular files transferred: 4",
        "".join(f'rsync: [receiver] mkstemp "/b/.f{n}.x" failed: Permission denied (13)\n' for n in range(4))
        + 'rsync: [generator] recv_generator: mkdir "/b/sub" failed: Permission denied (13)\n'
        "*** Skipping any contents from this failed directory ***",
        "Failed",
        (5, 0, 0, 9),
        0,
        "mkdir",
    ),
    "rclone text": (
        "rclone copy a b -v",
        1,
        "",
        RCLONE_TEXT,
        "Exception",
        (1, 6, 0, 7),
        60_000,
        "mem: Failed to copy",
    ),
    "rclone silent": ("rclone copy a b", 0, "", "", "Successful", (0, 1, 0, 1), 0, ""),
    "rclone silent failure": (
        "rclone copy a b",
        1,
        "",
        "Failed to copy: x",
        "Failed",
        (1, 0, 0, 1),
        0,
        "Failed to copy",
    ),
    "rclone skipped": ("rclone copy a b", 9, "", "", "Skipped", (0, 0, 1, 1), 0, "nothing to transfer"),
    "rclone limit": ("rclone copy a b", 8, "", "Fatal error: max transfer", "Stopped", (0, 0, 0, 1), 0, "max transfer"),
    "rsync silent": ("rsync -a a b", 0, "", "", "Successful", (0, 1, 0, 1), 0, ""),
    "rsync names": (
        "rsync -av a/ b",
        0,
        "sending incremental file list\ncreated directory b\n./\nf1\nsub/\nsub/f2\n\nsent 10 bytes  received 3 bytes",
        "",
        "Successful",
        (0, 2, 0, 2),
        0,
        "",
    ),
    "rsync progress": (
        "rsync -a --info=progress2 a/ b",
        0,
        "  20,000  33%  1.00MB/s  0:00:00 (xfr#1, to-chk=2/3)\r  60,003  99%  38.15MB/s  0:00:00 (xfr#2, to-chk=0/3)",
        "",
        "Successful",
        (0, 2, 0, 2),
        60_003,
        "",
    ),
    "rsync silent, no source": (
        "rsync -a /x /b",
        23,
        "",
        'rsync: [sender] link_stat "/x" failed: No such file or directory (2)',
        "Failed",
        (1, 0, 0, 1),
        0,
        "link_stat",
    ),
    "rsync silent, one of two sources": (
        "rsync -a /x /y /b",
        23,
        "",
        'rsync: [sender] link_stat "/x" failed: No such file or directory (2)',
        "Exception",
        (1, 0, 0, 1),
        0,
        "link_stat",
    ),
    "rsync vanished, nothing transferred but there already": (
        "rsync -a --stats a/ b",
        24,
        "Number of files: 4 (reg: 3, dir: 1)\nNumber of regular files transferred: 0",
        'file has vanished: "/a/x"',
        "Exception",
        (1, 2, 0, 3),
        0,
        "vanished",
    ),
    "rsync interrupted": ("rsync -a a b", 20, "", "rsync error: received SIGINT", "Stopped", (0, 0, 0, 1), 0, "SIGINT"),
    "rsync broken": ("rsync -a a b", 12, "", "rsync error: protocol", "Failed", (1, 0, 0, 1), 0, "protocol"),
    "azcopy text": (
        "azcopy copy a b",
        1,
        AZCOPY_TEXT,
        "",
        "Exception",
        (1, 5, 1, 7),
        300_000,
        "CompletedWithErrorsAndSkipped",
    ),
    "azcopy all skipped": (
        "azcopy copy a b",
        0,
        "Total Number of Transfers: 2\nNumber of Transfers Skipped: 2\nFinal Job Status: CompletedWithSkipped",
        "",
        "Skipped",
        (0, 0, 2, 2),
        0,
        "2 skipped",
    ),
    "aws partly": (
        "aws s3 sync a s3://b",
        1,
        "upload: a/f to s3://b/f\nupload failed: a/g to s3://b/g An error occurred (AccessDenied)",
        "",
        "Exception",
        (1, 1, 0, 2),
        0,
        "AccessDenied",
    ),
    "aws devices are left out": (
        "aws s3 sync a s3://b",
        2,
        "upload: a/f to s3://b/f",
        "warning: Skipping file /a/p. File is character special device, block special device, FIFO, or socket.",
        "Exception",
        (0, 1, 1, 2),
        0,
        "FIFO",
    ),
    "aws nothing new": ("aws s3 sync a s3://b", 0, "", "", "Successful", (0, 1, 0, 1), 0, "nothing to copy"),
    "aws interrupted": ("aws s3 sync a s3://b", 130, "", "", "Stopped", (0, 0, 0, 1), 0, "exit code 130"),
}


@pytest.mark.parametrize("case", CASES)
def test_output_is_read_as(case: str) -> None:
    assert_read_as(CASES[case])
