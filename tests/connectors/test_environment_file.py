"""The secrets that a tool is given from files, and what is said of files that are not as they should be."""

from pathlib import Path

import pytest

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.environment_file import environment, secret


def test_variables_are_read_as_shells_and_systemd_write_them(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text(
        "# the repository in the cellar\n\nRESTIC_PASSWORD=\"it's # long\"\nexport A='b c' B=$A\nEMPTY=\n", "utf-8"
    )
    assert environment(str(file)) == {"RESTIC_PASSWORD": "it's # long", "A": "b c", "B": "$A", "EMPTY": ""}


def test_a_secret_is_without_the_end_of_its_line(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b" hunter2 \r\n")
    assert secret(str(file)) == " hunter2 "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"A=b\nhunter2\n", 'line 2, is no NAME="value"'),
        (b"1A=hunter2\n", 'line 1, is no NAME="value"'),
        (b"A='hunter2\n", "line 1, cannot be read: No closing quotation"),
        (b"A=\xff", "cannot be read: it is not UTF-8"),
        (b"A=\0", "cannot be read: it has a NUL character"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_without_what_it_holds(tmp_path: Path, text: bytes, said: str) -> None:
    file = tmp_path / "env"
    file.write_bytes(text)
    with pytest.raises(CannotReadError, match=said) as told:
        environment(str(file))
    assert "hunter2" not in str(told.value)


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(CannotReadError, match=r"^/no/file cannot be read: No such file or directory$"):
        secret("/no/file")
