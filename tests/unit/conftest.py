"""A clock in the test's hand, and a store in a file that goes by it."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clocks import Clock
from jobreport.store import Store, open_store

# `generate`, which writes the reference, and its `blocks` lie beside the pages; last, so that `build` hides no package.
sys.path.append(str(Path(__file__).parents[2] / "docs"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(new_file: Path, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{shutil.copy(new_file, tmp_path)}", clock=clock)
    yield opened
    opened.close()
