"""The job that tells of a run is valid at every moment, whatever the tool's reading, the clock or the texts."""

import json
import time
from collections.abc import Sequence

import pytest

from jobreport.model.catalog import JobState
from jobreport.model.job import MAX_RAW, TEXT_LIMITS, Job, faults
from jobreport.runner.lines import MAX_LINE, Lines
from jobreport.runner.tools.base import Counts, Outcome, Stream, Subject
from jobreport.runner.tools.known import recognise
from jobreport.runner.tracker import JobTracker


class Odd:
    """A tool whose reading is what a test wants it to be."""

    name = "odd"

    def __init__(self, outcome: Outcome | Exception) -> None:
        self.result = outcome

    def subject(self, argv: Sequence[str]) -> Subject:
        return Subject(description="\0\ud800 text " * 500, resource="r" * 5000)

    def reader(self, argv: Sequence[str]) -> "Odd":
        return self

    def line(self, stream: Stream, text: str) -> None:
        raise ValueError

    def counts(self) -> Counts:
        raise ValueError

    def outcome(self, exit_code: int) -> Outcome:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def ended(outcome: Outcome | Exception, returncode: int | None = 0, stopped: int | None = None) -> Job:
    tracker = JobTracker(["/bin/odd", "--password", "hunter2", "\udcff"], Odd(outcome), plan="p" * 300)
    tracker.starts()
    assert faults(tracker.now(), {}) == []
    job = tracker.ends(returncode, stopped)
    assert faults(job, {}) == []
    return job


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome(state=JobState.Successful, counts=Counts(failed=1, successful=1, total=2)), JobState.Exception),
        (Outcome(state=JobState.InProgress, counts=Counts()), JobState.Exception),
        (Outcome(state=JobState.Failed, counts=Counts(failed=-1, total=2**40, size=2**70)), JobState.Failed),
        (Outcome(state=JobState.Successful, counts=Counts(), comments="\0" + "x" * 9000), JobState.Successful),
        (ValueError("broken"), JobState.Successful),
    ],
)
def test_whatever_a_tool_reads_the_job_is_valid(outcome: Outcome | Exception, state: JobState) -> None:
    assert ended(outcome).state is state


def test_a_reading_that_fails_leaves_what_the_exit_code_says() -> None:
    assert ended(ValueError(), 3).state is JobState.Failed


def test_a_stop_counts_before_the_exit_code_and_a_signal_before_the_tool() -> None:
    fine = Outcome(state=JobState.Successful, counts=Counts(), comments="all done")
    assert ended(fine, 0, stopped=15).state is JobState.Stopped
    assert ended(fine, -15).state is JobState.Stopped
    assert ended(fine, -11).comments.startswith("ended by signal 11 (SIGSEGV)")
    assert ended(fine, None, stopped=2).comments.endswith("was not run")


def test_texts_are_shortened_and_secrets_masked() -> None:
    job = ended(Outcome(state=JobState.Failed, counts=Counts()), 1)
    assert all(len(getattr(job, field)) <= limit for field, limit in TEXT_LIMITS.items())
    assert "hunter2" not in job.raw
    assert len(job.raw) < MAX_RAW
    assert json.loads(job.raw)["exitCode"] == 1


@pytest.mark.parametrize(
    "command",
    [
        ["mysqldump", "-phunter2", "shop"],
        ["7z", "a", "-phunter2", "x.7z"],
        ["curl", "-u", "me:hunter2", "ftp://h/x"],
        ["curl", "-ume:hunter2", "ftp://h/x"],
        ["sshpass", "-p", "hunter2", "tar", "-cf", "x", "/y"],
        ["openssl", "enc", "-k", "hunter2"],
        ["sh", "-c", "mysqldump -phunter2 shop | gzip > shop.gz"],
        ["sh", "-c", "curl -u me:hunter2 ftp://h/x > x"],
    ],
)
def test_passwords_in_short_options_are_nowhere_in_the_job(command: list[str]) -> None:
    tracker = JobTracker(command, recognise(command))
    assert "hunter2" not in repr(tracker.now())
    assert "hunter2" not in repr(tracker.ends(1, None))


def test_the_folder_that_a_shell_is_in_is_no_password() -> None:
    environment = {"PWD": "/srv/anna/data", "OLDPWD": "/srv/backups", "DB_PWD": "a long password"}
    tracker = JobTracker(["x"], recognise(["x"]), environment=environment)
    tracker.lines("stderr", ["/srv/anna/data/a: not found", "/srv/backups: full", "wrong: a long password"])
    assert tracker.ends(1, None).comments == "/srv/anna/data/a: not found\n/srv/backups: full\nwrong: ***"


def test_time_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = JobTracker(["odd"], Odd(Outcome(state=JobState.Successful, counts=Counts())))
    tracker.starts()
    first = tracker.now()
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)
    last = tracker.ends(0, None)
    assert first.start <= first.observed < last.observed
    assert last.start <= last.finish


def test_lines_end_with_any_line_end_wherever_a_chunk_does() -> None:
    text = "a\nb\r\nc\rd\n\ne\xfc".encode("latin-1")
    for size in (1, 2, 3, 100):
        lines = Lines()
        found = [line for at in range(0, len(text), size) for line in lines.feed(text[at : at + size])]
        assert [*found, *lines.end()] == ["a", "b", "c", "d", "e\ufffd"]


def test_a_line_without_end_is_bounded() -> None:
    lines = Lines()
    for _ in range(40):
        assert lines.feed(b"x" * 65_536) == []
    (line,) = lines.feed(b"y\n")
    assert len(line) == MAX_LINE
    assert lines.feed(b"next\n") == ["next"]


def test_data_is_no_words() -> None:
    lines = Lines()
    assert lines.feed(b"held") == []
    assert lines.feed(b"a\nb\0c\nd") == []
    assert lines.feed(b"words\n") == ["words"]
