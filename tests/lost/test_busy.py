"""A store that others write to for long: who writes waits, and then is told to come again; nothing is half written."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from crowd import ADDRESS, check_and_read_states

from jobs import job
from serving import App, Server, serve


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two servers of one file."""
    store = f"sqlite:///{tmp_path}/store/jobs.db"
    with (
        serve(tmp_path / "one", *ADDRESS, store=store) as one,
        serve(tmp_path / "two", *ADDRESS, store=store) as two,
    ):
        yield one, two


def test_writers_wait_for_a_busy_store_and_are_refused_where_it_stays_so(servers: tuple[Server, Server]) -> None:
    apps = [app := servers[0].app("default"), App(servers[1], app.document)]
    for number, app in enumerate(apps):
        assert app.write(job(f"before-{number}")).status_code == 200
    store = servers[0].store
    with (
        closing(sqlite3.connect(store.removeprefix("sqlite:///"), isolation_level=None)) as other,
        ThreadPoolExecutor(4) as pool,
    ):
        other.execute("BEGIN IMMEDIATE")
        waiting = [pool.submit(app.write, [job(f"waits-{n}"), job(f"waits-{n}-twin")]) for n, app in enumerate(apps)]
        for app in apps:  # who only reads does not wait
            assert sorted(app.found()) == ["before-0", "before-1"]
            assert app.server.http.get("/readyz").status_code == 200
        assert not any(write.done() for write in waiting)
        other.execute("ROLLBACK")
        assert [write.result().json()["created"] for write in waiting] == [2, 2]

        other.execute("BEGIN IMMEDIATE")
        for write in [pool.submit(app.write, [job("late"), job("late-twin")]) for app in apps]:
            refused = write.result()
            assert (refused.status_code, refused.json()["detail"]) == (503, "The store is busy with other writers.")
            assert int(refused.headers["Retry-After"]) > 0
        other.execute("ROLLBACK")
    assert "late" not in check_and_read_states(store)
    answers = [app.write([job("late"), job("late-twin")]).json() for app in apps]
    assert [answer["created"] for answer in answers] == [2, 0]
    assert len(check_and_read_states(store)) == 8
