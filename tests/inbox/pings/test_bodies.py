"""Bodies: the output of tools that are known, cut, broken, enormous; and what nobody knows."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.inbox.pings.body import LIMIT, Body, BodyReader
from jobreport.inbox.pings.outcome import outcome_of
from jobreport.inbox.pings.ping import Ping
from jobreport.inbox.pings.tool import command_of
from jobreport.model.catalog import JobState
from jobreport.model.ping import Signal
from jobreport.runner.tools.base import Counts, Outcome, StdoutUse, Stream
from jobreport.runner.tools.known import recognise
from jobreport.runner.tools.stdout import stdout_use

CAPTURES = Path(__file__).parents[2] / "runner" / "captures"


def body_of(text: str | bytes, tool: str = "") -> Body:
    reader = BodyReader(command_of(tool) if tool else ())
    content = text.encode() if isinstance(text, str) else text
    for first in range(0, len(content), 1000):
        reader.feed(content[first : first + 1000])
    return reader.end()


def told(text: str | bytes, signal: Signal = Signal.SUCCESS, tool: str = "", status: int | None = None) -> Outcome:
    return outcome_of(Ping(signal=signal, exit_status=status), body_of(text, tool), "POST")


def capture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CAPTURES / f"{name}.json").read_text())
    return found


def output(found: dict[str, Any]) -> str:
    """Both streams in one, as behind `2>&1`."""
    return "\n".join(filter(None, (str(found["stderr"]).rstrip("\n"), str(found["stdout"]))))


@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_run_of_a_tool_is_read_from_its_body_as_the_runner_reads_it(path: Path) -> None:
    """With the exit status and the command. Where the runner finds fault, a ping is never a success either."""
    found = json.loads(path.read_text())
    if not isinstance(found, dict) or not {"argv", "exit_code", "stdout", "stderr"} <= found.keys():
        pytest.skip("no run")
    command, code = [str(word) for word in found["argv"]], int(found["exit_code"])
    tool = recognise(command)
    if tool.name == "generic" or not 0 <= code <= 255:
        pytest.skip("no tool's, or ended by a signal")
    if stdout_use(tool, command) is StdoutUse.DATA:
        found["stdout"] = ""  # the backup itself, which nobody sends
    direct = tool.reader(command)
    streams: tuple[Stream, ...] = ("stderr", "stdout")
    for stream in streams:
        for line in str(found[stream]).splitlines():
            direct.line(stream, line)
    by_runner = direct.outcome(code)
    reader = BodyReader(tuple(command))
    reader.feed(output(found).encode())
    signal = Signal.FAIL if code else Signal.SUCCESS
    by_ping = outcome_of(Ping(signal=signal, exit_status=code), reader.end(), "POST")
    if by_runner.state not in {JobState.Successful, JobState.Skipped}:
        assert by_ping.state not in {JobState.Successful, JobState.Skipped}
    else:
        assert (by_ping.state, by_ping.counts) == (by_runner.state, by_runner.counts)


def test_output_of_restic_is_recognised_and_counted() -> None:
    found = told(capture("restic/backup_ok_rc0")["stdout"])
    assert (found.state, found.counts.successful, found.counts.failed) == (JobState.Successful, 2, 0)
    assert found.comments.startswith("snapshot ")


def test_a_success_with_errors_in_its_body_is_an_exception() -> None:
    error = json.dumps({"message_type": "error", "error": {"message": "permission denied"}, "item": "/srv/a"})
    found = told(error + "\n" + capture("restic/backup_ok_rc0")["stdout"])
    assert (found.state, found.counts.successful, found.counts.failed) == (JobState.Exception, 2, 1)
    assert "permission denied" in found.comments


def test_a_success_whose_output_ends_before_the_summary_is_none() -> None:
    text = capture("restic/backup_ok_rc0")["stdout"].split("\n")[0]
    assert told(text).state is JobState.Exception
    assert "ends before its summary" in told(text).comments


@pytest.mark.parametrize("tool", ["restic", "rsync", "borg", "rclone"])
def test_a_named_tool_that_says_nothing_has_done_nothing(tool: str) -> None:
    for text in ("", "bash: it: command not found"):
        assert told(text, tool=tool).state is JobState.Exception
    # Who sends no body at all has looked at the exit status: `restic … && curl …`.
    assert outcome_of(Ping(signal=Signal.SUCCESS), body_of("", tool), "GET").state is JobState.Successful


def test_a_failure_stays_one_whatever_the_body_says() -> None:
    text = capture("restic/backup_ok_rc0")["stdout"]
    assert told(text, Signal.FAIL).state in {JobState.Failed, JobState.Exception}
    assert told(text, Signal.FAIL, status=3).state is JobState.Exception


@pytest.mark.parametrize(
    ("line", "tool"),
    [
        ("Files:          12 new,     0 changed,    40 unmodified", "restic"),
        ("Archive fingerprint: " + "0a" * 32, "borg"),
        ('{"archive": {"stats": {"nfiles": 3}}, "repository": {}}', "borg"),
        ("Number of files: 1,234 (reg: 1,000, dir: 234)", "rsync"),
        ("sent 1.234 bytes  received 99 bytes  2.666,00 bytes/sec", "rsync"),
        ('{"level":"notice","msg":"","source":"accounting/stats.go:528","stats":{"bytes":1}}', "rclone"),
        ("Transferred:   \t   10.5 MiB / 10.5 MiB, 100%, 1 MiB/s, ETA 0s", "rclone"),
        ("--------------[ Backup Statistics ]--------------", "duplicity"),
        ("   ROBOCOPY     ::     Robust File Copy for Windows", "robocopy"),
        ('{"TimeStamp":"x","MessageType":"EndOfJob","MessageContent":"{}"}', "azcopy"),
    ],
)
def test_a_form_of_its_own_shows_a_tool(line: str, tool: str) -> None:
    found = body_of(f"something before\n{line}\nsomething after")
    assert found.tools == tool


@pytest.mark.parametrize(
    "text",
    [
        "Fatal: unable to open config file: stat /x/config: no such file or directory",
        "Fatal: wrong password or no key found",
        'rsync: [sender] link_stat "/x" failed: No such file or directory (2)\n'
        "rsync error: some files could not be transferred (code 23) at main.c(1338) [sender=3.2.7]",
        "2026/11/29 18:00:00 ERROR : a.txt: Failed to copy: permission denied",
        "tar: x: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors",
        'pg_dump: error: connection to server at "db" failed',
        "Repository /srv/none does not exist.",
        "Failed to create/acquire the lock /srv/r/lock.exclusive (timeout).",
    ],
)
def test_a_success_in_whose_body_a_tool_gives_up_is_none(text: str) -> None:
    """As behind a pipe, in which the exit status is another program's."""
    found = told(text)
    assert found.state in {JobState.Failed, JobState.Exception}
    assert text.split("\n", maxsplit=1)[0][:30] in found.comments


