"""Whatever becomes of series, each message is told once, in order, and nothing that goes on is left untold."""

from collections.abc import Callable
from itertools import groupby

from example_incidents import Watch
from hypothesis import given
from hypothesis import strategies as st
from naive_series import LAWS

from clocks import Clock
from jobreport.model.judgement import Verdict
from jobreport.model.message import Step
from jobreport.store import Store
from jobreport.store.watch import incidents, notices

SERIES = range(1, 6)
HAPPENS = st.tuples(
    st.lists(st.sampled_from(SERIES), min_size=1, max_size=4, unique=True),
    st.sampled_from([one for one in Verdict if one is not Verdict.RUNNING]),
    st.sampled_from(["", "locked", "no-space"]),
)
WAITS = st.sampled_from([0, 1, 5, 7, 90, 26 * 60])


@LAWS
@given(steps=st.lists(st.tuples(HAPPENS, WAITS), max_size=12))
def test_each_group_is_opened_once_and_closed_once_and_all_that_goes_on_is_told(
    store: Store,
    new_tenant: Callable[[], int],
    clock: Clock,
    steps: list[tuple[tuple[list[int], Verdict, str], int]],
) -> None:
    watch = Watch(store, new_tenant(), clock)
    for (series, verdict, cause), minutes in steps:
        watch.happens(verdict, *series, cause=cause)
        watch.look()
        watch.after(minutes)
    watch.after(6)
    with store.reading() as transaction:
        going_on = [one for one in incidents.open_of(transaction, watch.tenant, SERIES).values() if one.waits]
        of_each = notices.of_incidents(transaction, watch.tenant, [one.incident for one in going_on])
    assert all(each.told for one in going_on for each in of_each[one.incident])
    watch.happens(Verdict.MET, *SERIES)
    watch.look()
    assert watch.after(3 * 24 * 60) == []
    messages = sorted((one.message for one in watch.deliveries()), key=lambda one: one.id)
    for _, those in groupby(messages, lambda one: one.incident):
        of_group = [*those]
        assert [int(one.id[-4:]) for one in of_group] == [*range(1, len(of_group) + 1)]
        assert [one.at for one in of_group] == sorted(one.at for one in of_group)
        assert [number for number, one in enumerate(of_group) if one.step is Step.OPENED] == [0]
        assert [number for number, one in enumerate(of_group) if one.step is Step.CLOSED] == [len(of_group) - 1]
