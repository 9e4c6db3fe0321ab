"""Whichever way a search goes, through all jobs, candidates or descriptions, it finds what reading all jobs finds."""

import re
from collections.abc import Callable
from itertools import product

import pytest
from example_jobs import done
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import COUNTED, SORTS, TEXTS, filed_jobs, naive_ids

from jobreport.model.job import REFERENCE, Job, fold
from jobreport.model.query import NEWEST_FIRST, JobFilter, JobQuery, Sort
from jobreport.store import Store
from jobreport.store.query import pages
from jobreport.store.query.search import BOUNDS, Bounds
from long import times
from strategies import NOW

LAWS = settings(max_examples=times(15), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

# Folding makes ASCII of the Kelvin sign, \xdf, \u017f and \ufb01, and two characters of \u0130; the index of ID parts
# fills up with \x1f, and takes \ufffe and \uffff for \ufffd; nothing comes after \U0010ffff.
ODD = st.text(
    st.sampled_from(
        "aAkKsSfFiI12%_\\'\"*-+^ \u212a\xdf\u017f\ufb01\u0130\u0131\x1f\x01\x7f\ufffd\ufffe\uffff\U0010ffff😀"
    ),
    max_size=8,
)
OTHER_TERMS = ODD.filter(bool) | TEXTS.filter(bool)
FILED = st.lists(filed_jobs(), min_size=1, max_size=20, unique_by=lambda job: job.job_id)
IDS = st.lists(ODD.filter(bool) | st.from_regex("(ab|aba|aaa)+", fullmatch=True), unique=True, max_size=20)
FEW = (0, 2, 100)
REFERENCES = st.just("") | st.text(st.sampled_from("aAkKsSfFiI12%_\\'\"*-+^ "), max_size=8).map("{}:".format)


@st.composite
def searched(draw: st.DrawFn, kept: list[Job]) -> str:
    """A term that is part of some job's text, folded or not, as often as any other."""
    folded, job = draw(st.booleans()), draw(st.sampled_from(kept))
    text = draw(st.sampled_from([job.job_id, job.description, job.reference])) or job.job_id
    text = fold(text) if folded else text
    first = draw(st.integers(0, len(text) - 1))
    part = text[first : first + draw(st.integers(1, 12))]
    return draw(st.just(part) | st.just(part + part) | OTHER_TERMS)


@st.composite
def oddly_named(draw: st.DrawFn) -> list[Job]:
    """Jobs whose IDs and references are hard to search, some of them by the same parts over and over."""
    named = draw(FILED)
    ids = draw(IDS)
    renamed = [job.evolve(job_id=job_id[:20]) for job, job_id in zip(named, ids, strict=False)]
    jobs = {job.job_id: job for job in [*renamed, *named[len(renamed) :]]}.values()
    return [
        job.evolve(reference=reference and (job.job_id if same else f"{reference}{number}"))
        for number, job in enumerate(jobs)
        for reference in [draw(REFERENCES)]
        for same in [re.fullmatch(REFERENCE, job.job_id) and draw(st.booleans())]
    ]


@LAWS
@given(
    kept=oddly_named(),
    where=COUNTED,
    sort=st.just(NEWEST_FIRST) | SORTS,
    size=st.integers(1, 5),
    few=st.sampled_from([0, 1, 3, 10, 100]),
    data=st.data(),
)
def test_any_term_finds_what_reading_all_jobs_finds_whatever_counts_as_few_and_as_far(
    store: Store,
    new_tenant: Callable[[], int],
    kept: list[Job],
    where: JobFilter,
    sort: Sort,
    size: int,
    few: int,
    data: st.DataObject,
) -> None:
    tenant = new_tenant()
    store.record(tenant, [job.evolve(description="before", reference="", observed=1) for job in kept[::2]])
    store.record(tenant, kept)
    query = JobQuery(where=replace(where, search=data.draw(searched(kept))), sort=sort, size=size)
    expected = naive_ids(kept, NOW, query)
    for page in {0, 1, len(expected) // size, len(expected) // size + 1, 2**31 - 1}:
        # By parts or by reading all; walked to or by its day, which is counted at once or afterwards.
        for most, many, large in product((0, 10**6), repeat=3):
            found = searched_for(store, tenant, replace(query, page=page), Bounds(few, most, many, large, rows=few))
            assert found == (len(expected), expected[page * size :][:size])


def searched_for(store: Store, tenant: int, query: JobQuery, bounds: Bounds) -> tuple[int, list[str]]:
    with store.reading() as connection:
        page = pages.find(connection, tenant, query, NOW, bounds=bounds)
    return page.total, [line.job_id for line in page.lines]


def found_by(store: Store, tenant: int, term: str) -> dict[int, tuple[int, list[str]]]:
    """What a search finds, by how many candidates it takes for few: none, some, or all that there are."""
    query = JobQuery(where=JobFilter(search=term))
    return {few: searched_for(store, tenant, query, BOUNDS._replace(few=few)) for few in FEW}


@pytest.mark.parametrize(
    ("job_id", "term"),
    [
        ("\u212aELVIN", "kel"),
        ("stra\xdfe", "ASS"),
        ("\u017feite", "se"),
        ("pro\ufb01t", "FI"),
        ("\u0130z", "i\u0307"),
        ("\u0130z", "\u0307z"),
        ("FB1", "1"),
        ("FB1", "f"),
        ("\uffff", "\uffff"),
        ("a\ufffe", "A\ufffe"),
        ("\ufffd\ufffe\uffff", "\ufffe\uffff"),
        ("x\U0010ffffy", "x"),
        ("x\U0010ffff\U0010ffff", "x"),
        ("\U0010ffff", "\U0010ffff"),
        ("\U0010ffff\U0010ffff\U0010ffff", "\U0010ffff\U0010ffff"),
        ("a\x1fb", "\x1f"),
        ("a\x1f", "\x1f"),
        ("\x1f\x1f\x1f\x1f", "\x1f\x1f\x1f\x1f"),
        ('"', '"'),
        ('say "" twice', '"" t'),
        ("it's", "T'S"),
        ("a* OR b", "* or"),
        ("100%_\\", "%_\\"),
        ("aaaaaaa", "aaaaa"),
        ("abababab", "bababab"),
        ("😀😀😀", "😀😀"),
        ("two\nlines", "o\nl"),
    ],
)
def test_an_odd_term_is_found_in_an_odd_id(store: Store, tenant: int, job_id: str, term: str) -> None:
    store.record(tenant, [done(job_id), *(done(f"other {number}") for number in range(3))])
    for few, (total, found) in found_by(store, tenant, term).items():
        assert job_id in found, few
        assert total == len(found), few


def test_a_long_term_is_found_where_it_is_whole_and_not_where_only_its_end_is(store: Store, tenant: int) -> None:
    """Some index is asked for a part of it only."""
    store.record(tenant, [done(job_id) for job_id in ["FB20250829202001", "XB20250829202001", "202001", "0829202001"]])
    for term in ("fb20250829202001", "FB20250829202"):
        assert found_by(store, tenant, term) == dict.fromkeys(FEW, (1, ["FB20250829202001"]))
    assert found_by(store, tenant, "FB2025082920200%") == dict.fromkeys(FEW, (0, []))


@pytest.mark.parametrize("term", ["a\x1f", "b\x1f\x1f", "\x1f", "\x1f\x1f", "\ufffd", "\uffff\ufffe", "aaa", "x" * 256])
def test_what_the_index_of_id_parts_adds_or_confuses_is_not_found(store: Store, tenant: int, term: str) -> None:
    store.record(tenant, [done(job_id) for job_id in ["aa", "ab", "\ufffe", "baab", "\ufffe\uffff", "abc"]])
    assert found_by(store, tenant, term) == dict.fromkeys(FEW, (0, []))
