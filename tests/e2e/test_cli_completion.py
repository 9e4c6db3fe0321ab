"""What the TAB key completes: in bash, zsh and fish themselves, at a terminal; and what the program answers them."""

import fcntl
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobreport.cli import ASKED_BY_SHELL
from jobreport.cli.commands.completion import SHELLS
from serving import command, environment, typed, until

ALL_TOOLS = bool(os.environ.get("JOBREPORT_TEST_ALL_TOOLS"))
BESIDE = str(Path(sys.executable).parent)
CONTROL = re.compile(rb"\x1b\[[0-9;?=>]*[A-Za-z]|\x1b[=>()][0-9A-B]?|\x1b\][^\x07]*\x07|[\x07\x08\r]")
# How each shell is started without what its user has set up, and how it reads the code of `jobreport completion`.
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source {code}\n"),
    "zsh": (["zsh", "-f", "-i"], "autoload -U compinit; compinit -u -D; source {code}\n"),
    "fish": (["fish", "--no-config", "-i"], "source {code}\n"),
}


def answers(*words: str) -> list[str]:
    """What the program offers for the last of these words."""
    given = {
        ASKED_BY_SHELL: "bash_complete",
        "COMP_WORDS": " ".join(["jobreport", *words]),
        "COMP_CWORD": str(len(words)),
    }
    done = command(**given)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["samp"], ["plain,sample-data"]),
        (["jobs", "--state", "su"], ["plain,Successful"]),
        (["jobs", "--state", "Failed,e"], ["plain,Failed,Exception"]),
        (["jobs", "--state", "Failed,Failed"], []),
        (["jobs", "--service", "amazons"], ["plain,AmazonS3"]),
        (["jobs", "--sort", "dur"], ["plain,duration"]),
        (["series", "--sort", "las"], ["plain,lastGood"]),
        (["summary", "--by", "day,nig"], ["plain,day,night"]),
        (["run", "--type", "filebackup"], ["plain,FileBackup"]),
        (["run", "--tool", "borgm"], ["plain,borgmatic"]),
        (["run", "--", "tar", "cf", "x"], ["file,x"]),
        (["import", "x"], ["file,x"]),
        (["jobs", "--client-key", "x"], ["file,x"]),
        (["export", "--format", "x"], ["plain,xlsx"]),
        (["jobs", "--plan", "x"], []),
        (["completion", ""], [f"plain,{shell}" for shell in SHELLS]),
    ],
    ids=str,
)
def test_what_may_come_next_is_offered(words: list[str], offered: list[str]) -> None:
    assert answers(*words) == offered


def test_every_command_is_offered() -> None:
    assert {"plain,serve", "plain,jobs", "plain,completion"} <= {*answers("")}
    assert "plain,create" in answers("app", "")


@contextmanager
def terminal(shell: str, folder: Path) -> Iterator[int]:
    """The shell at a terminal of its own, with the program on its path; what it was told to read is read."""
    if shutil.which(shell) is None:
        (pytest.fail if ALL_TOOLS else pytest.skip)(f"{shell} is not installed: apt install {shell}")
    code = folder / f"jobreport.{shell}"
    code.write_text(typed("completion", shell).stdout, encoding="utf-8")
    words, read = START[shell]
    ours, theirs = pty.openpty()
    path = f"{BESIDE}{os.pathsep}{os.environ['PATH']}"
    more = {"PATH": path, "TERM": "dumb", "HOME": str(folder), "PS1": "", "INPUTRC": "/dev/null", "LANG": "C.UTF-8"}
    started = subprocess.Popen(
        words,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(**more),
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # fish ends without a terminal that is its own
    )
    os.close(theirs)
    try:
        os.write(ours, f"{read.format(code=code)}echo re''ady\n".encode())
        until_shown(ours, "ready")
        yield ours
    finally:
        started.kill()
        started.wait()
        os.close(ours)


def until_shown(terminal: int, wanted: str) -> None:
    """Waits until the terminal shows these words."""
    shown = bytearray()

    def shows() -> bool:
        if select.select([terminal], [], [], 0)[0]:
            shown.extend(os.read(terminal, 65536))
        return wanted in CONTROL.sub(b"", bytes(shown)).decode(errors="replace")

    until(shows, f"{wanted!r}")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_tab_key_completes_in_the_shell_itself(shell: str, tmp_path: Path) -> None:
    (tmp_path / "a-certain-file.pem").touch()
    with terminal(shell, tmp_path) as typing:
        for begin, whole in (
            ("jobreport sampl\t", "jobreport sample-data"),
            ("jobreport jobs --stat\t", "--state"),
            ("jobreport jobs --state Succ\t", "Successful"),
            (f"jobreport jobs --client-key {tmp_path}/a-cert\t", "a-certain-file.pem"),
        ):
            os.write(typing, begin.encode())
            until_shown(typing, whole)
            os.write(typing, b"\x15")  # clears the line


def test_a_shell_that_is_not_known_is_refused_with_those_that_are() -> None:
    done = typed("completion", "tcsh")
    assert done.returncode == 2
    assert "there are bash, zsh, fish" in done.stderr
