"""`--night`: the jobs that ended in a night of the tenant, in three commands, from a server and from a store."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jobreport.model import ticks
from jobs import job
from serving import App, typed


def at(text: str) -> int:
    return ticks.from_iso(text)


@pytest.fixture
def filled(app: App) -> App:
    """Three jobs about the night of a Friday, which begins at 20:00 in Berlin; and one of last night."""
    name = app.document["tenant"]
    words = ("tenant", "set", name, "--tz", "Europe/Berlin", "--night", "20:00", "--store", app.server.store)
    assert typed(*words).returncode == 0
    times = [
        ("before", "2025-11-21T10:00:00Z", "2025-11-21T18:59:59Z"),
        ("evening", "2025-11-21T10:00:00Z", "2025-11-21T19:00:00Z"),
        ("morning", "2025-11-22T04:00:00Z", "2025-11-22T05:00:00Z"),
    ]
    jobs = [job(one, startTime=at(begin), finishTime=at(end), state="Failed") for one, begin, end in times]
    assert app.write(jobs).status_code == 200
    return app


@pytest.fixture(params=["a server", "a store"])
def asking(filled: App, request: pytest.FixtureRequest) -> tuple[list[str], dict[str, str]]:
    if request.param == "a store":
        return ["--store", filled.server.store, "--tenant", filled.document["tenant"]], {}
    names = ("JOBREPORT_URL", "JOBREPORT_CLIENT_ID", "JOBREPORT_CLIENT_SECRET")
    return [], dict(zip(names, (filled.server.url, filled.client_id, filled.secret), strict=True))


Asking = tuple[list[str], dict[str, str]]


def asked(asking: Asking, *words: str) -> dict[str, Any]:
    source, more = asking
    done = typed(*words, "--json", *source, **more)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_began_in_the_day_and_ended_in_the_night_belongs_to_the_night(asking: Asking, tmp_path: Path) -> None:
    assert [asked(asking, "jobs", "--night", f"2025-11-{day}")["totalCount"] for day in (20, 21, 22)] == [1, 2, 0]
    answer = asked(asking, "summary", "--night", "2025-11-21", "--by", "state")
    assert [(one["state"], one["jobs"]) for one in answer["groups"]] == [("Failed", 2)]
    file = tmp_path / "night.ndjson"
    assert asked(asking, "export", "--night", "2025-11-21", "-o", str(file))["jobs"] == 2
    assert sorted(json.loads(line)["jobId"] for line in file.read_text().splitlines()) == ["evening", "morning"]
    answer = asked(asking, "summary", "--by", "night", "--ended-since", "2025-11-21")
    assert [(one["night"], one["jobs"]) for one in answer["groups"]] == [("2025-11-20", 1), ("2025-11-21", 2)]
    assert (answer["covers"]["timeZone"], answer["covers"]["night"]) == ("Europe/Berlin", "20:00")


def test_the_last_night_began_yesterday(filled: App, asking: Asking) -> None:
    now = datetime.now(UTC)
    filled.write([job(f"h{hours}", finishTime=ticks.from_datetime(now - timedelta(hours=hours))) for hours in (0, 60)])
    found = asked(asking, "jobs", "--night", "last")["totalCount"]
    # At this very time the night of yesterday runs, or in the evening that of today.
    berlin = now.astimezone(ZoneInfo("Europe/Berlin"))
    assert found == (1 if berlin.hour < 20 else 0)


def test_a_table_says_when_the_nights_begin(filled: App) -> None:
    words = ("summary", "--by", "night", "--store", filled.server.store, "--tenant", filled.document["tenant"])
    assert typed(*words).stdout.rstrip().endswith("nights from 20:00 on in Europe/Berlin")


@pytest.mark.parametrize(("command", "end"), [("jobs", "0 jobs ended "), ("summary", "0 jobs, success rate -; ended ")])
def test_an_empty_night_says_which_one_it_was_and_the_store_once(
    filled: App, tmp_path: Path, command: str, end: str
) -> None:
    (tmp_path / "server.env").write_text(f"JOBREPORT_STORE={filled.server.store}\n")
    words = (command, "--night", "2025-11-23", "--tenant", filled.document["tenant"])
    done = typed(*words, JOBREPORT_SETTINGS=str(tmp_path), TZ="UTC")
    assert done.stdout.strip() == f"{end}from 2025-11-23 19:00 to 2025-11-24 18:59"
    assert done.stderr.count("the store is") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--night", "yesterday"), "such as 2026-11-27, or last"),
        (("--night", "2026-02-30"), "such as 2026-11-27, or last"),
        (("--night", "0001-01-01"), "such as 2026-11-27, or last"),
        (("--night", "last", "--ended-since", "7d"), "give one"),
    ],
)
@pytest.mark.parametrize("command", ["jobs", "summary"])
def test_what_is_no_night_is_refused(filled: App, command: str, words: tuple[str, ...], said: str) -> None:
    done = typed(command, *words, "--store", filled.server.store, "--tenant", filled.document["tenant"])
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
