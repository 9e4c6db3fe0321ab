"""`jobreport sample-data`: fills a store, and the second time changes nothing."""

import json
from pathlib import Path

import pytest

from serving import command, typed


def test_a_store_is_filled_and_its_counts_are_right(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/jobs.db"
    done = command("sample-data", "--jobs", "3000", "--tenants", "2", "--store", store)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3,000 of 3,000 jobs were new" in done.stdout
    totals = [
        json.loads(typed("jobs", "--json", "--store", store, "--tenant", f"sample-{number}").stdout)["totalCount"]
        for number in (1, 2)
    ]
    assert sum(totals) == 3000
    assert totals[0] > totals[1] > 0
    assert typed("check", "--store", store).returncode == 0
    again = typed("sample-data", "--jobs", "3000", "--tenants", "2", "--store", store, "--json")
    assert json.loads(again.stdout)["created"] == 0
    assert json.loads(again.stdout)["tenants"] == ["sample-1", "sample-2"]


def test_the_present_may_be_now(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/jobs.db"
    assert typed("sample-data", "--jobs", "900", "--tenants", "1", "--until", "0s", "--store", store).returncode == 0
    recent = typed("jobs", "--json", "--since", "7d", "--store", store, "--tenant", "sample-1")
    assert json.loads(recent.stdout)["totalCount"] > 100


@pytest.mark.parametrize("words", [["--jobs", "0"], ["--tenants", "0"], ["--seed", "x"], ["--until", "soon"]])
def test_wrong_usage_is_exit_2_and_makes_no_store(tmp_path: Path, words: list[str]) -> None:
    done = typed("sample-data", *words, "--store", f"sqlite:///{tmp_path}/jobs.db")
    assert done.returncode == 2
    assert words[0] in done.stderr
    assert list(tmp_path.iterdir()) == []
