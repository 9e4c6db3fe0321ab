"""Whatever a tool prints and however it ends, its reading is a valid outcome in a finished state."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tool_runs import INT32_MAX, assert_lawful, assert_valid

from jobreport.model.catalog import JobState
from jobreport.runner.command_lines.redact_words import redact_arguments
from jobreport.runner.redact import redact
from jobreport.runner.text import Tail, json_value, size_of, whole
from jobreport.runner.tools.known import TOOLS, recognise

# Words that the readers look for, so that random lines get past their first test.
NUMBERS = st.sampled_from(
    ["0", "1", "7", "2,147,483,648", "9" * 30, "-1", "1.5", "NaN", "1e999", "٣", "1.2.3", ",", "."]
)
UNITS = st.sampled_from(["", "B", " B", " KiB", " EiB", "K", "M", " bytes", " kB"])
PHRASES = st.sampled_from(
    [
        "Files: {} new, {} changed, {} unmodified",
        "processed {} files, {}{} in 0:00",
        "snapshot abc saved",
        "Added to the repository: {}{} (1 B stored)",
        "Summary: Restored {} / {} files/dirs ({}{} / 1 B) in 0:00",
        "{} snapshots have been removed, running prune",
        "/x does not exist, skipping",
        "error: read x",
        "Number of files: {} (reg: {}, dir: {})",
        "Number of regular files transferred: {}",
        "Literal data: {}{}",
        "  {}{}  33%  1MB/s 0:00:00 (xfr#{}, to-chk={}/{})",
        "rsync: [sender] link_stat x failed",
        "file has vanished: x",
        "sending incremental file list",
        "Transferred: {}{} / {}{}, 1%",
        "Transferred: {} / {}, 1%",
        "Checks: {} / {}, 1%",
        "Errors: {}",
        "Number of files: {}",
        "This archive: {}{} 1 B {}{}",
        "A path",
        "E path",
        "upload: a to s3://b",
        "warning: Skipping file x.",
        "Completed {}{}/~{}{} (1 B/s)",
        "{}/{} kB (1%)",
        "pg_restore: warning: errors ignored on restore: {}",
        "pg_dump: Fehler: {}",
        "tar: x: {}",
        "  Files :  {} {} {} {} {} {}",
        "  Bytes :  {} {} 0 0 0 0",
        "SourceFiles {}",
        "Errors {} ",
        "Verify complete: {} files compared, {} differences found.",
        "a: Creating archive",
        "a: Error running actions for repository",
        "Attempt 1/3 failed with {} errors",
        "Deleted: {} (files)",
        "Renamed: {}",
        "remove {} snapshots:",
        "unable to remove snapshot/a{} from the repository",
        "rsync: [receiver] mkstemp x failed: Permission denied ({})",
        "rsync error: x (code {})",
        "terminating with error status, rc {}",
        "Fatal: x",
        "Fetching {}",
        " * [new branch] a -> a",
        " ! [rejected] a -> a",
        "Final Job Status: {}",
        "Number of File Transfers Completed: {}",
        "TotalBytesTransferred: {}",
        "{} %, {} Done, {} Failed, {} Pending, {} Skipped, {} Total",
    ]
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just(10**40), st.just(-(10**40))
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
STATS = st.dictionaries(
    st.sampled_from(
        ["transfers", "checks", "errors", "bytes", "totalTransfers", "totalChecks", "nfiles", "original_size"]
    ),
    VALUES,
)
FIELDS = (
    *("files_done", "files_skipped", "files_restored", "total_files", "bytes_done", "total_files_processed", "path"),
    *("item", "num_errors", "data_added", "snapshot_id", "nfiles", "current", "message", "msg", "level", "object"),
    *("size", "during", "original_size"),
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "message_type": st.sampled_from(["status", "summary", "error", "exit_error"]) | VALUES,
        "type": st.sampled_from(["archive_progress", "file_status", "log_message", "progress_percent"]) | VALUES,
        "MessageType": st.sampled_from(["Progress", "EndOfJob", "Error"]) | VALUES,
        "MessageContent": VALUES
        | st.fixed_dictionaries(
            {}, optional={"JobStatus": VALUES, "TransfersCompleted": VALUES, "FailedTransfers": VALUES}
        ).map(json.dumps),
        "status": st.sampled_from(["A", "E"]) | VALUES,
        "name": st.just("borg.output.list") | VALUES,
        "levelname": st.just("ERROR") | VALUES,
        "archive": VALUES | st.fixed_dictionaries({"stats": STATS | VALUES}),
        "error": VALUES,
        "stats": STATS | VALUES,
        "msgid": st.just("extract") | VALUES,
        **dict.fromkeys(FIELDS, VALUES),
    },
).map(lambda document: json.dumps(document))
SPOKEN = st.tuples(PHRASES, st.lists(NUMBERS, min_size=8, max_size=8), st.lists(UNITS, min_size=8, max_size=8)).map(
    lambda parts: _filled(*parts)
)
LINES = st.one_of(
    SPOKEN,
    DOCUMENTS,
    st.text(),
    st.text(alphabet=st.characters(), max_size=30),
    st.sampled_from(
        ["{", "}", "{" * 3000, "[{" * 5000, '{"a":' * 5000, "\udc80", "\x1b[2K\r\0", "[{}]", '[{"remove":1}]']
    ),
)
TOOL_COMMANDS = st.sampled_from(
    [
        *("restic backup x", "restic forget", "restic restore x", "restic check"),
        *("borg create r::a x", "borg extract r::a", "borg prune r"),
        *("rclone copy a b", "rsync a b", "azcopy copy a b", "aws s3 sync a s3://b", "pg_dump x", "pg_restore x"),
        *("git fetch", "tar xvf x", "sudo tar -cvf x y", "robocopy a b", "duplicity a b", "duplicity verify a b"),
        *("borgmatic", "rclone sync a b --backup-dir c", "rclone check a b", "rclone delete a", "rclone bisync a b"),
        *("pgbackrest --stanza=a backup", "pgbackrest expire", "barman backup a", "barman check a", "mysqldump -f a"),
        *("kopia snapshot create a", "vzdump 101", "proxmox-backup-client backup a.pxar:/", "duplicati-cli backup a b"),
        *("kopia restore a b", "resticprofile backup", "resticprofile a.forget"),
        *("timeout 1 nice borg create r::a x", "rsync -hhv a b", "zip x"),
    ]
)
EXIT_CODES = (
    st.sampled_from([0, 1, 2, 3, 8, 9, 10, 20, 23, 24, 25, 100, 127, 128, 129, 130, 137, 143, 255]) | st.integers()
)


def _filled(phrase: str, numbers: list[str], units: list[str]) -> str:
    """`phrase` with a number, and in every other of its blanks a unit behind it."""
    words = [
        number + (unit if place % 2 else "") for place, (number, unit) in enumerate(zip(numbers, units, strict=True))
    ]
    return phrase.format(*words)


@settings(max_examples=400, deadline=None)
@given(TOOL_COMMANDS, st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), LINES), max_size=8), EXIT_CODES)
def test_whatever_a_tool_prints_there_is_a_valid_outcome(command: str, lines: list, exit_code: int) -> None:
    reader = recognise(command.split()).reader(command.split())
    for stream, line in lines:
        reader.line(stream, line)
        assert_valid(reader.counts())
    outcome = reader.outcome(exit_code)
    assert_lawful(outcome)
    if exit_code < 0:
        assert outcome.state is not JobState.Successful


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text() | st.sampled_from(["-r", "--", "-", "--repo", "--password", "sudo", "env", "-m", "a=b"])))
def test_whatever_a_command_line_is_it_has_a_subject(argv: list[str]) -> None:
    for tool in {recognise(argv), *TOOLS.values()}:
        subject = tool.subject(argv)
        (subject.description + subject.resource).encode()
        tool.reader(argv)


@given(st.text(alphabet="abcXYZ0189+/=_-", min_size=6), st.sampled_from(["https", "postgresql", "rest:http", "amqp"]))
def test_a_password_in_a_url_never_survives(password: str, scheme: str) -> None:
    word = f"Q{password}Q"
    assert word not in redact(f"error: {scheme}://user:{word}@host/path failed")
    assert word not in " ".join(redact_arguments(["--password", word, f"--token={word}", f"x?sig={word}"]))


@given(st.lists(st.text(max_size=3000)))
def test_the_last_words_stay_short(lines: list[str]) -> None:
    tail = Tail()
    for line in lines:
        tail.add(line)
    assert len(tail.text()) <= 2000
    assert tail.text().count("\n") < 10


def test_the_last_words_are_the_newest_in_order() -> None:
    tail = Tail()
    for number in range(100):
        tail.add(f"line {number}")
    assert tail.text().split("\n") == [f"line {number}" for number in range(90, 100)]


def test_numbers_are_read_as_tools_write_them() -> None:
    read = [whole(value) for value in ("1,234", 12, 1.9, "0.5", True, None, [], "x", -5, float("nan"), "9" * 99)]
    assert read == [1234, 12, 1, 0, 0, 0, 0, 0, 0, 0, 2**63 - 1]
    assert [size_of("58.597 KiB"), size_of("1,024 bytes"), size_of("2K"), size_of("2K", decimal=True)] == [
        60_003,
        1024,
        2048,
        2000,
    ]
    assert size_of("x") == size_of("..") == 0
    assert json_value("[" * 100_000) is None


@given(st.integers(0, 10**15), st.sampled_from([",", ".", ""]))
def test_rsyncs_numbers_are_the_same_in_every_locale(number: int, separator: str) -> None:
    digits = f"{number:,}".replace(",", separator)
    reader = recognise(["rsync"]).reader(["rsync", "-a", "--stats", "a", "b"])
    reader.line("stdout", f"Number of files: {digits} (reg: {digits})")
    reader.line("stdout", f"Literal data: {digits} bytes")
    assert reader.counts().size == number
    assert reader.counts().total == min(number, INT32_MAX)


@given(st.integers(0, 999), st.integers(0, 99), st.sampled_from(".,"), st.sampled_from(["-h", "-hh"]))
def test_rsyncs_fractions_are_the_same_in_every_locale(units: int, part: int, point: str, asked: str) -> None:
    reader = recognise(["rsync"]).reader(["rsync", asked, "--stats", "a", "b"])
    reader.line("stdout", f"Literal data: {units}{point}{part:02}M bytes")
    exact = (units + part / 100) * (1000 if asked == "-h" else 1024) ** 2
    assert reader.counts().size == pytest.approx(exact, abs=1)


@pytest.mark.parametrize("name", TOOLS)
def test_a_line_without_end_is_no_trap(name: str) -> None:
    """Patterns that backtrack over a megabyte would take minutes, and hold up the backup that prints it."""
    for pattern in ("1", "{1", "x ", "a: ", "password", "a://b:", "12,", "(1/ ", ">f", "skipped "):
        reader = TOOLS[name].reader([name, "create"])
        start = time.process_time()
        reader.line("stderr", pattern * (1_000_000 // len(pattern)))
        reader.line("stdout", "Transferred: " + pattern * (1_000_000 // len(pattern)))
        reader.outcome(1)
        assert time.process_time() - start < 2
