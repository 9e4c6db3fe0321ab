"""`jobreport sample-data`: fills a store, and the second time changes nothing."""

import json
import shlex
import subprocess
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


def test_for_a_look_it_makes_a_store_of_its_own(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "my data")}
    mine = f"sqlite:///{tmp_path}/mine.db"
    done = typed("sample-data", "--jobs", "900", "--tenants", "1", JOBREPORT_STORE=mine, **home)
    assert done.returncode == 0, done.stderr
    # What somebody has set as the store of real jobs stays as it is.
    assert not (tmp_path / "mine.db").exists()
    told = dict(line.split(":", 1) for line in done.stdout.splitlines() if line.startswith("To "))
    _, *see = shlex.split(told["To see it"])
    recent = typed(*see, "--since", "7d", "--json", **home)
    assert json.loads(recent.stdout)["totalCount"] > 100
    subprocess.run(told["To remove it"], shell=True, check=True)
    assert list((tmp_path / "my data/jobreport").iterdir()) == []


@pytest.mark.parametrize("words", [["--jobs", "0"], ["--tenants", "0"], ["--seed", "x"], ["--until", "soon"]])
def test_wrong_usage_is_exit_2_and_makes_no_store(tmp_path: Path, words: list[str]) -> None:
    done = typed("sample-data", *words, "--store", f"sqlite:///{tmp_path}/jobs.db")
    assert done.returncode == 2
    assert words[0] in done.stderr
    assert list(tmp_path.iterdir()) == []
