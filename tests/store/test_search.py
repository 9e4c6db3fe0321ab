"""Search: a substring of the job ID or of the description, case folded, every character meaning itself."""

import pytest
from example_jobs import done
from store_contents import list_job_ids

from jobreport.store import Store


@pytest.fixture
def store(shared_store: Store) -> Store:
    """Each test asks about its own tenant."""
    return shared_store


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Sicherung über Nacht", "ÜBER"),
        ("SICHERUNG ÜBER NACHT", "über"),
        ("Große Straße", "STRASSE"),
        ("GROSSE STRASSE", "straße"),
        ("ΟΔΟΣ", "οδος"),
        ("οδος", "ΟΔΟΣ"),
        ("οδοσ", "οδος"),
        ("\ufb01le server", "FILE"),
        ("\u0130stanbul", "\u0130STANBUL"),
        ("\u0130stanbul", "i\u0307stanbul"),
        ("100% done", "0% D"),
        ("host_a", "T_A"),
        ('it\'s "quoted"', "'S \"Q"),
        ("a\\b", "A\\B"),
        ("[a-z]*?", "[A-Z]*?"),
        ("backup 😀 ok", "😀"),
        ("two\nlines", "two\nlines"),
        ("x", "X"),
        (" ", " "),
    ],
)
def test_a_term_is_found_in_either_text_whatever_its_case(store: Store, tenant: int, text: str, term: str) -> None:
    store.record(tenant, [done("1", description=text), done(f"2{text}"), done("3", description="none of it")])
    expected = {"1", f"2{text}"} | ({"3"} if term in "none of it" else set())
    assert set(list_job_ids(store, tenant, search=term)) == expected


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("100 done", "100%"),
        ("anything", "%"),
        ("hostXa", "host_a"),
        ("anything", "_"),
        ("abc", "a*c"),
        ("abc", "a?c"),
        ("abc", "[a]bc"),
        ("Istanbul", "\u0130stanbul"),
        ("\u0131", "I"),
        ("é", "e\u0301"),
        ("e", "é"),
        ("anything", "'"),
        ("anything", '" OR 1=1 --'),
        ("anything", "\0"),
        ("anything", "any\0"),
        ("anything", "anything "),
    ],
)
def test_no_character_stands_for_another(store: Store, tenant: int, text: str, term: str) -> None:
    store.record(tenant, [done("1", description=text)])
    assert list_job_ids(store, tenant, search=term) == []


@pytest.mark.parametrize("between", ["", "\n", " ", "A", "a", "\t", "\x1f", "\r\n", "\u2028"])
def test_a_term_does_not_match_across_the_end_of_the_job_id(store: Store, tenant: int, between: str) -> None:
    store.record(tenant, [done("one", description="two")])
    assert list_job_ids(store, tenant, search=f"e{between}t") == []
    assert list_job_ids(store, tenant, search=f"one{between}two") == []


def test_a_term_may_be_as_long_as_the_text(store: Store, tenant: int) -> None:
    store.record(tenant, [done("1", description="ß" * 128), done("2", description="ß" * 127)])
    assert list_job_ids(store, tenant, search="S" * 256) == ["1"]


@pytest.mark.parametrize("field", ["comments", "plan", "resource", "origin", "raw"])
def test_only_the_job_id_and_the_description_are_searched(store: Store, tenant: int, field: str) -> None:
    store.record(tenant, [done("1", **{field: '"needle"'})])
    assert list_job_ids(store, tenant, search="needle") == []


def test_a_new_description_is_found_and_the_old_one_no_more(store: Store, tenant: int) -> None:
    store.record(tenant, [done(description="before")])
    store.record(tenant, [done(description="after")])
    assert list_job_ids(store, tenant, search="AFTER") == ["FB1"]
    assert list_job_ids(store, tenant, search="before") == []


def test_a_search_joins_with_every_other_filter(store: Store, tenant: int) -> None:
    wanted = done("1", description="nightly")
    store.record(tenant, [wanted, done("2", description="weekly"), done("3", description="nightly", start=1)])
    assert list_job_ids(
        store, tenant, search="NIGHT", since=wanted.start, states=(wanted.state,), services=(wanted.service,)
    ) == ["1"]
