"""The sentence of the overview and of each digest: how all series of a tenant stand, in numbers that add up.

Each series is counted once: it needs somebody, somebody has it, nothing can be said of it yet, or it is well. The word
is "well" and not "protected", since some series, such as restores, leave no copy that could protect anything.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from jobreport.model.catalog import JobState
from jobreport.model.need import Need, Standing
from jobreport.model.need_words import counted
from jobreport.store.watch.standing import Stand
from jobreport.watch.numbers import NeedsNow

NAMES: Final = {
    Standing.NEEDS_YOU: "needs you",
    Standing.IN_HANDS: "somebody has it",
    Standing.NOT_JUDGED: "no good run yet",
    Standing.NO_RHYTHM: "no known rhythm",
    Standing.MAINTENANCE: "in maintenance",
    Standing.RETIRED: "retired",
}
"""How series may stand, in the same words on each page."""
_NOT_GOOD: Final = {
    JobState.Failed: "failed",
    JobState.Exception: "with exceptions",
    JobState.Stopped: "stopped",
}
_SOFT: Final = (JobState.Exception, JobState.Stopped)
_SOFT_NEEDS: Final = (Need.OVERLONG, Need.SHRUNK)
"""If series need somebody only for these states and needs, there is a backup, and the sentence is only a warning."""
_REASONS: Final = (Need.NOT_STARTED, Need.TOO_OLD, Need.OVERLONG, Need.SHRUNK, Need.NO_DATA)


class Sentence(NamedTuple):
    """A sentence. `mood`: good, warn, bad, or none if nothing can be said. `detail` goes on after a colon; it may be
    empty.
    """

    mood: str
    main: str
    detail: str


def sentence(needs: NeedsNow, long: int = 0, blind: int = 0) -> Sentence:
    """Returns how the series stand that are not retired. `long`: how many jobs run far longer than usual, which may
    belong to any of these series. `blind`: how many connectors have no data, so that not all is seen.
    """
    found = _sentence(needs)
    if not (long or blind):
        return found
    running = f"{long:,} {'runs' if long == 1 else 'run'} longer than usual" if long else ""
    unseen = f"{blind:,} {'connector has' if blind == 1 else 'connectors have'} no data" if blind else ""
    detail = _joined(found.detail, running, unseen)
    return found._replace(mood="bad" if found.mood == "bad" else "warn", detail=detail)


def _sentence(needs: NeedsNow) -> Sentence:
    need, held, every = needs.need, len(needs.in_hands), f"{needs.series:,} series"
    free, states = needs.numbers.needs(), needs.numbers.not_good()
    soft = sum(states[state] for state in _SOFT) + sum(free[one] for one in _SOFT_NEEDS)
    others = ", ".join(_others(needs))
    if need:
        others = ", ".join(filter(None, (f"somebody has {held:,}" if held else "", others)))
        main = f"{need:,} of {every} {'needs' if need == 1 else 'need'} you"
        return Sentence("warn" if need == soft else "bad", main, _joined(", ".join(_why(needs)), others))
    if held:
        soft = sum(number for stand, number in needs.numbers.held.items() if _is_soft(stand))
        main = f"{held:,} of {every} {_are(held)} not good"
        has = f"somebody has {'it' if held == 1 else 'them'}"
        return Sentence("warn" if held == soft else "bad", main, _joined(has, others))
    well = needs.numbers.well
    if not well and not (needs.not_judged or needs.maintenance or needs.numbers.waiting):
        return Sentence("none", "Nothing can be said yet", _nothing(needs))
    if needs.maintenance == needs.series:
        main = f"All {every} are in maintenance" if needs.series > 1 else "The only series is in maintenance"
        return Sentence("none", main, "")
    if well == needs.series:
        return Sentence("good", f"All {every} are well" if well > 1 else "The only series is well", "")
    if first := needs.not_judged:
        told = [one for one in _others(needs) if not one.endswith(NAMES[Standing.NOT_JUDGED])]
        main = f"{first:,} of {every} {_have(first)} {NAMES[Standing.NOT_JUDGED]}"
        return Sentence("warn", main, ", ".join(told))
    return Sentence("good" if well else "none", f"{well:,} of {every} {_are(well)} well", ", ".join(_unknown(needs)))


def _is_soft(stand: Stand) -> bool:
    return stand.need in _SOFT_NEEDS or (stand.need is Need.NOT_GOOD and stand.state in _SOFT)


def silence(needs: NeedsNow, since: str) -> Sentence:
    """Returns the sentence of a tenant that has reported nothing `since` then, for longer than is usual for it."""
    every = f"{needs.series:,} series"
    detail = f"nothing is known of its {every}"
    if need := needs.need:
        others = ", and nothing is known of the others" if need < needs.series else ""
        detail = f"{need:,} of {every} {'needs' if need == 1 else 'need'} you{others}"
    return Sentence("bad", f"Nothing reported since {since}", detail if needs.series else "")


def by_state(not_good: Mapping[int, int]) -> list[str]:
    """Returns how many series are in which state, of those that are not good: `9 failed`, `4 with exceptions`."""
    told = [f"{number:,} {word}" for state, word in _NOT_GOOD.items() if (number := not_good.get(state, 0))]
    if others := sum(number for state, number in not_good.items() if state not in _NOT_GOOD):
        told.append(f"{others:,} skipped after a failure")
    return told


def _why(needs: NeedsNow) -> list[str]:
    """Returns why series need somebody: each of them for one reason."""
    free = needs.numbers.needs()
    return [*by_state(needs.numbers.not_good()), *(counted(one, free[one]) for one in _REASONS if free[one])]


def _others(needs: NeedsNow) -> list[str]:
    well = needs.numbers.well
    return [*_unknown(needs), *([f"{well:,} {_are(well)} well"] if well else [])]


def _unknown(needs: NeedsNow) -> list[str]:
    """Returns how many series are neither well nor need somebody, one text for each reason."""
    free, waiting = needs.numbers.needs(), needs.numbers.waiting
    told = [counted(one, free[one]) for one in (Need.NO_COPY, Need.NO_RHYTHM, Need.MAINTENANCE) if free[one]]
    return [*told, *([f"{waiting:,} {_are(waiting)} being judged"] if waiting else [])]


def _nothing(needs: NeedsNow) -> str:
    if needs.no_rhythm:
        return ", ".join(_unknown(needs))
    return "all that there was is retired" if needs.retired else "no job names its plan or its resource"


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"
