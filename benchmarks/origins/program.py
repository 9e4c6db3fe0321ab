"""What the program of an origin does: it serves many jobs until standard input ends, or reads them: as plainly as can
be, or by the vendor's own library, as any script would have to.
"""

import resource
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[2] / "tests"
sys.path[:0] = [str(TESTS / "connectors"), str(TESTS)]


def run(
    serving: Callable[[int], AbstractContextManager[str]],
    read: Callable[[str], int],
    listed: Callable[[str], int] | None = None,
) -> None:
    """`serve JOBS` prints the address, and at the end the seconds of processor time since then; `read ADDRESS` and
    `list ADDRESS`, by the vendor's library if there is one, print how many jobs all pages have.
    """
    if (how := {"read": read, "list": listed}.get(sys.argv[1])) is not None:
        print(how(sys.argv[2]))
        return
    with serving(int(sys.argv[2])) as url:
        before = _processor()
        print(url, flush=True)
        sys.stdin.read()
        print(_processor() - before, flush=True)


def _processor() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime
