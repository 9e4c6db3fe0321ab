"""How series stand to what is expected of them, now or at a time in the past."""

from collections.abc import Mapping, Sequence

from jobreport.model.judgement import Judgement
from jobreport.model.series_query import Series
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.watch.series_now import series_now, series_then


def judgements(store: Store, tenant: int, listed: Sequence[Series], at: int | None = None) -> Mapping[int, Judgement]:
    """Returns how these series stand, by their numbers; with `at` (ticks), how they stood then."""
    with store.reading() as transaction:
        whose = tenants.by_number(transaction, tenant)
        if whose is None:
            return {}
        if at is None:
            found = series_now(transaction, whose, listed, store.clock())
        else:
            found = series_then(transaction, whose, listed, at)
        return {one.series.number: one.judgement for one in found}
