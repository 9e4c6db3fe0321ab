"""The secrets that a tool is given from files, and what is said of files that are not as they should be."""

from pathlib import Path

import pytest

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.environment_file import check_no_password, environment


def test_variables_are_read_as_shells_and_systemd_write_them(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text(
        "# the repository in the cellar\n\nRESTIC_PASSWORD=\"it's # long\"\nexport A='b c' B=$A\nEMPTY=\n", "utf-8"
    )
    assert environment(str(file)) == {"RESTIC_PASSWORD": "it's # long", "A": "b c", "B": "$A", "EMPTY": ""}


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


def test_a_file_that_is_not_there_is_told_and_without_one_there_is_nothing() -> None:
    with pytest.raises(CannotReadError, match=r"^/no/file cannot be read: No such file or directory$"):
        environment("/no/file")
    assert environment("") == {}


@pytest.mark.parametrize("address", ["/srv/restic", "sftp:me@nas:/srv", "ssh://me@nas:22/./a", "s3:https://a.b/c:d@e"])
def test_an_address_without_a_password_may_stand_in_the_settings(address: str) -> None:
    check_no_password("repository", address, "RESTIC_REPOSITORY")


@pytest.mark.parametrize("address", ["rest:https://me:hunter2@nas/", "ssh://:hunter2@nas/./a"])
def test_an_address_with_a_password_is_refused_without_telling_it(address: str) -> None:
    with pytest.raises(ValueError, match="repository must hold no password: set RESTIC_REPOSITORY") as told:
        check_no_password("repository", address, "RESTIC_REPOSITORY")
    assert "hunter2" not in str(told.value)
