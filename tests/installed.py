"""Finds the real programs that a test uses; a test whose program is not there is left out, with the way to get it."""

import os
import shutil

import pytest


def installed(name: str, package: str) -> str:
    """The path of a program, which the package brings; without it the test is left out."""
    path = shutil.which(name)
    if path is None:
        said = f"{name} is not installed: apt install {package}"
        # Where every tool ought to be, its absence is a fault of the setup.
        (pytest.fail if os.environ.get("JOBREPORT_TEST_ALL_TOOLS") else pytest.skip)(said)
    return path
