"""How a series stands, in words: since when it is not good, how often it failed, and when it was last good."""

import msgspec
from markupsafe import Markup

from jobreport.model.need import BAD, Need, Standing
from jobreport.model.series_query import Series
from jobreport.monitor.links import Go
from jobreport.monitor.texts import Times, plural, size
from jobreport.monitor.views.marks import Said, agreed_words, said
from jobreport.monitor.views.rows import state_of
from jobreport.watch.series_now import SeriesNow


class StandingView(msgspec.Struct, frozen=True):
    """How a series stands. `kind` is the sign, `word` its state, `words` says why it is not well (empty if it is),
    `last_good` when the last good copy ended, and `ago` how old it is; both empty if there never was one. `agreed` says
    how old it may become. `said`: what a person said of it, if that still holds; otherwise
    that is `before`, and `ended` says why it does not.
    """

    kind: str
    word: str
    is_well: bool
    needs_you: bool
    can_be_marked: bool
    words: str | Markup
    last_good: str | Markup
    ago: str
    copy: str
    agreed: str | Markup
    said: Said | None
    before: Said | None
    ended: str


def standing(judged: SeriesNow, times: Times) -> StandingView:
    """Returns how a series stands at the time of `times`."""
    status = judged.series.status
    kind, word = state_of(judged)
    if judged.need is Need.NO_COPY and status.unfinished:
        kind, word = "running", "Running"
    mark = said(judged.mark, times) if judged.mark else None
    if judged.standing is Standing.RETIRED:
        kind, word = "skipped", "Retired"
    return StandingView(
        kind=kind,
        word=word,
        is_well=judged.standing is None,
        needs_you=judged.standing is Standing.NEEDS_YOU,
        can_be_marked=judged.need in BAD,
        words=_words(judged, times),
        last_good=times.short(status.good_finish) if status.good_id else "",
        ago=times.ago(status.good_finish) if status.good_id else "",
        copy=f"{plural(status.good_objects, 'object')}, {size(status.good_bytes)}" if status.good_id else "",
        agreed=agreed_words(judged.agreed),
        said=mark if judged.holds else None,
        before=None if judged.holds else mark,
        ended=str(judged.held or ""),
    )


def _words(judged: SeriesNow, times: Times) -> str | Markup:
    status = judged.series.status
    match judged.need:
        case Need.NOT_GOOD:
            often = f", {status.not_good:,} times in a row" if status.not_good > 1 else ""
            return Markup("not good since {}{}").format(times.short(status.not_good_since), often)
        case Need.NOT_STARTED:
            return Markup("should have started {}").format(times.short(judged.due))
        case Need.TOO_OLD:
            return "older than agreed"
        case Need.NO_COPY:
            return "runs for the first time" if status.unfinished else ""
        case Need.NO_RHYTHM:
            return "too few jobs tell how old its copy may become"
        case Need.OVERLONG | Need.SHRUNK | Need.NO_DATA | Need.MAINTENANCE:
            return judged.judgement.sentence
        case _:
            return ""


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
