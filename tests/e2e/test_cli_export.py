"""`jobreport export`: a file that is whole or not there, from a server and from a store."""

import json
import re
import signal
import socket
import stat
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest

from jobs import AUGUST, MINUTE, job, unfinished
from reading import FORMATS, lines
from serving import PROGRAM, App, command, environment, typed, until


@pytest.fixture
def filled(app: App) -> App:
    found = [
        job(f"j{n}", state="Failed", failedCount=n, startTime=AUGUST + n * MINUTE, comments='=a\n"b"') for n in range(9)
    ]
    app.write([*found, job("ok", plan="p", startTime=AUGUST), unfinished("run", "InProgress", startTime=AUGUST)])
    return app


def from_store(app: App) -> list[str]:
    return ["--store", app.server.store, "--tenant", app.document["tenant"]]


def server(app: App) -> dict[str, str]:
    return {
        "JOBREPORT_URL": app.server.url,
        "JOBREPORT_CLIENT_ID": app.client_id,
        "JOBREPORT_CLIENT_SECRET": app.secret,
    }


@pytest.mark.parametrize("form", FORMATS)
def test_server_and_store_give_the_same_file(filled: App, form: str, tmp_path: Path) -> None:
    here, there = tmp_path / f"here.{form}", tmp_path / f"there.{form}"
    question = ["--state", "Failed", "--min-failed", "2", "--sort=failedCount"]
    done = typed("export", *question, "-o", str(here), *from_store(filled))
    assert (done.returncode, done.stdout) == (0, f"7 jobs in {here}\n"), done.stderr
    done = typed("export", *question, "-o", str(there), "--json", **server(filled))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"file": str(there), "format": form, "jobs": 7}
    found = lines(form, here.read_bytes(), tmp_path)
    assert [line["jobId"] for line in found] == [f"j{n}" for n in range(2, 9)]
    assert found == lines(form, there.read_bytes(), tmp_path)
    assert stat.S_IMODE(here.stat().st_mode) == 0o600


def test_format_may_be_named_and_a_file_that_is_there_is_replaced(filled: App, tmp_path: Path) -> None:
    file = tmp_path / "jobs"
    file.write_text("before")
    assert typed("export", "--format", "ndjson", "-o", str(file), *from_store(filled)).returncode == 0
    assert len(lines("ndjson", file.read_bytes(), tmp_path)) == 11


@pytest.mark.parametrize("from_", ["a server", "a store"])
def test_standard_output_is_a_file_too(filled: App, from_: str, tmp_path: Path) -> None:
    words, given = ([], server(filled)) if from_ == "a server" else (from_store(filled), {})
    done = command("export", "--format", "ndjson", "-o", "-", "--plan", "p", *words, **given)
    assert done.returncode == 0
    assert [json.loads(line)["jobId"] for line in done.stdout.splitlines()] == ["ok"]
    assert done.stderr == "1 job in -\n"


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_progress_of_a_file_whose_jobs_cannot_be_counted_as_it_comes_is_its_bytes(
    filled: App, form: str, tmp_path: Path
) -> None:
    file = tmp_path / f"jobs.{form}"
    done = command("export", "-o", str(file), **server(filled), FORCE_COLOR="1", COLUMNS="100")
    assert done.returncode == 0, done.stderr
    last = plain(done.stderr).split("Receiving")[-1]
    size = file.stat().st_size
    assert last.startswith(" 11 jobs ")
    assert f" {size / 1000:.1f} kB " in last
    assert "%" not in done.stderr
    assert "0/11" not in done.stderr


@pytest.mark.parametrize(
    ("from_", "form"), [("a server", "csv"), ("a server", "ndjson"), *(("a store", form) for form in FORMATS)]
)
def test_progress_of_jobs_that_can_be_counted_is_their_number(
    filled: App, from_: str, form: str, tmp_path: Path
) -> None:
    words, given = ([], server(filled)) if from_ == "a server" else (from_store(filled), {})
    file = tmp_path / f"jobs.{form}"
    done = command("export", "-o", str(file), *words, **given, FORCE_COLOR="1", COLUMNS="100")
    assert " 11/11 100%" in plain(done.stderr)


def plain(terminal: str) -> str:
    """What a terminal shows, without its colours and its moves."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "jobs"], "--format is needed"),
        (["-o", "jobs.pdf"], "--format is needed"),
        (["-o", "jobs.csv", "--format", "pdf"], "--format"),
        (["-o", "jobs.csv", "--state", "Broken"], "--state"),
        (["-o", "jobs.csv", "--page", "1"], "--page"),
        ([], "--output"),
    ],
    ids=str,
)
def test_wrong_usage_is_exit_2(idle: App, words: list[str], said: str, tmp_path: Path) -> None:
    done = typed("export", *words, *from_store(idle))
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("from_", ["a server", "a store"])
def test_place_where_nothing_can_be_written_is_said(filled: App, from_: str, tmp_path: Path) -> None:
    words, given = ([], server(filled)) if from_ == "a server" else (from_store(filled), {})
    done = typed("export", "-o", str(tmp_path / "nowhere" / "jobs.csv"), *words, **given)
    assert done.returncode == 1
    assert "cannot be written: No such file or directory" in done.stderr


def test_server_that_refuses_is_one_sentence_and_no_file(filled: App, tmp_path: Path) -> None:
    done = typed("export", "-o", str(tmp_path / "jobs.csv"), **server(filled) | {"JOBREPORT_CLIENT_SECRET": "wrong"})
    assert done.returncode == 1
    assert "unknown client, wrong secret" in done.stderr
    assert list(tmp_path.iterdir()) == []


def answer_of(body: bytes, total: int) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nTotal-Count: {total}\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode() + b"%x\r\n%s\r\n" % (len(body), body)


def whole_request(connection: socket.socket) -> None:
    """Takes one request with its body: head and body may come one after the other."""
    received, wanted = b"", -1
    while len(received) < wanted or wanted < 0:
        part = connection.recv(65536)
        assert part, "the client is gone"
        received += part
        head, end, _ = received.partition(b"\r\n\r\n")
        if end:
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            wanted = len(head + end) + (int(length[1]) if length else 0)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (answer_of(b"jobId\r\na\r\n", 2), "no answer from"),
        (answer_of(b"jobId\r\na\r\n", 2) + b"0\r\n\r\n", "the file has 1 jobs, and not the 2 that were announced"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\njobId\n", "another document than an export"),
    ],
    ids=["broken off", "too few", "no export"],
)
def test_answer_that_is_not_whole_leaves_no_file(answer: bytes, said: str, idle: App, tmp_path: Path) -> None:
    token = b'{"access_token":"t"}'
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(token), token), answer]
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve_both() -> None:
            for one in answers:
                connection, _ = listener.accept()
                with connection:
                    whole_request(connection)
                    connection.sendall(one)

        thread = threading.Thread(target=serve_both)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        done = typed("export", "-o", str(tmp_path / "jobs.csv"), **server(idle) | {"JOBREPORT_URL": url})
        thread.join()
    assert done.returncode == 1
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_interrupt_leaves_nothing_behind(filled: App, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        words = [PROGRAM, "export", "-o", folder / "jobs.csv"]
        given = environment(**server(filled) | {"JOBREPORT_URL": url})
        process = subprocess.Popen(words, env=given, stderr=subprocess.PIPE)
        token = b'{"access_token":"t"}'
        connection, _ = listener.accept()
        with connection:
            for one in (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(token), token), answer_of(b"x", 5)):
                whole_request(connection)
                connection.sendall(one)
            until(lambda: [*folder.iterdir()], "the file")
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
    assert [*folder.iterdir()] == []
