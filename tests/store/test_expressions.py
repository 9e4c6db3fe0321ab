"""What each database writes in its own way means the same on all of them."""

import pytest
from sqlalchemy import ColumnElement, Integer, Text, column, insert, literal, select, union_all

from jobreport.store import Store
from jobreport.store.db import dialect_of
from jobreport.store.db.bulk_write import PreparedAdd
from jobreport.store.db.expressions import any_of, array_items, ascii_lower, contains, like_ignoring_case
from jobreport.store.schema.audit import failed_sign_in
from jobreport.store.schema.jobs import job_count
from jobreport.store.schema.registry import assertion

PERCENT = "100%_done\\"


def holds(store: Store, condition: ColumnElement[bool]) -> bool:
    with store.reading() as connection:
        return bool(connection.execute(select(literal(1)).where(condition)).all())


@pytest.mark.parametrize(
    ("text", "term", "found"),
    [
        (PERCENT, "%", True),
        (PERCENT, "0%_d", True),
        (PERCENT, "0%d", False),
        (PERCENT, "\\", True),
        ("abc", "%", False),
        ("abc", "B", False),
        ("straße", "ß", True),
        ("abc", "", True),
    ],
)
def test_a_text_contains_a_term_of_which_each_character_means_itself(
    store: Store, text: str, term: str, found: bool
) -> None:
    assert holds(store, contains(literal(text), literal(term))) is found


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("FB2024-Nightly", "%nightly%", True),
        ("FB2024-Nightly", "fb____-%", True),
        ("FB2024-Nightly", "%night", False),
        ("50%", "50\\%", True),
        ("500", "50\\%", False),
        ("a_b", "%a\\_b%", True),
        ("axb", "%a\\_b%", False),
        ("a\\b", "a\\\\b", True),
    ],
)
def test_like_takes_upper_for_lower_case_and_a_backslash_as_escape(
    store: Store, text: str, pattern: str, found: bool
) -> None:
    assert holds(store, like_ignoring_case(literal(text), literal(pattern))) is found


def test_only_letters_of_ascii_are_made_lower_case(store: Store) -> None:
    with store.reading() as connection:
        assert connection.execute(select(ascii_lower(literal("ÄÉ ABC i İ")))).scalar_one() == "ÄÉ abc i İ"


@pytest.mark.parametrize("items", [["a", "b'\"\\", "{}", "ü,"], []], ids=["some", "none"])
def test_an_array_of_texts_is_any_of_them_and_a_row_for_each(store: Store, items: list[str]) -> None:
    given = union_all(*(select(literal(each).label("text")) for each in ("a", "c", "b'\"\\"))).subquery("given")
    text = given.c.text
    with store.reading() as connection:
        array = {"ids": dialect_of(connection).array(items)}
        for condition in (any_of(text), text.in_(array_items("ids", text))):
            found = connection.execute(select(text).where(condition), array).scalars()
            assert sorted(found) == sorted({"a", "c", "b'\"\\"} & {*items})
        assert sorted(connection.execute(array_items("ids", text), array).scalars()) == sorted(items)


def test_an_array_of_numbers_stays_one_of_numbers_beside_one_of_texts(store: Store) -> None:
    with store.reading() as connection:
        texts = {"ids": dialect_of(connection).array(["3"])}
        assert connection.execute(array_items("ids", column("text", Text)), texts).scalars().all() == ["3"]
        array = {"ids": dialect_of(connection).array([3, -1, 2**31 - 1])}
        rows = connection.execute(array_items("ids", column("number", Integer)), array)
        assert sorted(rows.scalars()) == [-1, 3, 2**31 - 1]


def test_an_upsert_adds_to_what_is_there_and_tells_the_sum(store: Store) -> None:
    row = {"client": "c", "address": "a", "minute": 1}
    with store.writing() as connection:
        add = dialect_of(connection).insert_or_add(failed_sign_in, "count").returning(failed_sign_in.c.count)
        assert [connection.execute(add, {**row, "count": number}).scalar_one() for number in (2, 3)] == [2, 5]


def test_a_row_that_is_there_is_not_inserted_again_and_not_changed(store: Store) -> None:
    row = {"client_id": "c", "digest": b"d"}
    with store.writing() as connection:
        new = dialect_of(connection).insert_or_ignore(assertion).returning(assertion.c.expires)
        assert [connection.execute(new, {**row, "expires": at}).scalar() for at in (5, 6)] == [5, None]
        assert connection.execute(select(assertion.c.expires)).scalars().all() == [5]


def test_many_numbers_are_added_at_once(store: Store, tenant: int) -> None:
    add = PreparedAdd(job_count, "jobs")
    with store.writing() as connection:
        connection.execute(insert(job_count).values(tenant=tenant, service=1, type=1, state=2, day=7, jobs=10, ended=1))
        for _ in range(2):
            add.many(connection, [(tenant, 1, 1, 2, 8, 4, 0, 0), (tenant, 1, 1, 2, 7, -3, 5, 5)])
        rows = connection.execute(select(job_count.c.day, job_count.c.jobs).order_by(job_count.c.day))
        assert [tuple(row) for row in rows] == [(7, 4), (8, 8)]
