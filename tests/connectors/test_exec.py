"""Programs as connectors: what they print, what they are given, and what ends one that does not behave."""

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobreport.connectors.base import CannotReadError, Look, Page, Stream
from jobreport.connectors.kinds.exec import Program, Settings
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobs import job, unfinished
from strategies import NOW

Make = Callable[..., Program]


@pytest.fixture
def program(tmp_path: Path) -> Make:
    """A program of Python's, whose body gets the word as `verb` and its input as `given`."""

    def make(body: str, **settings: Any) -> Program:
        file = tmp_path / "list-jobs"
        file.write_text(
            f"#!{sys.executable}\nimport json, sys\nverb, given = sys.argv[-1], json.load(sys.stdin)\n"
            f"say = lambda one: print(json.dumps(one), flush=True)\n{body}\n"
        )
        file.chmod(stat.S_IRWXU)
        return Program(Settings(**{"command": (str(file), "-v"), "sees": "runs"} | settings))

    return make


def read(program: Program, **look: Any) -> list[Page]:
    (stream,) = program.streams()
    return [*program.read(stream, Look(**{"since": NOW - ticks.PER_DAY, "now": NOW} | look))]


def test_jobs_and_state_are_read_and_given_back(program: Make) -> None:
    body = f"""
print()
say({job("a")!r})
say({{"type": "STATE", "value": {{"at": 7}}}})
say({unfinished("b", "InProgress")!r})
say({{"type": "GONE", "jobId": "c"}})
"""
    pages = read(program(body))
    assert [[one.job_id for one in page.jobs] for page in pages] == [["a"], ["b"], []]
    assert pages[0].state == {"at": 7}
    assert pages[1].gone == ["c"]
    assert pages[1].jobs[0].state is JobState.InProgress


def test_it_is_given_its_settings_the_state_since_when_and_what_had_not_ended(program: Make, tmp_path: Path) -> None:
    told = tmp_path / "told"
    waiting = Job(
        job_id="b",
        service=ServiceType.VM,
        type=JobType.Backup,
        state=JobState.InProgress,
        start=NOW,
        raw='{"n":1}',
    )
    read(
        program(f"open({str(told)!r}, 'w').write(json.dumps([verb, given]))", settings={"host": "db"}),
        state={"at": 7},
        unfinished=[waiting],
    )
    assert json.loads(told.read_text()) == [
        "read",
        {
            "settings": {"host": "db"},
            "stream": "all",
            "state": {"at": 7},
            "since": ticks.to_iso(NOW - ticks.PER_DAY, digits=0),
            "unfinished": [{"jobId": "b", "raw": {"n": 1}}],
        },
    ]


