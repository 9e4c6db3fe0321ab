"""`jobreport inbox try` and `jobreport inbox unread`: from a report that nobody could read to its job."""

import json
import shutil
from pathlib import Path

import pytest

from jobreport.identity import inboxes
from jobreport.inbox.deliver import keep
from jobreport.store import open_store
from serving import command, typed

MAPPING = """
[[mapping]]
name = "nas"
[mapping.fields]
state = "status"
comments = "text"
size = "bytes"
[mapping.states]
ok = "Successful"
"""
SAMPLE = b'{"status": "ok", "text": "done\\u001b[2J", "bytes": 9}'


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "jobreport.toml"
    file.write_text(MAPPING, encoding="utf-8")
    return str(file)


@pytest.fixture
def store(new_file: Path, tmp_path: Path) -> str:
    """A store with an inbox that has two reports that nobody could read."""
    url = f"sqlite:///{shutil.copy(new_file, tmp_path)}"
    assert typed("inbox", "create", "nas", "--store", url).returncode == 0
    opened = open_store(url)
    one = inboxes.named(opened, "nas", tenant="default")
    about = '{"method": "POST", "headers": {"content-type": "application/json"}, "query": []}'
    for content in (SAMPLE, b"<xml/>"):
        keep(opened, one, content, opened.clock(), kind="webhook", why="no\x1bform", form="nas", about=about)
    opened.close()
    return url


def listed(store: str, *more: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(typed("inbox", "unread", "list", *more, "--json", "--store", store).stdout)
    return found


MAIL = b"""From: nas@example.com
Subject: [nas2] Sync photos: done
Date: Sun, 29 Nov 2026 02:30:00 +0100

Took: 1h30m
"""
RULE = """
[[rule]]
name = "nas"
subject = '^\\[(?<resource>.+)\\] Sync (?<plan>.+): (?<state>.+)$'
states = { done = "Successful" }
"""


def test_a_mail_is_tried_by_a_rule(tmp_path: Path) -> None:
    config, file = tmp_path / "jobreport.toml", tmp_path / "sample.EML"
    config.write_text(MAPPING + RULE, encoding="utf-8")
    file.write_bytes(MAIL)
    done = typed("inbox", "try", "nas", str(file), "--config", str(config))
    assert done.returncode == 0, done.stderr
    assert "state:        Successful\n" in done.stdout
    assert "plan:         photos\n" in done.stdout
    done = typed("inbox", "try", "veeam", "--mail", str(file), "--config", str(config))
    assert done.returncode == 1
    assert "it is no mail that the rule veeam is for, but nas." in done.stderr
    assert typed("inbox", "try", "nas", str(file), "--query", "a=b", "--config", str(config)).returncode == 2


def test_a_sample_shows_what_it_would_become(config: str, tmp_path: Path) -> None:
    file = tmp_path / "sample.json"
    file.write_bytes(SAMPLE)
    done = typed("inbox", "try", "nas", str(file), "--config", config)
    assert done.returncode == 0, done.stderr
    assert "state:        Successful\n" in done.stdout
    assert "plan:         the inbox's\n" in done.stdout
    assert "\x1b" not in done.stdout
    shown = json.loads(typed("inbox", "try", "nas", str(file), "--config", config, "--json").stdout)
    assert (shown["jobs"][0]["size"], shown["jobs"][0]["plan"], shown["ignored"]) == (9, None, None)


def test_a_comment_on_the_plan_is_shown_too(tmp_path: Path) -> None:
    file = tmp_path / "alert.json"
    alert = {
        "status": "firing",
        "labels": {"alertname": "Disk\x1bFull"},
        "annotations": {"summary": "password=hunter2"},
    }
    file.write_text(json.dumps({"status": "firing", "alerts": [alert]}), encoding="utf-8")
    done = typed("inbox", "try", "alertmanager", str(file))
    assert done.stdout == "A comment on the plan:\nfiring: Disk Full: password=***\n"
    shown = json.loads(typed("inbox", "try", "alertmanager", str(file), "--json").stdout)
    assert shown == {"jobs": [], "log": "firing: Disk Full: password=***", "ignored": None}


@pytest.mark.parametrize(
    ("form", "content", "said"),
    [
        ("nas", "<xml/>", "the body is no JSON"),
        ("duplicatti", "{}", "did you mean duplicati"),
        ("nas", "{}", "state: "),
    ],
)
def test_a_sample_that_nobody_can_read_is_told(config: str, tmp_path: Path, form: str, content: str, said: str) -> None:
    file = tmp_path / "sample"
    file.write_text(content, encoding="utf-8")
    done = typed("inbox", "try", form, str(file), "--config", config)
    assert done.returncode == 1
    assert "nobody could read it, so it would be kept: " in done.stderr
    assert said in done.stderr


def test_a_mapping_that_is_wrong_is_told_with_its_line(config: str, tmp_path: Path) -> None:
    Path(config).write_text(MAPPING.replace("Successful", "Fine"), encoding="utf-8")
    done = typed("inbox", "try", "nas", config, "--config", config)
    assert done.returncode == 1
    assert f"{config}, line 9: mapping 'nas', states.ok: " in done.stderr


def test_what_is_unread_is_listed_shown_and_read_again(store: str, config: str, tmp_path: Path) -> None:
    second, first = listed(store)
    assert (first["why"], first["inbox"], first["form"]) == ("no form", "nas", "nas")
    table = typed("inbox", "unread", "list", "nas", "--store", store).stdout
    assert "no form" in table
    assert '"unread": 2' in typed("inbox", "list", "--json", "--store", store).stdout
    shown = typed("inbox", "unread", "show", first["id"], "--store", store).stdout
    assert "content-type" in shown
    assert '"text": "done' in shown
    assert command("inbox", "unread", "show", first["id"], "--content", "--store", store).stdout.encode() == SAMPLE
    done = typed("inbox", "unread", "read", "--config", config, "--store", store)
    assert done.returncode == 1
    assert f"{second['id']} of nas is still unread: the body is no JSON" in done.stdout
    assert "Read 1 of 2, with 1 job." in done.stdout
    assert [one["id"] for one in listed(store)] == [second["id"]]
    (job,) = json.loads(typed("jobs", "--json", "--store", store).stdout)["jobs"]
    assert job["status"] == 2
    deleted = typed("inbox", "unread", "delete", second["id"], "--store", store)
    assert deleted.stdout == "Deleted 1.\n"
    assert typed("inbox", "unread", "list", "--store", store).stdout == "Everything was read.\n"
    assert "unread.deleted" in typed("audit", "--store", store, "--json").stdout


@pytest.mark.parametrize("words", [["show", "nothing"], ["delete", "nothing"], ["list", "nowhere"]])
def test_what_there_is_not_is_said(store: str, words: list[str]) -> None:
    done = typed("inbox", "unread", *words, "--store", store)
    assert done.returncode == 1
    assert words[1] in done.stderr


def test_the_address_for_a_form_is_printed(store: str) -> None:
    made = typed("inbox", "create", "pve", "--form", "pve", "--url", "https://jobs.example.com", "--store", store)
    secret = made.stdout.strip().removeprefix("https://jobs.example.com/hook/").removesuffix("/pve")
    assert len(secret) == 36
