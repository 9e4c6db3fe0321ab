"""`jobreport notify` as people type it, and a server that delivers what is in its store."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobreport.model import ticks
from jobreport.model.message import Delivery
from jobreport.store import open_store
from jobreport.store.watch import deliveries
from jobreport.store.watch.deliveries import Key
from receivers import MailHouse, mail_house, message, receiving
from serving import serve, typed, until


@pytest.fixture
def store(new_file: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(new_file, tmp_path)}"


@pytest.fixture
def house() -> Iterator[MailHouse]:
    with mail_house() as running:
        yield running


@pytest.fixture
def config(tmp_path: Path, house: MailHouse) -> str:
    file = tmp_path / "jobreport.toml"
    file.write_text(
        f"""
[[channel]]
kind = "mail"
name = "admins"
host = "127.0.0.1"
port = {house.port}
security = "none"
from = "backup@jobs.test"
to = ["anna@example.test", "ben@example.test"]
""",
        encoding="utf-8",
    )
    return str(file)


def add(url: str, *, failed: bool = False, channel: str = "admins") -> None:
    """Stores a message for a channel, or one that could not be delivered."""
    with closing(open_store(url)) as store:
        assert store.tenant_id("default", create=True) == 1
        with store.writing() as transaction:
            deliveries.add(transaction, [Delivery(message(), channel)])
            if failed:
                key, now = Key(1, message().id, channel), store.clock()
                deliveries.take(transaction, key, "x", now, now + 1)
                deliveries.give_up(transaction, key, "x", now, "the mailbox\x1b[31m is full")


def test_a_test_says_of_each_receiver_whether_it_has_it(config: str, house: MailHouse) -> None:
    done = typed("notify", "test", "admins", "--config", config)
    assert (done.returncode, done.stdout) == (0, "anna@example.test: taken\nben@example.test: taken\n")
    assert house.letters[0].mail["Subject"] == "[Jobreport] This is a test of the channel admins"
    house.refused["ben@example.test"] = "550 no such mailbox"
    done = typed("notify", "test", "admins", "--config", config, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == [
        {"receiver": "anna@example.test", "error": None},
        {"receiver": "ben@example.test", "error": "ben@example.test was refused: 550 no such mailbox"},
    ]


def test_a_channel_that_there_is_not_is_answered_with_those_that_there_are(config: str) -> None:
    done = typed("notify", "test", "admin", "--config", config)
    assert done.returncode == 1
    assert done.stderr.startswith("jobreport: there is no channel 'admin' in ")
    assert done.stderr.endswith(": did you mean admins? There are admins.\n")


def test_status_ends_with_1_only_where_something_could_not_be_delivered(store: str, config: str) -> None:
    asked = ("notify", "status", "--store", store, "--config", config)
    done = typed(*asked)
    assert done.returncode == 0
    assert done.stdout.split()[-5:] == ["admins", "mail", "0", "-", "0"]
    add(store, channel="pagr")
    assert "not in jobreport.toml" in typed(*asked).stdout
    with closing(open_store(store)) as opened, opened.writing() as transaction:
        key, now = Key(1, message().id, "pagr"), opened.clock()
        deliveries.take(transaction, key, "x", now, now + 1)
        deliveries.postpone(transaction, key, "x", now + ticks.PER_DAY, "connection refused")
    done = typed(*asked)
    assert done.returncode == 3
    assert "pagr does not take what is sent: it is tried again for a day." in done.stdout
    add(store, failed=True)
    done = typed(*asked)
    assert done.returncode == 1
    assert f"Not delivered by admins: {message().subject} (default): the mailbox" in done.stdout
    assert "\x1b" not in done.stdout
    document = json.loads(typed(*asked, "--json").stdout)
    assert [(one["channel"], one["kind"], one["waiting"], one["failed"]) for one in document["channels"]] == [
        ("admins", "mail", 0, 1),
        ("pagr", None, 1, 0),
    ]
    assert (document["failed"][0]["tenant"], document["failed"][0]["tries"]) == ("default", 1)


def test_what_could_not_be_delivered_is_tried_again_or_dropped(store: str) -> None:
    add(store, failed=True)
    assert typed("notify", "retry", "pagr", "--store", store).stdout == "Tries 0 messages again.\n"
    assert typed("notify", "retry", "--store", store).stdout == "Tries 1 message again.\n"
    assert typed("notify", "status", "--store", store).returncode == 3, "it was tried in vain so far"
    add(store, failed=True, channel="pagr")
    assert json.loads(typed("notify", "drop", "pagr", "--json", "--store", store).stdout) == {"dropped": 1}
    done = [one["action"] for one in json.loads(typed("audit", "--json", "--store", store).stdout)]
    assert done[-2:] == ["messages.retried", "messages.dropped"]
    assert typed("notify", "status", "--store", store).returncode == 3


def test_a_server_delivers_what_is_in_its_store(tmp_path: Path, config: str, house: MailHouse) -> None:
    with serve(tmp_path, "--config", config) as server:
        add(server.store)
        until(lambda: len(house.letters) == 2, "letters")
        asked = ("notify", "status", "--store", server.store, "--config", config, "--json")
        until(lambda: json.loads(typed(*asked).stdout)["channels"][0]["waiting"] == 0, "the note of it")
    assert {one.mail["Message-ID"] for one in house.letters} == {house.letters[0].mail["Message-ID"]}


def test_a_digest_is_shown_as_it_would_be_now(store: str, config: str) -> None:
    with Path(config).open("a", encoding="utf-8") as file:
        file.write('[[digest]]\nname = "morning"\nat = "07:00"\nchannels = ["admins"]\n')
        file.write('tenants = ["acme", "globex"]\n')
    with closing(open_store(store)) as opened:
        opened.tenant_id("acme", create=True)
    asked = ("notify", "digest", "morning", "--store", store, "--config", config)
    assert "no tenant 'globex'" in typed(*asked).stderr
    assert typed(*asked).stdout.startswith("Nothing can be said yet: no job names its plan or its resource\n")
    assert [one["tenant"] for one in json.loads(typed(*asked, "--json").stdout)] == ["acme"]
    assert typed(*asked, "--tenant", "globex").stdout == "It is about no tenant.\n"
    assert "did you mean morning?" in typed("notify", "digest", "mornin", *asked[3:]).stderr


def test_a_server_that_works_calls_its_switch(tmp_path: Path) -> None:
    with receiving() as receiver:
        file = tmp_path / "switch.toml"
        file.write_text(f'[deadman]\nurl = "{receiver.url}"\nevery = "10s"\n')
        with serve(tmp_path, "--config", str(file)):
            until(lambda: receiver.requests, "a call")
    assert receiver.requests[0].path == "/hook/secret-path"


def test_a_store_that_no_server_serves_is_watched_by_cron(store: str, config: str, house: MailHouse) -> None:
    with Path(config).open("a", encoding="utf-8") as file:
        file.write('[[notify]]\nname = "all"\nchannels = ["admins"]\n')
        file.write('[[digest]]\nname = "morning"\nat = "07:00"\nchannels = ["admins"]\n')
    jobs = Path(config).with_name("jobs.ndjson")
    times = {"startTime": "2026-11-22T20:00:00Z", "finishTime": "2026-11-22T20:01:00Z"}
    about = {"serviceType": "FileShare", "jobType": "FileBackup", "plan": "payroll", "resource": "nas"}
    jobs.write_text(json.dumps({"jobId": "FB1", "state": "Failed", **about, **times}))
    assert typed("import", str(jobs), "--store", store).returncode == 0
    asked = ("watch", "--once", "--store", store, "--config", config, "--public-url", "https://jobs.example.com")
    for at in ("21:00", "21:06"):
        done = typed(*asked, "--at", f"2026-11-22T{at}:00Z")
        assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("1 message of incidents, 0 digests.\n")
    assert [one.to for one in house.letters] == [("anna@example.test",), ("ben@example.test",)]
    assert house.letters[0].mail["Subject"].startswith("[default] payroll · nas is failing")
    again = json.loads(typed(*asked, "--at", "2026-11-23T07:00:00Z", "--json").stdout)
    assert (again["deliveries"], again["digests"]) == (0, 1)
    assert house.letters[-1].mail["Subject"] == "[default] 1 of 1 series needs you: 1 failed"
