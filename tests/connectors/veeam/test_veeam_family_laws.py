"""A law of sessions that hold others together: however their list is paged, what is told is each job, and once."""

import json

from fakes.veeam.veeam_records import session
from fakes.veeam.veeam_server import name_of
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.connectors.kinds.veeam.families import Families
from jobreport.connectors.kinds.veeam.records import session_of
from jobreport.model import ticks
from strategies import NOW

MINUTE = 60 * ticks.PER_SECOND
POLICIES = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 60), st.lists(st.tuples(st.integers(0, 59), st.integers(1, 30)))),
    max_size=6,
)


@given(POLICIES, st.integers(1, 5), st.integers(0, 120))
@settings(max_examples=60)
def test_a_policy_is_told_where_it_has_no_part_and_each_part_always(
    policies: list[tuple[int, int, list[tuple[int, int]]]], page: int, cut: int
) -> None:
    listed, wanted, number = [], set(), 0
    for begins, length, parts in policies:
        number += 1
        policy, begun = number, NOW + begins * MINUTE
        last = max((at + of for at, of in parts), default=0)
        ended = begun + max(length, last) * MINUTE
        listed.append((begun, session(policy, begun, ended, sessionType="AgentPolicy")))
        for at, of in parts:
            number += 1
            start = begun + at * MINUTE
            record = session(
                number, start, start + of * MINUTE, sessionType="AgentBackup", parentSessionId=name_of(policy)
            )
            listed.append((start, record))
            wanted.add(name_of(number))
        if not parts:
            wanted.add(name_of(policy))
    listed.sort(key=lambda one: one[0])
    told: list[str] = []
    families = Families(None)
    for first in range(0, len(listed), page):
        for _, record in listed[first : first + page]:
            raw = json.dumps(record).encode()
            families.take(raw, session_of(raw), ticks.from_iso(record["endTime"]))
        told += [one.session.id for one in families.ready(listed[min(first + page, len(listed)) - 1][0])]
    told += [one.session.id for one in families.ready(ticks.YEAR_2200)]
    assert sorted(told) == sorted(wanted)
    # What the next look must know: the parents that it may still bring.
    noted = families.notes(NOW + cut * MINUTE)["parents"]
    ends = {record["id"]: ticks.from_iso(record["endTime"]) for _, record in listed}
    assert all(ends[one] >= NOW + cut * MINUTE for one in noted)
    assert Families(json.loads(json.dumps({"parents": noted}))).notes(0)["parents"] == noted
