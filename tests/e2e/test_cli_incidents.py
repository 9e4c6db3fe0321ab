"""`jobreport incidents` and `jobreport ack`: what needs somebody, and that somebody has it."""

import json
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from clocks import Clock
from jobreport.model.judgement import Verdict
from jobreport.model.notify_rule import Rule
from jobreport.store import open_store
from jobreport.watch import notifying
from serving import typed
from strategies import NOW
from verdicts import change, keep

FAILED = (
    '{"jobId": "JOB", "serviceType": "FileShare", "jobType": "FileBackup", "state": "Failed", "plan": "PLAN",'
    ' "startTime": "2026-11-20T01:00:00Z", "finishTime": "2026-11-20T01:01:00Z"}\n'
)


class Incidents:
    """A store with two incidents of a tenant that were told in one message, and a third one."""

    def __init__(self, url: str, group: str) -> None:
        self.url, self.group = url, group

    def run(self, *words: str) -> CompletedProcess[str]:
        return typed(*words, "--tenant", "acme", "--store", self.url)

    def done(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def listed(self, *words: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.done("incidents", "list", "--json", *words))["incidents"]
        return found


@pytest.fixture
def known(new_file: Path, tmp_path: Path) -> Incidents:
    (tmp_path / "jobs.ndjson").write_text(
        "".join(FAILED.replace("JOB", plan).replace("PLAN", plan) for plan in ("alpha", "beta", "gamma"))
    )
    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    (tmp_path / "jobs.db").write_bytes(new_file.read_bytes())
    for words in (["tenant", "create", "acme"], ["import", str(tmp_path / "jobs.ndjson"), "--tenant", "acme"]):
        done = typed(*words, "--store", url)
        assert done.returncode == 0, done.stderr
    clock = Clock()
    with closing(open_store(url, clock=clock)) as store:
        tenant = store.tenant_id("acme")
        assert tenant is not None
        of = [(number, {"plan": plan, "resource": ""}) for number, plan in enumerate(("alpha", "beta", "gamma"), 1)]
        causes = ("locked", "locked", "")
        keep(
            store,
            *(
                change(tenant, number, Verdict.FAILING, NOW + number, cause=cause, **about)
                for (number, about), cause in zip(of, causes, strict=True)
            ),
        )
        for _ in range(2):
            list(notifying.tell(store, [Rule(name="all", channels=("mail",))]))
            clock.pass_by(600)
    found = json.loads(typed("incidents", "list", "--tenant", "acme", "--json", "--store", url).stdout)["incidents"]
    (group,) = {told["group"] for one in found if one["cause"] == "locked" for told in one["told"]}
    return Incidents(url, group)


def test_what_goes_on_is_listed_for_people_and_for_programs(known: Incidents) -> None:
    assert [one["plan"] for one in known.listed()] == ["gamma", "beta", "alpha"]
    assert [one["plan"] for one in known.listed("--plan", "beta", "--plan", "gamma")] == ["gamma", "beta"]
    assert [one["plan"] for one in known.listed("--group", known.group)] == ["beta", "alpha"]
    said = known.done("incidents", "list", "--page-size", "1")
    first, second, third = said.splitlines()
    assert (" failing " in first, first.endswith("gamma"), second.startswith("  failing at")) == (True, True, True)
    token = third.removeprefix("1 of 3 incidents; the next page: --skiptoken ")
    assert known.done("incidents", "list", "--skiptoken", token).splitlines()[0].endswith("beta")
    assert known.done("incidents", "list", "--state", "closed") == "0 incidents.\n"


def test_one_incident_and_all_of_a_message_are_shown_with_who_was_told(known: Incidents) -> None:
    gamma = known.listed("--plan", "gamma")[0]["id"]
    said = known.done("incidents", "show", gamma)
    assert "Rule all, mail: told 2" in said
    both = json.loads(known.done("incidents", "show", known.group, "--json"))
    assert {one["plan"] for one in both} == {"alpha", "beta"}
    missing = known.run("incidents", "show", "none")
    assert (missing.returncode, missing.stderr) == (
        1,
        "jobreport: there is no incident with this ID, and no message about one.\n",
    )


def test_all_of_a_message_are_taken_and_given_back(known: Incidents) -> None:
    words = ["ack", known.group, "--note", "the lock is old", "--ticket", "T-1"]
    assert known.done(*words) == "You have 2 incidents now.\n"
    held = known.listed("--state", "held")
    assert [(one["plan"], one["ticket"]) for one in held] == [("beta", "T-1"), ("alpha", "T-1")]
    assert len({one["heldBy"] for one in held}) == 1
    shown = known.done("incidents", "list", "--state", "held")
    assert f", {held[0]['heldBy']} has it  beta" in shown
    assert known.done("ack", known.group, "--release") == "Nobody has 2 incidents any more.\n"
    assert known.listed("--state", "held") == []
    given = json.loads(known.done("ack", known.group, "--json"))
    assert len(given["incidents"]) == 2


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ("ack none", 1, "there is no incident with this ID"),
        ("ack GROUP --release --note x", 2, "--release takes neither"),
        ("ack GROUP --until 2001-01-01", 1, "it must end in the future"),
        ("incidents list --verdict mised", 2, "did you mean missed?"),
    ],
)
def test_what_is_wrong_is_said(known: Incidents, words: str, status: int, says: str) -> None:
    refused = known.run(*words.replace("GROUP", known.group).split())
    assert (refused.returncode, says in refused.stderr) == (status, True), refused.stderr
