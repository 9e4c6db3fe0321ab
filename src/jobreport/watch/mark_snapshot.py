"""Takes the snapshot of a series with which a mark is compared, and says whether a series is still retired.

A person marks a series as it is then ("I have it"). The mark ends when the series gets worse or has another cause. So
the state at that time is stored with the mark, and compared with the state now (`model.need.held`).
"""

from jobreport.model.judgement import Judgement, Verdict
from jobreport.model.need import Held, Kind, Mark, Snapshot, held
from jobreport.model.series_query import Series
from jobreport.store.query.series.announced import Announced

_MET = Judgement(Verdict.MET, "")


def is_retired(mark: Mark, one: Series, coming: Announced, now: int) -> bool:
    """Returns whether a series was retired on purpose and has had no new job since."""
    return mark.kind is Kind.RETIRED and held(mark, snapshot_of(one, _MET, coming), now) is Held.HOLDS


def snapshot_of(one: Series, judgement: Judgement, coming: Announced) -> Snapshot:
    """Returns the state of a series now, to be stored with a mark or compared with the one stored with it."""
    status = one.status
    last = max(status.newest_filed, coming.due)
    return Snapshot(judgement.need, status.ended_state, judgement.cause, status.good_filed, last)
