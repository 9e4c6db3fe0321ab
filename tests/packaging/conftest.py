"""The Debian package, built once for all tests of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from machine import possible

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, as `make deb` builds it."""
    # Shared by the processes that run the tests beside each other.
    shared = tmp_path_factory.getbasetemp()
    folder = (shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared) / "deb"
    with FileLock(f"{folder}.lock"):
        return next(folder.glob("jobreport_*.deb"), None) or _build(folder)


def _build(folder: Path) -> Path:
    build = [sys.executable, ROOT / "deploy/debian/build.py", folder]
    # Neither this environment's settings nor its umask may show in the package.
    done = subprocess.run(build, capture_output=True, text=True, check=False, umask=0o077)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("jobreport_*.deb")
    assert str(built) in done.stdout
    return built


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves tests out, with the reason, where there can be no machine of their own."""
    reason = possible()
    if not reason and shutil.which("dpkg-deb") is None:
        reason = "not installed: dpkg"
    for item in items:
        if reason and Path(__file__).parent in item.path.parents and not os.environ.get("JOBREPORT_TEST_ALL_TOOLS"):
            item.add_marker(pytest.mark.skip(reason=reason))
