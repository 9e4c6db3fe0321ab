"""How incidents are bundled into messages: each once, those that have the most in common together."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jobreport.model import incident_words as words
from jobreport.model.incident import Incident
from jobreport.model.incident_groups import Common, Group, bundled, has_grown, joined, key_of
from jobreport.model.judgement import NEEDS_SOMEBODY, Verdict
from strategies import NOW
from verdicts import incident

PLAIN = incident(1, "0")
ONE = st.builds(
    lambda verdict, cause, connector, origin: replace(
        PLAIN, verdict=verdict, cause=cause, connector=connector, origin=origin
    ),
    st.sampled_from(sorted(NEEDS_SOMEBODY)),
    st.sampled_from(["", "locked", "no-space"]),
    st.sampled_from(["", "prod", "test"]),
    st.sampled_from(["", "runner/a", "runner/b"]),
)
MANY = st.lists(ONE, max_size=12).map(
    lambda found: [replace(one, incident=str(number)) for number, one in enumerate(found)]
)


@given(MANY)
def test_each_incident_is_told_once_and_with_those_that_it_has_something_in_common_with(found: list[Incident]) -> None:
    bundles = [*bundled(found)]
    assert Counter(one.incident for bundle in bundles for one in bundle.incidents) == Counter(
        one.incident for one in found
    )
    order = [*Common]
    assert all(order.index(first.common) <= order.index(second.common) for first, second in pairwise(bundles))
    for bundle in bundles:
        if bundle.common not in (Common.ONE, Common.TENANT):
            assert bundle.key
            assert {key_of(one, bundle.common) for one in bundle.incidents} == {bundle.key}
    rest = [bundle for bundle in bundles if bundle.common in (Common.ONE, Common.TENANT)]
    assert len(rest) <= 1
    for common in (Common.CAUSE, Common.CONNECTOR, Common.HOST):
        keys = [key_of(one, common) for bundle in rest for one in bundle.incidents]
        assert all(number == 1 for key, number in Counter(keys).items() if key)


@given(MANY)
def test_every_message_says_how_many_it_is_about(found: list[Incident]) -> None:
    for bundle in bundled(found):
        said = words.opened(bundle.incidents, bundle.common)
        number = len(bundle.incidents)
        assert said.startswith(f"{number} backups " if number > 1 else bundle.incidents[0].name)
        assert len(words.lines(bundle.incidents)) == min(number, words.LISTED)


def group(common: Common, one: Incident, **more: int) -> Group:
    return Group(
        tenant=1, group="g", rule="r", channels=("c",), common=common, key=key_of(one, common), begun=NOW, **more
    )


def test_only_what_has_the_same_in_common_joins_and_not_for_ever() -> None:
    told = group(Common.CAUSE, PLAIN, told=NOW)
    assert joined(PLAIN, [told], NOW + 5, 10, {}) is told
    assert joined(PLAIN, [told], NOW + 10, 10, {}) is None
    assert joined(replace(PLAIN, cause="no-space"), [told], NOW, 10, {}) is None
    assert joined(replace(PLAIN, cause=""), [group(Common.TENANT, PLAIN, told=NOW)], NOW, 10, {}) is None
    elsewhere = replace(PLAIN, origin="runner/web-2")
    assert joined(elsewhere, [told], NOW, 10, {}) is told
    assert joined(elsewhere, [group(Common.ONE, PLAIN, told=NOW)], NOW, 10, {}) is None


def test_what_does_not_start_joins_only_what_does_not_at_its_own_place() -> None:
    one = replace(PLAIN, verdict=Verdict.MISSED, cause="not-started")
    told, places = group(Common.CAUSE, one, told=NOW), {"g": {"runner/a", "prod"}}
    for place in ({"origin": "runner/a"}, {"connector": "prod", "origin": "exec/prod"}):
        assert joined(replace(one, **place), [told], NOW, 10, places) is told
    assert joined(replace(one, origin="runner/b"), [told], NOW, 10, places) is None


def test_a_group_has_grown_when_it_is_ten_times_as_large() -> None:
    assert [has_grown(group(Common.ONE, PLAIN, size=2), size) for size in (19, 20)] == [False, True]


def test_what_is_worst_is_listed_first_then_what_is_oldest() -> None:
    found = [
        replace(PLAIN, resource="young", opened=NOW + 2),
        replace(PLAIN, resource="old", opened=NOW),
        replace(PLAIN, resource="worst", opened=NOW + 3, verdict=Verdict.STALE),
    ]
    assert [line.partition(":")[0] for line in words.lines(found)] == [
        "nightly · worst",
        "nightly · old",
        "nightly · young",
    ]
