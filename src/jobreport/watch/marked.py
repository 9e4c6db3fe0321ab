"""How a series is found that somebody marked, and whether it is still retired."""

from jobreport.model.judgement import Judgement, Verdict
from jobreport.model.need import Found, Held, Kind, Mark, held
from jobreport.model.series_query import Series
from jobreport.store.query.series.announced import Announced

_MET = Judgement(Verdict.MET, "")


def is_retired(mark: Mark, one: Series, coming: Announced, now: int) -> bool:
    """Returns whether a series no longer runs, on purpose, and nothing came of it since that was said."""
    return mark.kind is Kind.RETIRED and held(mark, found_so(one, _MET, coming), now) is Held.HOLDS


def found_so(one: Series, judgement: Judgement, coming: Announced) -> Found:
    """Returns how a series is found, to be compared with how it was found when it was marked."""
    status = one.status
    last = max(status.newest_filed, coming.due)
    return Found(judgement.need, status.ended_state, judgement.cause, status.good_filed, last)
