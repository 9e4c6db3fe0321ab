"""Opens what a store lies in: makes it where there is nothing, and upgrades it where that is allowed."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from jobreport.store import backfill
from jobreport.store import migrate as migrations
from jobreport.store.backfill.step import Progress
from jobreport.store.db import engine as engines


def opened(
    url: str, *, create: bool, migrate: bool | None, copy_before: bool, progress: Callable[[Progress], None] | None
) -> tuple[Engine, Path | None]:
    """Returns the engine of the store at `url`, and the copy that was made before an upgrade; see `open_store`."""
    engine = engines.make_engine(engines.parse(url), create=create)
    try:
        with engines.reading(engine) as connection:
            behind = migrations.is_behind(connection)
            unfinished = not behind and backfill.position(connection) is not None
            if (behind or unfinished) and not migrations.may_change(connection, migrate=migrate, create=create):
                migrations.require_current(connection)
        copy = None
        if behind:
            with engines.writing(engine) as connection:
                copy = migrations.upgrade(connection, copy_before=copy_before)
        if behind or unfinished:
            for done in backfill.run(engine):
                if progress:
                    progress(done)
        engines.prepare(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine, copy
