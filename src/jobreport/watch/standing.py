"""How series stand to what is expected of them: as it was judged last, or as it was at a time in the past."""

from collections.abc import Mapping, Sequence

from jobreport.model.judgement import Judgement
from jobreport.model.series_query import Series
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.store.watch import verdicts
from jobreport.watch.facts import judged_at


def judgements(store: Store, tenant: int, listed: Sequence[Series], at: int | None = None) -> Mapping[int, Judgement]:
    """Returns what was judged of these series, by their numbers; with `at` (ticks), how they stood then. Those that
    were not judged yet are left out.
    """
    numbers = [one.number for one in listed]
    with store.reading() as transaction:
        if at is None:
            kept = verdicts.kept(transaction, tenant, numbers)
            return {
                number: Judgement(one.verdict, one.sentence, one.cause, one.due, one.job)
                for number, one in kept.items()
            }
        whose = tenants.by_number(transaction, tenant)
        return judged_at(transaction, whose, listed, at) if whose else {}
