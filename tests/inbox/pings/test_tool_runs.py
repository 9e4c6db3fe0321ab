"""Bodies that end too early, and bodies of several runs: each run is read, and the worst counts."""

import json
from pathlib import Path

import pytest

from jobreport.inbox.pings.body import Body, BodyReader
from jobreport.inbox.pings.outcome import outcome_of
from jobreport.inbox.pings.ping import Ping
from jobreport.inbox.pings.tool import command_of
from jobreport.model.catalog import JobState
from jobreport.model.ping import Signal
from jobreport.runner.tools.base import Outcome

CAPTURES = Path(__file__).parents[2] / "runner" / "captures"
GOOD = {JobState.Successful, JobState.Skipped}


def body_of(text: str, tool: str = "") -> Body:
    reader = BodyReader(command_of(tool) if tool else ())
    reader.feed(text.encode())
    return reader.end()


def told(text: str, signal: Signal = Signal.SUCCESS, tool: str = "", status: int | None = None) -> Outcome:
    return outcome_of(Ping(signal=signal, exit_status=status), body_of(text, tool), "POST")


def capture(name: str, stream: str = "stdout") -> str:
    return str(json.loads((CAPTURES / f"{name}.json").read_text())[stream])


def block(transfers: int, found: int, elapsed: str, *more: str) -> str:
    """rclone's figures in plain text."""
    lines = (
        "2026/11/29 18:00:00 INFO  :",
        "Transferred:   \t   87.891 KiB / 87.891 KiB, 100%, 0 B/s, ETA -",
        f"Transferred:            {transfers} / {found}, {transfers * 100 // found}%",
        f"Elapsed time:         {elapsed}",
        *more,
    )
    return "\n".join(lines) + "\n"


def copied(*names: str) -> str:
    return "".join(f"2026/11/29 18:00:00 INFO  : {name}: Copied (new)\n" for name in names)


def azcopy(kind: str, done: int, state: str = "InProgress") -> str:
    content = {"JobStatus": state, "TransfersCompleted": str(done), "TransfersFailed": "0", "TotalTransfers": "5"}
    return json.dumps({"TimeStamp": "x", "MessageType": kind, "MessageContent": json.dumps(content)}) + "\n"


def archive(files: int, *, json_lines: bool = False) -> str:
    """The statistics of an archive of borg, after its list."""
    listed = [f"A /srv/{number}" for number in range(files)]
    stats = ["Archive name: a", "Archive fingerprint: " + "0a" * 32, f"Number of files: {files}"]
    stats += ["This archive:               90.49 kB             90.47 kB             90.47 kB"]
    if json_lines:
        statuses = [json.dumps({"type": "file_status", "status": "A", "path": line[2:]}) for line in listed]
        named = [{"type": "log_message", "message": line, "name": "borg.output.stats"} for line in stats]
        return "\n".join([*statuses, *map(json.dumps, named)]) + "\n"
    return "\n".join([*listed, *stats]) + "\n"


RSYNC = "sending incremental file list\nsrc/\nsrc/a\nsrc/b\n\nsent 9 bytes  received 9 bytes  36.00 bytes/sec\n"
RESTIC = (
    "using parent snapshot 9d108e5b\n\nFiles:           3 new,     0 changed,     0 unmodified\n"
    "Added to the repository: 89.251 KiB (88.818 KiB stored)\n\nprocessed 3 files, 87.891 KiB in 0:00\n"
    "snapshot 9d108e5b saved\n"
)
BORGMATIC = (
    "a: Running actions for repository\na: Creating archive\n"
    + archive(4)
    + "summary:\n/etc/borgmatic.yaml: Successfully ran configuration file\n"
)
DUPLICITY = "-------[ Backup Statistics ]-------\nSourceFiles 6\nSourceFileSize 8200 (8.01 KB)\nErrors 0\n"
WHOLE = {
    "restic": (RESTIC, 3),
    "restic as JSON": (capture("restic/backup_ok_rc0"), 2),
    "rclone": (copied("a", "b") + block(2, 2, "0.5s"), 2),
    "rclone as JSON": (capture("rclone/copy_ok_rc0", "stderr"), 6),
    "rclone on one line": (copied("a") + "2026/11/29 18:00:00 INFO  :   9 KiB / 9 KiB, 100%, 0 B/s, ETA -\n", 1),
    "azcopy": (azcopy("Init", 0) + azcopy("Progress", 5) + azcopy("EndOfJob", 5, "Completed"), 5),
    "azcopy as text": (capture("azcopy/sync_text_rc0"), 8),
    "borg": (archive(3), 3),
    "borg as JSON lines": (archive(3, json_lines=True), 3),
    "borg as JSON": (capture("borg/create_ok_rc0"), 2),
    "rsync": (RSYNC, 2),
    "rsync with statistics": (capture("rsync/ok_rc0"), 2),
    "borgmatic": (BORGMATIC, 4),
    "duplicity": (DUPLICITY, 6),
}
ONE_EACH = {"restic", "azcopy", "borg", "rsync", "borgmatic", "duplicity", "restic as JSON", "borg as JSON"}


@pytest.mark.parametrize("name", WHOLE)
def test_a_run_that_is_whole_is_good_and_two_after_each_other_are_added_up(name: str) -> None:
    text, files = WHOLE[name]
    found = told(text)
    assert (found.state, found.counts.successful, found.counts.failed) == (JobState.Successful, files, 0)
    twice = told(text + text)
    assert twice.state is JobState.Successful
    if name in ONE_EACH:
        assert (twice.counts.successful, len(body_of(text + text).runs)) == (2 * files, 2)


