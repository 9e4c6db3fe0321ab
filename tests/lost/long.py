"""How often the tests of this folder do a thing: so that CI bears it, or with JOBREPORT_TEST_LONG, many times that."""

import os

LONG = os.environ.get("JOBREPORT_TEST_LONG", "") not in ("", "0")


def times(ordinarily: int) -> int:
    """Rounds: as many as ordinarily, or ten times as many."""
    return ordinarily * 10 if LONG else ordinarily
