"""How a series stands, in words: since when it is not good, how often, and when it last was."""

import msgspec
from markupsafe import Markup

from jobreport.model.catalog import NOT_GOOD, JobState
from jobreport.model.series import SeriesStatus
from jobreport.model.series_query import Series
from jobreport.monitor.links import Go
from jobreport.monitor.texts import Times, size
from jobreport.monitor.views.strips import kind_of


class Standing(msgspec.Struct, frozen=True):
    """How a series stands. `kind` is the sign, `words` says why it is not well (empty if it is), `last_good` when the
    last good copy ended, and `ago` how old it is; both empty if there never was one.
    """

    kind: str
    is_well: bool
    words: str | Markup
    last_good: str | Markup
    ago: str
    copy: str


def standing(status: SeriesStatus, times: Times) -> Standing:
    """Returns how a series stands at the time of `times`."""
    ended = JobState(status.ended_state)
    is_well = not status.not_good and bool(status.good_id)
    kind = kind_of({status.ended_state: 1}) if status.ended_id else ("running" if status.unfinished else "none")
    if status.not_good and ended not in NOT_GOOD:
        kind = "failed"
    return Standing(
        kind=kind if not is_well else "good",
        is_well=is_well,
        words=_words(status, times),
        last_good=times.short(status.good_finish) if status.good_id else "",
        ago=times.ago(status.good_finish) if status.good_id else "",
        copy=f"{status.good_objects:,} objects, {size(status.good_bytes)}" if status.good_id else "",
    )


def _words(status: SeriesStatus, times: Times) -> str | Markup:
    if status.not_good:
        often = f", {status.not_good:,} times in a row" if status.not_good > 1 else ""
        return Markup("not good since {}{}").format(times.short(status.not_good_since), often)
    if status.good_id:
        return ""
    return "runs for the first time" if status.unfinished else "no good job yet"


def series_address(go: Go, number: int) -> str:
    """Returns the address of the page of a series."""
    return go(f"/series/{number}")


def jobs_of(one: Series) -> dict[str, str]:
    """Returns the parameters of the list with the jobs of a series."""
    pairs = {
        "serviceType": one.service.name,
        "jobType": one.type.name,
        "plan": one.plan,
        "resource": one.resource,
        "origin": one.origin,
    }
    return {name: text for name, text in pairs.items() if text}
