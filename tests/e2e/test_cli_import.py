"""`jobreport import`: all in and 0, or some refused and 1; the same again changes nothing; Ctrl-C stops cleanly."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobreport.model.query import JobQuery
from jobreport.store import Store, open_store
from jobs import AUGUST, MINUTE, job, unfinished
from serving import LINUX, PATIENCE, PROGRAM, command, environment, start, typed, until


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store/jobs.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(open_store(url)) as opened:
        yield opened


def write_lines(path: Path, *jobs: object) -> str:
    path.write_text("".join(f"{json.dumps(one)}\n" for one in jobs))
    return str(path)


def count_jobs(store: Store, tenant: str = "default") -> int:
    return store.list_jobs(store.tenant_id(tenant) or 0, JobQuery()).total


def test_all_jobs_are_stored_and_the_same_again_changes_nothing(tmp_path: Path, url: str, store: Store) -> None:
    path = write_lines(tmp_path / "jobs", *(job(f"FB{number}", startTime=AUGUST + number) for number in range(300)))
    first = command("import", path, "--store", url, "--tenant", "acme")
    assert first.returncode == 0
    # A misspelled name would make a tenant that nobody wanted.
    assert first.stderr == (
        "jobreport: there was no tenant 'acme': it is made now. A wrong name? jobreport tenant delete acme\n"
    )
    assert first.stdout == "300 jobs: 300 created, 0 updated, 0 unchanged; 0 lines refused\n"
    assert count_jobs(store, "acme") == 300
    again = typed("import", path, "--store", url, "--tenant", "acme", "--json")
    assert again.stderr == ""
    second = json.loads(again.stdout)
    assert second == {
        "jobs": 300,
        "line": 300,
        "created": 0,
        "updated": 0,
        "unchanged": 300,
        "refused": 0,
        "complete": True,
    }
    assert typed("check", "--store", url).returncode == 0


def test_a_pipe_is_read_whatever_it_is_packed_with(url: str, store: Store) -> None:
    data = gzip.compress(b"\n".join(json.dumps(job(f"FB{number}")).encode() for number in range(9)))
    with start("import", "-", "--store", url, env=environment(), stdin=subprocess.PIPE) as running:
        _, said = running.communicate(data, timeout=PATIENCE)
    assert running.returncode == 0, said
    assert count_jobs(store) == 9


def test_lines_with_faults_are_refused_and_listed_and_the_others_stored(tmp_path: Path, url: str, store: Store) -> None:
    bad = [job(f"BAD{number}", state="Done") for number in range(14)]
    path = write_lines(tmp_path / "jobs", job("FB1"), job(), *bad, job("FB2"))
    errors = tmp_path / "errors.ndjson"
    done = typed("import", path, "--store", url, "--errors", str(errors), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["refused"] == 15
    assert count_jobs(store) == 2
    listed = [json.loads(line) for line in errors.read_text().splitlines()]
    assert [one["line"] for one in listed] == [*range(2, 17)]
    assert (listed[0]["field"], listed[1]["field"]) == ("jobId", "state")
    assert "must be one of" in listed[1]["message"]
    said = done.stderr.splitlines()
    assert said[0].startswith("jobreport: line 2: jobId is required")
    assert len(said) == 11
    assert "5 more" in said[-1]


def test_a_file_that_breaks_off_is_stored_so_far_and_is_exit_1(tmp_path: Path, url: str, store: Store) -> None:
    lines = "".join(f"{json.dumps(job(f'FB{number}', comments=f'{hash(str(number)):x}'))}\n" for number in range(5000))
    path = tmp_path / "jobs.gz"
    path.write_bytes(gzip.compress(lines.encode())[:-5000])
    done = typed("import", str(path), "--store", url)
    assert done.returncode == 1
    assert "cut off" in done.stderr
    assert count_jobs(store) > 1000
    assert typed("check", "--store", url).returncode == 0


def test_exported_jobs_come_back_the_same(tmp_path: Path, url: str, store: Store) -> None:
    names = ["jobId", "serviceType", "jobType", "state", "startTime", "finishTime", "description"]
    rows = [["FB1", "8", "1024", "2", str(AUGUST), str(AUGUST + MINUTE), 'müll, "quoted"\nand more']]
    path = tmp_path / "jobs.csv"
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    path.write_text("\n".join([",".join(names), *quoted]))
    assert typed("import", str(path), "--store", url).returncode == 0
    history = store.history(store.tenant_id("default") or 0, "FB1")
    assert history is not None
    job = history.current.job
    assert job.description == 'müll, "quoted"\nand more'
    assert (job.start, job.finish) == (AUGUST, AUGUST + MINUTE)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_after_a_batch_and_the_same_command_goes_on(
    tmp_path: Path, url: str, store: Store, number: signal.Signals
) -> None:
    store.tenant_id("default", create=True)
    words = ["import", "-", "--store", url]
    running = start(*words, env=environment(), stdin=subprocess.PIPE)
    lines = [json.dumps(job(f"FB{count}", startTime=AUGUST + count)).encode() + b"\n" for count in range(15_000)]
    assert running.stdin is not None
    running.stdin.write(b"".join(lines))
    running.stdin.flush()
    until(lambda: count_jobs(store), "the first batch")
    running.send_signal(number)
    _, said = running.communicate()
    assert running.returncode == 130, said
    assert b"stopped after line 10,000, and stored 10,000 jobs" in said
    assert count_jobs(store) == 10_000
    with start(*words, env=environment(), stdin=subprocess.PIPE) as again:
        printed, _ = again.communicate(b"".join(lines), timeout=PATIENCE)
    assert printed == b"15,000 jobs: 5,000 created, 0 updated, 10,000 unchanged; 0 lines refused\n"
    assert typed("check", "--store", url).returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["none.ndjson"], 1, "cannot be read"),
        (["."], 1, "cannot be read"),
        ([], 2, "FILE"),
        (["-", "--tenant", "No Name"], 2, "--tenant"),
        (["-", "--errors", "/none/errors"], 2, "--errors"),
    ],
)
def test_what_cannot_be_read_is_said_and_makes_no_store(url: str, words: list[str], code: int, said: str) -> None:
    done = typed("import", *words, "--store", url)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path(url.removeprefix("sqlite:///")).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other kinds of files")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("file/x", "Not a directory"),
        ("loop", "Too many levels of symbolic links"),
        ("a" * 300, "File name too long"),
        ("socket", "No such device or address"),
        ("none", "No such file or directory"),
    ],
    ids=["below a file", "loop", "long name", "socket", "missing"],
)
def test_each_path_that_cannot_be_opened_is_one_sentence_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, name: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        done = typed("import", name, "--store", url)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"jobreport: {name} cannot be read: {said}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO")
def test_a_fifo_is_read_to_its_end(tmp_path: Path, url: str, store: Store) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    running = start("import", str(fifo), "--create", "--store", url, env=environment())
    with fifo.open("w") as pipe:
        for number in range(3):
            pipe.write(f"{json.dumps(job(f'FB{number}'))}\n")
            pipe.flush()
    assert running.communicate(timeout=PATIENCE)[0].startswith(b"3 jobs: 3 created")
    assert running.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO")
def test_it_is_said_that_a_fifo_has_no_writer(tmp_path: Path, url: str) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    running = start("import", str(fifo), "--create", "--store", url, env=environment())
    assert running.stderr
    assert running.stderr.readline().decode() == (
        f"jobreport: {fifo} is a pipe into which no program writes yet: waiting for one\n"
    )
    fifo.write_text(f"{json.dumps(job('FB1'))}\n")
    assert running.communicate(timeout=PATIENCE)[0].startswith(b"1 job: 1 created")


def test_faults_are_not_written_over_the_file_that_is_read(tmp_path: Path, url: str) -> None:
    path = Path(write_lines(tmp_path / "jobs", job(state="Done")))
    (tmp_path / "link").symlink_to(path)
    before = path.read_bytes()
    for errors in (path, tmp_path / "link"):
        done = typed("import", str(path), "--errors", str(errors), "--store", url)
        assert done.returncode == 2
        assert "is the file that is read" in done.stderr
        assert path.read_bytes() == before


@LINUX
def test_full_disk_and_closed_input_are_one_sentence(tmp_path: Path, url: str) -> None:
    path = write_lines(tmp_path / "jobs", job(state="Done"))
    done = typed("import", path, "--errors", "/dev/full", "--create", "--store", url)
    assert done.returncode == 1
    assert done.stderr.endswith("jobreport: /dev/full cannot be written: No space left on device\n")
    for words, said in (
        (f"{path} > /dev/full", "jobreport: No space left on device"),
        ("- <&-", "jobreport: standard input cannot be read: it is closed"),
    ):
        script = f'"{PROGRAM}" import --store "{url}" {words}'
        done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, env=environment(), check=False)
        assert (done.returncode, done.stderr.splitlines()[-1]) == (1, said)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_export_that_is_imported_again_gives_the_same_export(form: str, tmp_path: Path, url: str, store: Store) -> None:
    jobs = [
        job("FB1", comments="a;=1+1\n'quoted', and more", startTime=AUGUST),
        unfinished("due", "NotStarted", startTime=AUGUST + MINUTE),
        unfinished("runs", "InProgress", startTime=AUGUST + 2 * MINUTE),
    ]
    assert typed("import", write_lines(tmp_path / "jobs", *jobs), "--store", url).returncode == 0
    first, second = tmp_path / f"first.{form}", tmp_path / f"second.{form}"
    assert typed("export", "--state", "Successful,NotStarted", "-o", str(first), "--store", url).returncode == 0
    done = typed("import", str(first), "--store", url, "--tenant", "copy")
    assert done.returncode == 0
    assert done.stderr.startswith("jobreport: there was no tenant 'copy': it is made now.")
    assert done.stderr.count("\n") == 1
    assert done.stdout.startswith("2 jobs: 2 created")
    typed("export", "--state", "Successful,NotStarted", "-o", str(second), "--store", url, "--tenant", "copy")
    assert first.read_bytes() == second.read_bytes()


def test_lines_that_were_not_read_are_named(tmp_path: Path, url: str, store: Store) -> None:
    head = "jobId,serviceType,jobType,state,startTime,finishTime,comments"
    rows = [f"FB{number},VM,Backup,4,{AUGUST},{AUGUST},{chr(34) if number == 5 else ''}" for number in range(20)]
    path, errors = tmp_path / "jobs.csv", tmp_path / "errors"
    path.write_text("\n".join([head, *rows]))
    done = typed("import", str(path), "--store", url, "--errors", str(errors))
    assert done.returncode == 1
    assert done.stdout == "19 jobs: 19 created, 0 updated, 0 unchanged; 1 line refused\n"
    (one,) = [json.loads(line) for line in errors.read_text().splitlines()]
    assert (one["line"], one["lastLine"]) == (7, 7)
    assert done.stderr == f"jobreport: line 7: {one['message']}\n"
    assert one["message"].startswith("it has a quote that is not closed")