def test_it_may_name_its_streams_and_its_rights(program: Make) -> None:
    body = """
if verb == "spec":
    say({"type": "SPEC", "streams": [{"name": "eu", "sees": "results", "whole": True, "remembers": "30d"},
                                     {"name": "us"}]})
if verb == "check":
    say({"type": "RIGHT", "name": "jobs:list", "stream": "eu", "held": False, "without": "all jobs"})
"""
    made = program(body, spec=True)
    day = ticks.PER_DAY
    assert [*made.streams()] == [
        Stream(name="eu", sees=Sees.RESULTS, whole=True, remembers=30 * day),
        Stream(name="us", sees=Sees.RUNS),
    ]
    (right,) = made.rights()
    assert (right.name, right.stream, right.held, right.without) == ("jobs:list", "eu", False, "all jobs")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.exit('password=hunter2 refused')", r"ended with exit code 1: password=\*\*\* refused"),
        ("import os; os.kill(os.getpid(), 9)", "ended with the signal SIGKILL"),
        ("say({'type': 'NO_DATA', 'reason': 'access denied for site b'})", "^access denied for site b$"),
        ("print('x' * 2_000_000)", "printed a line of more than 1,048,576 bytes"),
        ("[print(' ' * 999) for _ in range(1100)]", "printed more than 1 MiB"),
    ],
)
def test_what_is_wrong_with_it_is_told(program: Make, body: str, said: str) -> None:
    with pytest.raises(CannotReadError, match=said):
        read(program(body, output=1))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("say({'serviceType': 1, 'jobType': 1, 'state': 0})", "line 2 has no jobId"),
        ("print('hello')", "line 2 is no job: "),
        ("say({'jobId': 'b', 'state': 99})", "line 2 is no job: state: must be one of"),
        ("print('[' * 50_000)", "line 2 is no job: the body nests deeper than 64"),
        ("say({'type': 'STAT', 'value': 1})", "line 2 is no message that is known"),
        ("say({'type': 'STATE'})", "line 2 is no message that is known: "),
        ("say({'type': 'GONE', 'jobId': 'a\\0b'})", "line 2 is no message that is known: "),
    ],
)
def test_a_line_that_is_neither_a_job_nor_a_message_is_told_and_hides_no_other(
    program: Make, line: str, said: str
) -> None:
    pages = read(program(f"say({job('a')!r})\n{line}\nsay({job('c')!r})"))
    assert [one.job_id for page in pages for one in page.jobs] == ["a", "c"]
    (reason,) = [reason for page in pages for reason in page.refused]
    assert reason.startswith(said)


@pytest.mark.parametrize("fault", ["sys.exit(1)", "time.sleep(60)", "print('x' * 2_000_000)"])
def test_what_it_printed_before_it_failed_is_given(program: Make, fault: str) -> None:
    made = program(f"import time; say({job('a')!r})\n{fault}", longest=1)
    pages = made.read(Stream(name="all"), Look(since=0, now=NOW))
    assert [one.job_id for one in next(pages).jobs] == ["a"]
    with pytest.raises(CannotReadError):
        next(pages)


def test_what_came_before_a_fault_counts(program: Make) -> None:
    pages = program(f"say({job('a')!r}); say({{'type': 'NO_DATA', 'reason': 'no more'}})").read(
        Stream(name="all"), Look(since=0, now=NOW)
    )
    assert [one.job_id for one in next(pages).jobs] == ["a"]
    with pytest.raises(CannotReadError, match="no more"):
        next(pages)


def test_one_that_hangs_is_ended_with_its_children(program: Make) -> None:
    with pytest.raises(CannotReadError, match="took longer than 1 seconds, and was ended"):
        read(program("import subprocess; subprocess.run(['sleep', '600'])", longest=1))


def test_what_has_left_its_group_and_keeps_the_pipes_holds_up_nobody_for_longer(program: Make) -> None:
    left = "import subprocess; print(subprocess.Popen(['sleep', '3'], start_new_session=True).pid, file=sys.stderr)"
    with pytest.raises(CannotReadError, match="took longer than 1 seconds, and was ended"):
        read(program(left, longest=1))


def test_one_that_prints_without_end_is_ended(program: Make) -> None:
    with pytest.raises(CannotReadError, match="took longer than 1 seconds, and was ended"):
        read(program(f"while True: say({job('a')!r})", longest=1))


def test_lines_are_whole_wherever_the_pipe_cuts_them(program: Make) -> None:
    number = 3000
    body = f"""
for one in range({number}):
    print(json.dumps({job("a")!r} | {{"jobId": str(one)}}), end="" if one == {number - 1} else "\\n")
"""
    pages = read(program(body))
    assert [one.job_id for page in pages for one in page.jobs] == [str(one) for one in range(number)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a program that runs")
def test_one_that_eats_memory_fails_alone(program: Make) -> None:
    with pytest.raises(CannotReadError, match="MemoryError"):
        read(program("x = bytearray(900_000_000)", memory=256))


def test_one_that_is_not_there_is_told() -> None:
    with pytest.raises(CannotReadError, match="/none/list-jobs cannot be started: No such file"):
        read(Program(Settings(command=("/none/list-jobs",), sees="runs")))
