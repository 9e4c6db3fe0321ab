"""The benchmark's own SQL, by hand over our tables, is SQL for the tables that a new store has."""

import importlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def schema(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("schema")


@pytest.fixture
def store(new_file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{new_file}?mode=ro", uri=True)) as connection:
        connection.create_function("parts", 1, str.lower)
        yield connection


def test_what_is_asked_of_a_store_is_answered(schema: ModuleType, store: sqlite3.Connection) -> None:
    assert store.execute(schema.BARE_TOTAL, (1, 1, 1)).fetchall() == [(0,)]
    assert store.execute(schema.BARE_PAGE, (1, 1, 1, 10, 0)).fetchall() == []
    assert store.execute(schema.EXPORTED.format(1)).fetchall() == []
    assert store.execute(schema.LIKE, (1, "%a%", "%a%")).fetchall() == [(0,)]
    assert store.execute(schema.PARTS[1]).fetchall() == []
    assert {name for (name,) in store.execute("SELECT name FROM sqlite_master")} >= {*schema.FILLED, schema.PARTS_TABLE}


def test_the_table_of_the_others_is_filled_from_it(schema: ModuleType, new_file: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as others:
        others.execute("ATTACH ? AS ours", (str(new_file),))
        others.execute(schema.PEERS_TABLE)
        others.execute(schema.PEERS_FILL)
        others.execute(schema.PEERS_INDEX)
        assert others.execute(schema.PEERS_LIKE, (1, "%a%", "%a%")).fetchall() == [(0,)]
