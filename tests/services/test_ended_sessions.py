"""Expired sessions leave a running server's store by themselves, although nobody signs in any more."""

import sqlite3
from pathlib import Path

from serving import program_with, serve, typed, until


def test_running_server_deletes_sessions_that_are_over(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/store/jobs.db"
    program = program_with(tmp_path, "jobreport.services.ended_sessions", "ended_sessions.EVERY_SECONDS = 0.1")
    with serve(tmp_path, program=program):
        made = typed("operator", "add", "anna", "--all-tenants", "--generate", "--store", store)
        assert made.returncode == 0, made.stderr
        kept = sqlite3.connect(tmp_path / "store" / "jobs.db", timeout=60)
        values = (
            "(token, operator, created, seen, confirmed, expires, address, agent) VALUES (?, 1, 0, 0, 0, ?, '', '')"
        )
        with kept:
            kept.execute(f"INSERT INTO operator_session {values}", (b"over", 1))
            kept.execute(f"INSERT INTO operator_session {values}", (b"not yet", 2**62))
        until(lambda: kept.execute("SELECT token FROM operator_session").fetchall() == [(b"not yet",)])
        kept.close()