@pytest.mark.parametrize(
    "text", ["", "restic is great", "{}", '{"message_type": 1}', '{"archive": "x"}', "[" * 5000, '{"a":' * 5000]
)
def test_what_looks_like_no_tool_is_read_as_any_commands(text: str) -> None:
    assert body_of(text).runs == ()
    assert told(text).state is JobState.Successful


def test_a_long_body_is_read_to_its_end_and_kept_in_part() -> None:
    status = json.dumps({"message_type": "status", "percent_done": 0.5, "total_files": 9})
    text = f"{status}\n" * 50_000 + capture("restic/backup_ok_rc0")["stdout"]
    found = body_of(text)
    assert found.text.startswith(status)
    assert re.search(r"\n\[… [\d,]+ bytes, [0-9a-f]{16}\]\n", found.text)
    assert '"message_type":"summary"' in found.text
    assert len(found.text) <= LIMIT + 10
    assert outcome_of(Ping(signal=Signal.SUCCESS), found, "POST").counts.successful == 2


def test_no_secret_of_a_long_body_is_kept_however_it_lies() -> None:
    key = (
        "-----BEGIN OPENSSH PRIVATE KEY-----\n"
        + "b3BlbnNzaC1rZXktdjEAAAAA\n" * 99
        + "-----END OPENSSH PRIVATE KEY-----"
    )
    document = json.dumps({f"password{number}": f"hunter{number}x" for number in range(900)})
    for text in (key, document, "z" * 990 + " password=hunter2x", f"{'y,' * 499}password=hunter2x"):
        kept = body_of(text).text
        assert "hunter" not in kept
        assert "b3BlbnNza" not in kept
    assert body_of(document).text.startswith('{"password0": ')


def test_text_of_two_bytes_a_character_is_legible() -> None:
    assert "all saved" in told("all saved\r\n".encode("utf-16-le")).comments


@given(st.binary(max_size=300), st.sampled_from(Signal), st.sampled_from(["", "restic", "borg", "rsync", "rclone"]))
def test_no_body_is_too_odd(content: bytes, signal: Signal, tool: str) -> None:
    found = told(content, signal, tool)
    assert found.state.finished
    if signal is Signal.FAIL:
        assert found.state not in {JobState.Successful, JobState.Skipped}


@pytest.mark.parametrize("words", ["", "nonsense", "sudo", "generic", "'"])
def test_only_tools_that_are_known_can_be_named(words: str) -> None:
    with pytest.raises(ValueError, match=r"tool|quot"):
        command_of(words)


@pytest.mark.parametrize("status", [1, 2, 3, 7])
def test_a_failure_becomes_no_success_by_the_form_of_the_body_alone(status: int) -> None:
    body = "   ROBOCOPY     ::     Robust File Copy for Windows\nstep 2 failed\n"
    assert told(body, Signal.FAIL, status=status).state is JobState.Exception


def test_errors_that_a_tool_does_not_count_are_no_success() -> None:
    body = "2026/11/29 10:00:00 INFO  : x: Copied (new)\n2026/11/29 10:00:01 ERROR : y: Failed to copy: no space\n"
    assert told(body).state is JobState.Exception
    assert told(body, tool="rclone sync").state is JobState.Exception


def test_what_a_sender_counts_as_failed_counts_beside_the_output_of_a_tool() -> None:
    body = body_of(capture("restic/backup_ok_rc0")["stdout"])
    ping = Ping(signal=Signal.SUCCESS, counts=Counts(failed=3, successful=7, total=10))
    assert outcome_of(ping, body, "POST").state is JobState.Exception


def test_long_bodies_that_differ_only_in_what_is_left_out_are_told_apart() -> None:
    texts = [body_of("a\n" * 40_000 + middle * 2000 + "z\n" * 40_000).text for middle in ("b\n", "c\n")]
    assert texts[0] != texts[1]
    assert len({body_of(letter * 70_000).text for letter in "AB"}) == 2


@pytest.mark.parametrize("lines", [(20, 2000), (700, 1500), (2000, 20)])
def test_a_private_key_that_is_cut_is_kept_nowhere(lines: tuple[int, int]) -> None:
    before, key = lines
    mark = "PRIVATE" + " KEY-----\n"  # in parts: no file holds what looks like a key
    body = "x\n" * before * 10 + "-----BEGIN RSA " + mark + "S3CR3T+S3CR3T/S3CR3T\n" * key
    text = body_of(body + "-----END RSA " + mark + "done\n" * before).text
    assert "S3CR3T" not in text
    assert text.endswith("done\n")
