"""`jobreport watch --once`: from a report to a verdict, to the message that a program has, and to the good news."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from receivers import Receiver, receiving, secret
from serving import typed

SECRET = f"whsec_{base64.b64encode(bytes(24)).decode()}"
TABLES = """
[[channel]]
kind = "webhook"
name = "tickets"
url = "{url}"
secret_file = "{secret}"

[[notify]]
name = "all"
channels = ["tickets"]
where = "tenant=acme&verdict=failing,missed"
"""


class Nights:
    """A store, a file of settings, and a receiver of what is told."""

    def __init__(self, folder: Path, url: str, receiver: Receiver) -> None:
        self.folder, self.url, self._receiver = folder, url, receiver
        self.config = folder / "jobreport.toml"
        self.config.write_text(TABLES.format(url=receiver.url, secret=secret(folder, SECRET)))

    def ran(self, day: int, state: str, comments: str = "") -> None:
        """The job of the night of a day of November ended so."""
        job = {"jobId": f"FB{day}", "serviceType": "FileShare", "jobType": "FileBackup", "state": state}
        times = {"startTime": f"2026-11-{day:02}T01:00:00Z", "finishTime": f"2026-11-{day:02}T01:10:00Z"}
        (self.folder / "jobs.ndjson").write_text(json.dumps(job | times | {"plan": "nightly", "comments": comments}))
        done = typed("import", str(self.folder / "jobs.ndjson"), "--tenant", "acme", "--store", self.url)
        assert done.returncode == 0, done.stderr

    def watch(self, at: str, *words: str) -> Any:
        given = ["watch", "--once", "--at", f"2026-11-{at}Z", "--config", str(self.config), "--json", *words]
        done = typed(*given, "--store", self.url)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def told(self) -> list[tuple[str, str]]:
        """The steps and subjects that came since it was asked last."""
        came = [request.document["data"] for request in self._receiver.requests]
        self._receiver.requests.clear()
        return [(one["step"], one["subject"]) for one in came]


@pytest.fixture
def nights(new_file: Path, tmp_path: Path) -> Iterator[Nights]:
    (tmp_path / "jobs.db").write_bytes(new_file.read_bytes())
    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    assert typed("tenant", "create", "acme", "--store", url).returncode == 0
    with receiving() as receiver:
        yield Nights(tmp_path, url, receiver)


def test_what_fails_is_judged_told_taken_and_closed(nights: Nights) -> None:
    for day in (20, 21, 22):
        nights.ran(day, "Successful")
    assert nights.watch("22T02:00")["changes"] == []
    nights.ran(23, "Failed", "No space left on device")
    first = nights.watch("23T02:00")
    assert [one["verdict"] for one in first["changes"]] == ["failing"]
    assert (first["deliveries"], nights.told) == (0, [])
    assert nights.watch("23T02:06", "--public-url", "https://jobs.example.com")["deliveries"] == 1
    assert nights.told == [("opened", "nightly is failing")]
    assert nights.watch("23T02:07")["deliveries"] == 0
    listed = typed("incidents", "list", "--tenant", "acme", "--json", "--store", nights.url)
    (one,) = json.loads(listed.stdout)["incidents"]
    assert (one["cause"], one["jobId"], one["told"][0]["channels"]) == ("no-space", "FB23", ["tickets"])
    taken = typed("ack", one["id"], "--tenant", "acme", "--until", "2199-01-01", "--store", nights.url)
    assert taken.returncode == 0, taken.stderr
    nights.watch("24T03:00")
    assert nights.told == []
    nights.ran(24, "Failed", "repository is already locked by another process")
    nights.watch("24T03:10")
    nights.watch("24T03:11")
    ((step, subject),) = nights.told
    assert (step, subject) == ("worse", "It got worse or came back: nightly is failing")
    nights.ran(25, "Successful")
    nights.watch("25T02:00")
    assert nights.told == [("closed", "nightly is well again, after 2 d")]


def test_a_rule_that_is_wrong_is_named_before_anything_is_done(nights: Nights) -> None:
    nights.config.write_text(nights.config.read_text().replace("verdict=failing", "verdict=falling"))
    done = typed("watch", "--once", "--config", str(nights.config), "--store", nights.url)
    assert done.returncode == 1
    assert "notify 'all', where: verdict" in done.stderr
