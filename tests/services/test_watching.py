"""A running server judges by itself what changed, and what is expected is changed while it runs."""

import sqlite3
from pathlib import Path

from jobs import job
from serving import program_with, serve, typed, until


def test_a_running_server_judges_each_series(tmp_path: Path) -> None:
    program = program_with(tmp_path, "jobreport.services.watch", "watch.EVERY_SECONDS = 0.1")
    with serve(tmp_path, program=program) as server:
        server.app("acme").write([job("FB1", plan="nightly", resource="web-1")])
        kept = sqlite3.connect(tmp_path / "store" / "jobs.db", timeout=60)

        def verdict() -> str:
            return "".join(one for (one,) in kept.execute("SELECT verdict FROM series_verdict"))

        until(lambda: verdict() == "met", "the first judgement")
        words = ["expect", "set", "nightly", "--age", "1h", "--tenant", "acme", "--store", server.store]
        assert typed(*words).returncode == 0
        until(lambda: verdict() == "stale", "the judgement by what is expected")
        kept.close()
        server.stop()
        assert "Traceback" not in server.log
