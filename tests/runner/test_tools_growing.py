"""The counts of a run while it goes on, line by line."""

import pytest
from tool_runs import feed

from jobreport.runner.tools.known import recognise

# command, the lines that come one after another, and the objects, total and bytes after each
GROWING = {
    "restic backup --json x": [
        ('{"message_type":"status","percent_done":0,"total_files":1,"total_bytes":9}', (0, 1, 0)),
        ('{"message_type":"status","total_files":3,"files_done":1,"bytes_done":4}', (1, 3, 4)),
        ('{"message_type":"status","total_files":3,"files_done":2,"bytes_done":8}', (2, 3, 8)),
    ],
    "restic restore --json latest": [
        ('{"message_type":"status","total_files":3,"files_restored":1,"bytes_restored":4}', (1, 3, 4)),
        ('{"message_type":"status","total_files":3,"files_restored":2,"bytes_restored":8}', (2, 3, 8)),
    ],
    "borg create --progress --log-json r::a x": [
        ('{"type":"archive_progress","nfiles":1,"original_size":4,"finished":false}', (1, 1, 4)),
        ('{"type":"archive_progress","nfiles":2,"original_size":8,"finished":false}', (2, 2, 8)),
        ('{"type":"archive_progress","finished":true}', (2, 2, 8)),
    ],
    "borg create --list --log-json r::a x": [
        ('{"type":"file_status","status":"A","path":"a"}', (1, 1, 0)),
        ('{"type":"file_status","status":"d","path":"b"}', (1, 1, 0)),
        ('{"type":"file_status","status":"U","path":"b/c"}', (2, 2, 0)),
    ],
    "rclone copy a b --use-json-log -v": [
        ('{"level":"info","msg":"Copied (new)","size":3,"object":"a"}', (1, 1, 3)),
        (
            '{"level":"notice","stats":{"transfers":1,"totalTransfers":6,"checks":2,"totalChecks":2,"bytes":9}}',
            (3, 8, 9),
        ),
        ('{"level":"info","msg":"Copied (replaced existing)","size":3,"object":"b"}', (4, 8, 12)),
    ],
    "rclone copy a b -v": [
        ("2026/11/23 12:41:42 INFO  : f1.bin: Copied (new)", (1, 1, 0)),
        ("Transferred:   \t    1 KiB / 58.597 KiB, 2%, 0 B/s, ETA -", (1, 1, 1024)),
        ("Checks:                 2 / 4, 50%", (3, 5, 1024)),
        ("Transferred:            2 / 6, 33%", (3, 9, 1024)),  # the one that was not told may have been there
    ],
    "rsync -ai a/ b": [(">f+++++++++ f1", (1, 1, 0)), ("cd+++++++++ sub/", (1, 1, 0)), (">f.st...... f2", (2, 2, 0))],
    "rsync -a --info=progress2 a/ b": [("  20,000  33%  1.0MB/s  0:00:00 (xfr#1, to-chk=1/3)", (1, 1, 20_000))],
    "tar cvf x y": [("y/", (0, 0, 0)), ("y/a", (1, 1, 0)), ("y/b", (2, 2, 0))],
    "rsync -aP a/ b": [
        ("sending incremental file list", (0, 0, 0)),
        ("./", (0, 0, 0)),
        ("f1", (1, 1, 0)),
        ("  2.000 100%    1,95kB/s    0:00:00 (xfr#1, to-chk=1/3)", (1, 1, 2_000)),
    ],
    "azcopy copy a b --output-type json": [
        (
            '{"MessageType":"Progress","MessageContent":"{\\"TransfersCompleted\\":\\"2\\",\\"TotalTransfers\\":\\"5\\",'
            '\\"TotalBytesTransferred\\":\\"7\\",\\"JobStatus\\":\\"InProgress\\"}"}',
            (2, 5, 7),
        )
    ],
    "azcopy copy a b": [
        ("40.0 %, 2 Done, 0 Failed, 3 Pending, 0 Skipped, 5 Total, (Disk may be limiting speed)", (2, 5, 0))
    ],
    "aws s3 sync a s3://b": [
        ("Completed 1.0 KiB/~4 KiB (1 MiB/s) with ~2 file(s) remaining\rupload: a/f to s3://b/f", (1, 1, 1024)),
        ("upload: a/g to s3://b/g", (2, 2, 1024)),
    ],
    "pg_basebackup -D x -P": [(" 100/43179 kB (0%), 0/1 tablespace", (0, 1, 102_400))],
    "git clone --progress u": [("Receiving objects:  45% (450/1000), 1.50 KiB | 1.2 MiB/s", (0, 0, 1536))],
}


@pytest.mark.parametrize("command", GROWING)
def test_counts_grow_while_a_tool_runs(command: str) -> None:
    reader = recognise(command.split()).reader(command.split())
    for line, expected in GROWING[command]:
        counts = feed(reader, line, "").counts()
        assert (counts.successful, counts.total, counts.size) == expected
