"""Programs that a connector runs: what they print, what they are given, and what is said of one that fails."""

import os
import re
import sys
from pathlib import Path

import pytest

from connecting import until
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.command import Command, Limits, chunks, lines, output


def python(body: str, **more: object) -> Command:
    return Command(**{"argv": [sys.executable, "-c", body], "name": "tool"} | more)


def test_all_that_it_prints_is_given_whole_or_by_lines() -> None:
    command = python("print('a'); print(); print('ü' * 100_000, end='')")
    assert output(command).decode() == "a\n\n" + "ü" * 100_000
    assert [line.decode() for line in lines(command)] == ["a", "", "ü" * 100_000]


def test_its_environment_is_ours_with_its_own_over_it_and_without_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBREPORT_CLIENT_SECRET", "hunter2hunter2")
    monkeypatch.setenv("PLACE", "cellar")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    body = "import os; print([os.environ.get(name) for name in ('JOBREPORT_CLIENT_SECRET', 'PLACE', 'TZ')])"
    assert output(python(body, environment={"TZ": "UTC"})) == b"[None, 'cellar', 'UTC']\n"


def test_it_is_given_its_input() -> None:
    assert output(python("print(input())", given=b"hello\n")) == b"hello\n"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("one\nFatal: no such repository\nIs it there?\n/srv", "Fatal: no such repository"),
        ("ERROR: [055]: unable to load\n       HINT: has a stanza been created?", r"ERROR: \[055\]: unable to load"),
        ("Repository /srv does not exist.\n\n", "Repository /srv does not exist."),
        ('{"message_type": "exit_error", "code": 1, "message": "Fatal: wrong password"}', "Fatal: wrong password"),
        ('{"code": 1}', '{"code": 1}'),
        ("the key is hunter2hunter2", r"the key is \*\*\*"),
        ("\x1b[31mred\x1b[0m", "red"),
    ],
)
def test_why_it_failed_is_told_without_secrets(said: str, told: str) -> None:
    body = f"import sys; sys.exit({said!r})"
    with pytest.raises(CannotReadError, match=f"^tool ended with exit code 1: {told}$"):
        output(python(body, environment={"TOOL_PASSWORD": "hunter2hunter2"}))


def test_one_that_ends_well_and_says_that_something_is_lacking_did_not_list_all() -> None:
    said = "could not load 1: the key is hunter2hunter2"
    body = f"import sys; print('[]'); print({said!r}, *range(1000), sep=chr(10), file=sys.stderr)"
    command = python(body, lacking=re.compile("could not load"), environment={"TOOL_PASSWORD": "hunter2hunter2"})
    with pytest.raises(CannotReadError, match=r"^tool did not list all: could not load 1: the key is \*\*\*$"):
        output(command)


def test_one_that_says_nothing_or_is_not_there_is_told() -> None:
    with pytest.raises(CannotReadError, match=r"^tool ended with exit code 3$"):
        output(python("raise SystemExit(3)"))
    with pytest.raises(CannotReadError, match=r"^/no/tool cannot be started: No such file or directory$"):
        output(Command(argv=["/no/tool"]))


def test_one_that_prints_or_takes_too_much_is_ended() -> None:
    with pytest.raises(CannotReadError, match=r"^tool printed more than 1 MiB$"):
        output(python("while True: print('x' * 99_999)", limits=Limits(output=1)))
    with pytest.raises(CannotReadError, match=r"^tool took longer than 1 seconds, and was ended$"):
        output(python("input(), print('never')\nimport time; time.sleep(600)", given=b"\n", limits=Limits(seconds=1)))


def test_one_that_is_not_read_to_its_end_may_let_go_of_what_it_holds(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    body = f"""
import os, signal, sys, time
def let_go(*_):
    os.unlink({str(lock)!r})
    sys.exit()
signal.signal(signal.SIGTERM, let_go)
open({str(lock)!r}, "w").close()
print(os.getpid(), flush=True)
time.sleep(600)
"""
    printed = chunks(python(body))
    pid = int(next(printed))
    assert lock.exists()
    printed.close()
    assert not lock.exists()
    until(lambda: not Path(f"/proc/{pid}").exists())


def test_one_that_does_not_end_when_it_is_told_is_killed() -> None:
    body = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(600)
"""
    printed = chunks(python(body))
    pid = int(next(printed))
    printed.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
