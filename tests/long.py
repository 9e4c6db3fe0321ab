"""How often a test does a thing or tries a law: so that CI bears it, or with JOBREPORT_TEST_LONG, ten times that."""

import os

LONG = os.environ.get("JOBREPORT_TEST_LONG", "") not in ("", "0")


def times(ordinarily: int) -> int:
    """Rounds or examples: as many as ordinarily, or ten times as many."""
    return ordinarily * 10 if LONG else ordinarily
