"""The texts by which series are found are right whatever is deleted or damaged, and are filled in where they lack."""

from contextlib import closing

import pytest
from example_jobs import done
from sqlalchemy import Delete, Insert, Update, delete, insert, select, text, update

from jobreport.model.series_query import SeriesFilter, SeriesKeys, SeriesQuery, SeriesSort
from jobreport.store import Store, open_store
from jobreport.store.admin import purge
from jobreport.store.admin.check import check
from jobreport.store.derived import series_texts
from jobreport.store.query.series.listing import find
from jobreport.store.schema.jobs import backfill
from jobreport.store.schema.jobs import series_text as table

NAMES = ["web-1", "web-2", "db-1", "Straße"]


def record(store: Store, tenant: int) -> None:
    store.record(tenant, [done(name, plan="nightly", resource=name, origin="runner/x") for name in NAMES])


def found(store: Store, tenant: int, **where: object) -> list[str]:
    page = store.list_series(tenant, SeriesQuery(where=SeriesFilter(**where)))
    assert page.total == len(page.series)
    return [one.resource for one in page.series]


@pytest.mark.parametrize(
    "damage",
    [
        delete(table).where(table.c.resource == "web-2"),
        update(table).where(table.c.resource == "web-2").values(resource="web-1"),
        update(table).where(table.c.resource == "web-2").values(origin="another"),
        update(table).where(table.c.resource == "web-2").values(text="nothing"),
        insert(table).values(series=99, resource="web-2", origin="", text="web-2"),
    ],
    ids=["missing", "resource", "origin", "text", "too many"],
)
def test_texts_that_are_wrong_are_found_and_repaired(
    store: Store, tenant: int, damage: Insert | Update | Delete
) -> None:
    record(store, tenant)
    mine = damage.values(tenant=tenant) if isinstance(damage, Insert) else damage.where(table.c.tenant == tenant)
    with store.writing() as connection:
        connection.execute(mine)
    seen = {one.what for one in check(store, repair=True).series}
    assert seen
    assert seen <= {"resource", "origin", "text"}
    assert check(store).sound
    assert found(store, tenant, resources=("web-2",), origins=("runner/x",)) == ["web-2"]
    assert found(store, tenant, search="WEB-2") == ["web-2"]


def test_an_index_of_parts_that_lacks_a_series_is_made_again(store: Store, tenant: int) -> None:
    if store.is_shared:
        pytest.skip("PostgreSQL keeps its own index right")
    record(store, tenant)
    with store.writing() as connection:
        connection.execute(text("INSERT INTO series_gram (series_gram) VALUES ('delete-all')"))
    assert found(store, tenant, search="web-") == []
    assert check(store, repair=True).unsearchable
    assert check(store).sound
    assert found(store, tenant, search="web-") == ["web-1", "web-2"]


def test_the_texts_of_a_purged_tenant_go_and_those_of_others_stay(store: Store, tenant: int) -> None:
    other = store.tenant_id("other", create=True) or 0
    record(store, tenant)
    record(store, other)
    assert list(purge.delete_all_jobs(store, tenant)) == [len(NAMES)]
    with store.reading() as connection:
        assert set(connection.execute(select(table.c.tenant)).scalars()) == {other}
        assert store.is_shared or series_texts.is_consistent(connection)
    assert found(store, tenant, search="web-") == []
    assert found(store, other, search="web-") == ["web-1", "web-2"]


def test_long_names_that_begin_alike_are_told_apart(store: Store, tenant: int) -> None:
    longest = [f"{'x' * length}{end}" for length in (99, 100, 101, 500) for end in ("", "a", "b")]
    store.record(tenant, [done(f"{number}", resource=name) for number, name in enumerate(longest)])
    store.record(tenant, [done("key", resource=series_texts.key("x" * 500))])
    for name in longest:
        assert found(store, tenant, resources=(name,)) == [name]


def test_a_term_across_plan_and_resource_finds_nothing(store: Store, tenant: int) -> None:
    store.record(tenant, [done("a", plan="ab", resource="cd"), done("b", plan="ab\ncd", resource="x")])
    assert found(store, tenant, search="b\nc") == ["x"]
    assert found(store, tenant, search="abcd") == []
    assert found(store, tenant, search="ab\ncd\nx") == []


@pytest.mark.parametrize("most", [0, 10_000])
@pytest.mark.parametrize("sort", [*SeriesKeys])
def test_a_short_term_is_found_wherever_it_is_in_a_name(store: Store, tenant: int, most: int, sort: SeriesKeys) -> None:
    longest = "x" * 256
    names = [("ab", "c"), ("a", "b"), ("", "ab "), (" ab", ""), ("a\nb", "AB"), (longest, "éß-ab"), (longest, "a b")]
    store.record(
        tenant, [done(f"{number}", plan=plan, resource=resource) for number, (plan, resource) in enumerate(names)]
    )
    for term in ("ab", "a", "b ", " a", "a b", "xx", "xé", "ss", "ß-", "-a", "s-ab", "x" * 6, "zz", "\ue02da"):
        query = SeriesQuery(where=SeriesFilter(search=term), sort=SeriesSort(sort))
        with store.reading() as connection:
            page = find(connection, tenant, query, store.clock(), most=most)
        has = {both for both in names if any(term.casefold() in text.casefold() for text in both)}
        assert {(one.plan, one.resource) for one in page.series} == has, term
        assert page.total == len(has), term


def test_texts_that_lack_after_an_upgrade_are_filled_in(store: Store, store_url: str, tenant: int) -> None:
    record(store, tenant)
    with store.writing() as connection:
        series_texts.remove(connection, tenant, series_texts.numbers(connection, tenant)[1:])
        connection.execute(insert(backfill).values(step="texts of series", tenant=0, position=0))
    with closing(open_store(store_url, migrate=True)) as upgraded:
        assert check(upgraded).sound
        assert found(upgraded, tenant, search="STRASSE") == ["Straße"]
