"""A recording server and a place to run in."""

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
