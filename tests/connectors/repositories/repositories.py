"""Connectors to repositories as a user sets them up, what a store has of them, and small trees to back up."""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobreport.connectors import kinds
from jobreport.connectors.configured import Configured
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store
from serving import PATIENCE


def soon() -> int:
    """The real time in an hour, in ticks: tools have no clock that a test could set."""
    return ticks.from_datetime(datetime.now(UTC)) + 3600 * ticks.PER_SECOND


def configured(kind: str, name: str = "cellar", **settings: Any) -> Configured:
    """A connector of a kind, with these settings."""
    found = kinds.load(kind)
    return Configured(name=name, kind=found, every=300, tenant="default", settings=found.settings(**settings))


def every_job(store: Store, tenant: int) -> list[Job]:
    """All jobs of a tenant, the oldest first."""
    found = []
    for line in store.list_jobs(tenant, JobQuery(size=10_000)).lines:
        history = store.history(tenant, line.job_id)
        assert history is not None
        found.append(history.current.job)
    return sorted(found, key=lambda job: (job.start, job.job_id))


def call(*command: str, folder: Path, **environment: str) -> str:
    """What a command prints, that has to end with 0, 1 or 3: so does a backup that could not read all."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode in {0, 1, 3}, done.stderr
    return done.stdout


def sources(folder: Path) -> Path:
    """A folder with a file in it."""
    source = folder / "source"
    source.mkdir()
    (source / "a.txt").write_text("abc")
    return source


def samples(kind: str) -> dict[str, Any]:
    """The records of a kind in the folder of samples, by the name of their file; each is a captured call or a value."""
    folder = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / kind
    return {file.name: json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))}