@pytest.mark.parametrize("name", WHOLE)
def test_a_run_that_shows_its_work_and_not_its_end_is_no_success_wherever_it_was_cut(name: str) -> None:
    """Alone, and after another that came to its end."""
    text, _ = WHOLE[name]
    lines = text.splitlines(keepends=True)
    states = [told("".join(lines[:cut])).state in GOOD for cut in range(len(lines) + 1)]
    after = [told(text + "".join(lines[:cut])).state in GOOD for cut in range(len(lines) + 1)]
    tools = [bool(body_of("".join(lines[:cut])).runs) for cut in range(len(lines) + 1)]
    # Once the tool is known by its work it is doubtful, until its end; that stays what it is.
    shown = tools.index(True)
    ended = next(cut for cut in range(shown, len(lines) + 1) if states[cut])
    assert all(states[ended:])
    assert ended > shown or tools[shown - 1 : shown] == [False]
    assert not any(after[max(shown, ended - 1) : ended])


@pytest.mark.parametrize(
    "text",
    [
        RESTIC + '{"message_type":"status","percent_done":0.1,"total_files":9}\n',
        block(3, 9, "1m0.0s", "Transferring:", " * a: 3% / 9 GiB, 1 KiB/s, 9h"),
        copied("a") + block(1, 1, "1m0.0s") + copied("b"),
        block(2, 2, "5.0s") + copied("a") + block(1, 4, "1.0s"),
        azcopy("Init", 0) + azcopy("Progress", 3),
        '{"type": "archive_progress", "nfiles": 5, "path": "a"}\n',
        "1.23 GB O 1.1 GB C 20.00 MB D 123 N srv/a\n",
        "sending incremental file list\na\nb\n",
        ">f+++++++++ src/f1\n",
        "  1,234,567  33%  1.20MB/s    0:00:10\n",
        "nas: Running actions for repository\nnas: Creating archive\n",
        RESTIC + copied("a"),
        RSYNC + "sending incremental file list\nc\n",
    ],
)
def test_a_success_whose_body_ends_before_the_end_of_its_last_run_is_none(text: str) -> None:
    found = told(text)
    assert found.state is JobState.Exception
    assert "ends before its summary" in found.comments


def test_an_exit_status_proves_the_end_of_a_tool_that_may_be_silent_about_it() -> None:
    assert told(">f+++++++++ src/f1\n", status=0).state is JobState.Successful
    assert told(RESTIC.rpartition("processed")[0], status=0).state is JobState.Exception


def test_each_tool_of_a_body_is_read_and_the_worst_counts() -> None:
    good = told(RESTIC + copied("a") + block(1, 1, "0.1s"))
    assert (good.state, good.counts.successful) == (JobState.Successful, 4)
    error = "2026/11/29 18:00:00 ERROR : b: Failed to copy: no space left\n"
    errors = block(1, 1, "0.1s", "Errors:                 1 (retrying may help)")
    for text in (RESTIC + copied("a") + error, RESTIC + error + errors, copied("a") + error + errors + RESTIC):
        for status in (None, 0):
            found = told(text, status=status)
            assert found.state is JobState.Exception, text
            assert "no space left" in found.comments
    assert body_of(RESTIC + RSYNC + RESTIC).tools == "restic, rsync"


def test_a_run_that_failed_beside_one_that_was_good_saved_something() -> None:
    fatal = (
        'rsync: [sender] link_stat "x" failed: No such file or directory (2)\n'
        "rsync error: some files (code 23) at main.c(1338)\n"
    )
    found = told(RESTIC + fatal)
    assert (found.state, found.counts.successful, found.counts.failed) == (JobState.Exception, 3, 1)
    assert found.comments.startswith("rsync: rsync:")
    assert told("Fatal: wrong password or no key found\n" + fatal).state is JobState.Failed


def test_tools_whose_lines_are_mixed_are_read_apart() -> None:
    lines = RESTIC.splitlines(keepends=True)
    mixed = "".join([*lines[:3], copied("a"), *lines[3:], block(1, 1, "0.1s")])
    assert (told(mixed).state, len(body_of(mixed).runs)) == (JobState.Successful, 2)


def test_a_failure_stays_one_whatever_the_runs_of_its_body_say() -> None:
    found = told(RESTIC + RSYNC, Signal.FAIL, status=1)
    assert (found.state, found.counts.successful) == (JobState.Exception, 5)
    assert "restic, rsync tells of none" in found.comments


def test_borg_under_borgmatic_is_no_run_of_its_own() -> None:
    assert body_of(BORGMATIC).tools == "borgmatic"
    pinged = BORGMATIC.partition("summary:")[0] + "nas: Pinging Healthchecks finish\n"
    assert told(pinged).state is JobState.Successful


def test_another_tool_than_the_one_that_an_inbox_names_is_read_too() -> None:
    assert told(RESTIC + "sending incremental file list\na\n", tool="restic").state is JobState.Exception
    assert told(RSYNC, tool="restic").state is JobState.Exception
    assert told(RESTIC + RSYNC, tool="restic").state is JobState.Successful


def test_a_shell_that_tells_of_a_killed_program_makes_a_success_doubtful() -> None:
    found = told(RESTIC + "./nightly.sh: line 7: 16418 Killed                  restic backup /srv\n")
    assert (found.state, found.comments.split("\n")[0]) == (
        JobState.Exception,
        "a program in it ended with the signal Killed",
    )


def test_more_runs_than_are_told_apart_are_doubtful() -> None:
    assert told((RESTIC + RSYNC) * 20).state is JobState.Successful
    assert told((RESTIC + RSYNC) * 30).state is JobState.Exception
