"""A file is written whole or not at all, and for its owner alone."""

import stat
from pathlib import Path

import pytest

from jobreport import atomic_file


def test_a_file_is_made_for_its_owner_alone_with_nothing_beside_it(tmp_path: Path) -> None:
    atomic_file.write(tmp_path / "new", b"content")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"new": b"content"}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


def test_a_file_is_replaced_only_when_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with atomic_file.replacing(path) as (file, partial):
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
        assert partial.read_bytes() == b"new"
        assert [*tmp_path.glob(atomic_file.PARTIAL_FILES)] == [partial]
    assert path.read_bytes() == b"new"
    assert [*tmp_path.iterdir()] == [path]


def test_an_error_in_between_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def broken() -> None:
        with atomic_file.replacing(path) as (file, _):
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"file": b"old"}


def test_a_place_where_nothing_can_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic_file.write(tmp_path / "missing" / "file", b"content")
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        atomic_file.write(tmp_path / "folder", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
