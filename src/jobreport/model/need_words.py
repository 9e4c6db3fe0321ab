"""The words for how series stand and for their verdicts, the same wherever people read of them."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from jobreport.model.judgement import NEED_OF, Verdict
from jobreport.model.need import Need


class Words(NamedTuple):
    """The word for a series that stands so, and what is said of a number of them: of one, and of many."""

    word: str
    one: str
    many: str


WORDS: Final[Mapping[Need, Words]] = {
    Need.WELL: Words("Good", "is well", "are well"),
    Need.NO_RHYTHM: Words("No known rhythm", "has no known rhythm", "have no known rhythm"),
    Need.NO_COPY: Words("No good run yet", "has no good run yet", "have no good run yet"),
    Need.NOT_STARTED: Words("Did not start", "did not start", "did not start"),
    Need.TOO_OLD: Words("Too old", "too old", "too old"),
    Need.NOT_GOOD: Words("Failing", "is failing", "are failing"),
    Need.OVERLONG: Words("Takes too long", "takes too long", "take too long"),
    Need.SHRUNK: Words("Shrunk", "much smaller than usual", "much smaller than usual"),
    Need.NO_DATA: Words("No data", "without data", "without data"),
    Need.MAINTENANCE: Words("In maintenance", "in maintenance", "in maintenance"),
}
WORD_OF: Final[Mapping[Verdict, str]] = {verdict: WORDS[need].word for verdict, need in NEED_OF.items()}
"""The word for each verdict that is not that all is well."""


def counted(need: Need, number: int) -> str:
    """Returns what is said of so many series that stand so: `3 did not start`."""
    words = WORDS[need]
    return f"{number:,} {words.one if number == 1 else words.many}"
