"""What a reporter can see of a job at its origin. It decides whose report counts if several report the same backup."""

from enum import StrEnum
from typing import Final


class Sees(StrEnum):
    """What whoever tells of a job looks at, the one that sees most first: its word counts before the others'."""

    RUNS = "runs"
    """The run itself, or a log of all runs: each failure is seen."""
    OBJECTS = "objects"
    """Things that have a state: most failures are seen, but things are forgotten."""
    RESULTS = "results"
    """What exists: a run that failed leaves no trace, and one with faults looks like a good one."""

    @property
    def rank(self) -> int:
        """Its place among them, from 0. The smaller one sees more."""
        return _RANKS[self]

    @property
    def in_words(self) -> str:
        """Who tells of a job, for people; empty for one that sees runs, as is expected."""
        return _WORDS[self]


_RANKS: Final = {sees: rank for rank, sees in enumerate(Sees)}
_WORDS: Final = {
    Sees.RUNS: "",
    Sees.OBJECTS: "a list of things with a state, which may be forgotten",
    Sees.RESULTS: "a list of results, in which a failure leaves no trace",
}
EVERY: Final = tuple(Sees)
"""Each of them, in the place of its rank."""
