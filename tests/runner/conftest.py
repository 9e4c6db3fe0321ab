"""A recording server, a place to run in, and a small tree to back up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runs import Place, Recorder


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    found = Recorder()
    yield found
    found.close()


@pytest.fixture
def place(tmp_path: Path, recorder: Recorder) -> Place:
    return Place(tmp_path, recorder.url)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Four files of 60,003 bytes, one of them in a folder of its own."""
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    for number in range(3):
        (source / f"f{number}.bin").write_bytes(bytes([number]) * 20_000)
    (source / "sub" / "a.txt").write_bytes(b"abc")
    return tmp_path
