"""A tool that lists many things that a repository has: a script that prints what was written beforehand."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import program

_SCRIPT: Final = """#!/bin/sh
case "$*" in
  *{asks}*) cat "$(dirname "$0")/about" ;;
  *) cat "$(dirname "$0")/list" ;;
esac
"""


def run(tool: str, asks: str, about: dict[str, Any], listed: Callable[[int], Any], *, key: str = "") -> None:
    """Serves in a folder a program of this name. With the word `asks` among its arguments it tells `about` the
    repository; else it lists so many things, in a list of this `key` in an object, or alone.
    """

    @contextmanager
    def served(jobs: int) -> Iterator[str]:
        with tempfile.TemporaryDirectory(prefix="listing-") as folder:
            every = [listed(number) for number in range(jobs)]
            Path(folder, "about").write_text(json.dumps(about))
            Path(folder, "list").write_text(json.dumps({key: every} | about if key else every))
            script = Path(folder, tool)
            script.write_text(_SCRIPT.format(asks=asks))
            script.chmod(0o700)
            yield folder

    def read(folder: str) -> int:
        done = subprocess.run([Path(folder, tool), "list"], capture_output=True, check=True)
        found = json.loads(done.stdout)
        return len(found[key] if key else found)

    program.run(served, read)
