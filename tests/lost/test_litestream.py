"""Litestream copies a store while a server writes; the copy has all that was synced, and a server goes on from it."""

import random
import shutil
import time
from pathlib import Path

from crowd import ADDRESS, Crowd, assert_nothing_is_lost
from litestream import replicating, reset, restore

from jobs import job
from long import times
from serving import App, serve, typed


def test_what_was_acknowledged_before_a_sync_is_in_the_replica_when_the_machine_is_lost(tmp_path: Path) -> None:
    chance = random.Random(4)
    place, replica = tmp_path / "store", tmp_path / "replica"
    store = f"sqlite:///{place}/jobs.db"
    document, known = None, {}
    for round_ in range(times(3)):
        with serve(tmp_path / str(round_), "--workers", "2", *ADDRESS, store=store) as server:
            app = App(server, document) if document else server.app("default")
            document = app.document
            with replicating(place / "jobs.db", replica) as litestream, Crowd(app, f"r{round_}") as crowd:
                crowd.write_more()
                # More than the log holds, so that it is begun anew under Litestream's eyes.
                for part in range(2):
                    many = [
                        job(f"r{round_}-{part}-{n}{twin}", comments="x" * 4000)
                        for n in range(400)
                        for twin in ("", "-twin")
                    ]
                    assert app.write(many).status_code == 200
                crowd.write_more()
                known |= crowd.acknowledged
                litestream.sync()
                time.sleep(chance.uniform(0, 0.3))  # any moment
                litestream.kill()
                server.kill()
                crowd.stop()
        copy = tmp_path / "copy.db"
        restore(replica, copy)
        assert typed("check", "--store", f"sqlite:///{copy}").returncode == 0
        if round_ % 2:
            assert typed("restore", str(copy), "--store", store, "--yes").returncode == 0
            reset(place / "jobs.db")
        else:  # another machine, where nothing is left of the store
            shutil.rmtree(place)
            assert typed("restore", str(copy), "--store", store).returncode == 0
        states = assert_nothing_is_lost(store, known)
        assert len(states) >= 1600 * (round_ + 1)
