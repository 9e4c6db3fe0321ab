"""`jobreport series take`, `retire` and `release`: what operators say on the command line."""

import json
from pathlib import Path

import pytest

from serving import typed


@pytest.fixture
def store(new_file: Path, tmp_path: Path) -> str:
    """A store with a tenant that has a series that failed."""
    jobs = tmp_path / "jobs.ndjson"
    jobs.write_text(
        '{"jobId": "1", "serviceType": "FileShare", "jobType": "FileBackup", "state": "Failed", "plan": "laptop-7",'
        ' "startTime": "2026-11-20T01:00:00Z", "finishTime": "2026-11-20T01:01:00Z"}\n'
    )
    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    (tmp_path / "jobs.db").write_bytes(new_file.read_bytes())
    for words in (["tenant", "create", "acme"], ["import", str(jobs), "--tenant", "acme"]):
        done = typed(*words, "--store", url)
        assert done.returncode == 0, done.stderr
    return url


def test_a_series_is_taken_retired_and_released(store: str) -> None:
    def standing(name: str) -> int:
        words = ["series", "--standing", name, "--tenant", "acme", "--store", store, "--json"]
        return int(json.loads(typed(*words).stdout)["totalCount"])

    def mark(*words: str) -> dict[str, object]:
        done = typed("series", *words, "--tenant", "acme", "--store", store, "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, object] = json.loads(done.stdout)
        return found

    assert standing("needsYou") == 1
    taken = mark("take", "1", "--note", "disk ordered", "--ticket", "T-1", "--until", "2199-01-01")
    assert (taken["standing"], standing("inHands"), standing("needsYou")) == ("inHands", 1, 0)
    assert mark("release", "1") == {"ended": True}
    assert mark("release", "1") == {"ended": False}
    assert mark("retire", "1")["standing"] == "retired"
    assert standing("retired") == 1
    for words, says in (
        (["take", "9"], "there is no series"),
        (["take", "1", "--note", "x" * 1001], "at most 1,000"),
        (["take", "1", "--until", "2020-01-01"], "in the future"),
    ):
        done = typed("series", *words, "--tenant", "acme", "--store", store)
        assert (done.returncode, says in done.stderr) == (1, True), done.stderr
