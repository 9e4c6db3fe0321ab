"""Which program a command's name starts: the same one as a shell would start, with the shell's exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobreport.model.catalog import JobState
from jobreport.runner.program import NotFoundError, find, is_script
from runs import Place, Recorder


def file(path: Path, text: str, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_script_without_its_first_line_is_run_by_the_shell(place: Place, recorder: Recorder) -> None:
    file(place.folder / "bin" / "nightly", 'echo "$@"; exit 4')
    path = {"PATH": f"{place.folder}/bin:{os.environ['PATH']}"}
    file(place.folder / "-bin" / "nightly", 'echo "$@"; exit 4')
    for command in ("nightly", str(place.folder / "bin" / "nightly"), "bin/nightly", "-bin/nightly"):
        done = place.call("run", "--", command, "a b", "", "$HOME", env=path)
        assert (done.returncode, done.stdout) == (4, b"a b  $HOME\n")
    assert recorder.reports[-1].state is JobState.Failed


def test_an_empty_file_is_a_script_that_does_nothing(place: Place, recorder: Recorder) -> None:
    assert place.call("run", "--", file(place.folder / "empty", "")).returncode == 0
    assert recorder.reports[-1].state is JobState.Successful


def test_a_binary_that_this_machine_cannot_run_is_not_given_to_the_shell(place: Place, recorder: Recorder) -> None:
    binary = place.folder / "other"
    binary.write_bytes(b"\x7fELG\0\0\0\n touch ran\n")
    binary.chmod(0o755)
    assert place.call("run", "--", binary).returncode == 126
    assert not (place.folder / "ran").exists()
    assert "Exec format error" in recorder.reports[-1].comments


def test_a_script_whose_interpreter_is_not_there_is_told_so(place: Place, recorder: Recorder) -> None:
    script = file(place.folder / "old", "#!/opt/python2/bin/python\n")
    assert place.call("run", "--", script).returncode == 127
    assert "#! was not found" in recorder.reports[-1].comments


def test_a_file_of_the_name_in_this_folder_is_no_program(place: Place, recorder: Recorder) -> None:
    file(place.folder / "nightly", "#!/bin/sh\n")
    assert place.call("run", "--", "nightly").returncode == 127
    assert recorder.reports[-1].comments == "command not found: nightly"


def test_a_whole_command_line_in_quotes_is_answered_by_how_to_write_it(place: Place, recorder: Recorder) -> None:
    done = place.call("run", "--", "echo hello world")
    assert done.returncode == 127
    words = "command not found: echo hello world: the command and its arguments must be separate words"
    assert words.encode() in done.stderr
    assert recorder.reports[-1].comments.startswith(words)


def test_the_first_that_may_be_run_is_taken(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abcd"]
    (folders[0] / "tool").mkdir(parents=True)  # a folder of that name is no program
    file(folders[1] / "tool", "", 0o644)
    file(folders[2] / "tool", "")
    file(folders[3] / "tool", "#!/bin/sh\n")
    path = {"PATH": ":".join(map(str, folders))}
    # As for the shell: a script without `#!` is not passed over for a later program of its name.
    assert find("tool", path) == str(folders[2] / "tool")
    (folders[2] / "tool").unlink()
    (folders[3] / "tool").unlink()
    assert find("tool", path) == str(folders[1] / "tool")
    with pytest.raises(NotFoundError):
        find("toll", path)


def test_an_empty_folder_in_path_is_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file(tmp_path / "tool", "")
    monkeypatch.chdir(tmp_path)
    assert find("tool", {"PATH": "/nowhere::/bin"}) == "./tool"


def test_a_path_is_left_to_the_system() -> None:
    assert find("/bin/sh", {"PATH": ""}) is None


def test_an_empty_name_is_nowhere(place: Place, recorder: Recorder) -> None:
    assert place.call("run", "--", "").returncode == 127
    assert recorder.reports[-1].state is JobState.Failed


def test_text_is_a_script_and_a_binary_is_none(tmp_path: Path) -> None:
    script, binary = tmp_path / "script", tmp_path / "binary"
    script.write_bytes(b"echo done\nexit\n\0 its payload")
    binary.write_bytes(b"\x7fELF\x02\0\0")
    assert is_script(str(script))
    assert not is_script(str(binary))
    assert not is_script(str(tmp_path / "missing"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_may_not_be_searched_has_no_program(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    file(closed / "tool", "")
    closed.chmod(0o700)
    code = (
        "import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "from jobreport.runner.program import NotFoundError, find\n"
        "try: print(find('tool', {'PATH': sys.argv[1] + ':/usr/bin:/bin'}))\n"
        "except NotFoundError: print('none')"
    )
    # What it imports is loaded before it gives up its rights.
    code = f"import jobreport.runner.program\n{code}"
    done = subprocess.run([sys.executable, "-c", code, closed], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "none\n"
