"""`jobreport summary`: a table for people, JSON for scripts, from a server and from a store, by the flags of `jobs`."""

import json

import pytest

from jobs import AUGUST, DAY, MINUTE, job, unfinished
from serving import App, command, typed


@pytest.fixture
def filled(app: App) -> App:
    app.write(
        [
            job("ok", startTime=AUGUST, plan="nightly", bytes=3 * 2**30),
            job("bad", state="Failed", startTime=AUGUST + MINUTE, failedCount=3, plan="nightly"),
            *(job(f"more{number}", startTime=AUGUST + DAY + number, plan="weekly") for number in range(3)),
            unfinished("run", "InProgress", startTime=AUGUST + 3 * DAY),
        ]
    )
    return app


def from_store(app: App, *words: str) -> list[str]:
    return ["summary", "--store", app.server.store, "--tenant", app.document["tenant"], *words]


def server(app: App) -> dict[str, str]:
    return {
        "JOBREPORT_URL": app.server.url,
        "JOBREPORT_CLIENT_ID": app.client_id,
        "JOBREPORT_CLIENT_SECRET": app.secret,
    }


def test_table_has_a_row_a_group_and_says_what_it_covers(filled: App) -> None:
    done = typed(*from_store(filled, "--by", "day", "--tz", "Asia/Tokyo", "--with", "objects,bytes"), TZ="UTC")
    assert done.returncode == 0, done.stderr
    head, _, *rows, last = [line.split() for line in done.stdout.splitlines() if line.strip()]
    assert head == ["Day", "Jobs", "Successful", "Unsuccessful", "Rate", "Objects", "Of", "them", "failed", "Bytes"]
    assert [row[:5] for row in rows] == [
        ["2024-08-23", "2", "1", "1", "50.0%"],
        ["2024-08-24", "3", "3", "0", "100.0%"],
        ["2024-08-26", "1", "0", "0", "-"],
    ]
    assert rows[0][5:] == ["3", "3", "3.0", "GiB"]
    said = " ".join(last)
    # What is told of the range is in the zone of the days, too: there it was one o'clock at night.
    assert said.startswith("6 jobs, success rate 80.0%, 3 objects, 3.0 GiB; from 2024-08-23 01:00 to 2024-08-26 01:00")
    assert said.endswith("; days in Asia/Tokyo")


@pytest.mark.parametrize("asks", ["a server", "a store"])
def test_a_date_alone_is_a_day_of_the_zone_whose_days_are_shown(filled: App, asks: str) -> None:
    words, more = (["summary"], server(filled)) if asks == "a server" else (from_store(filled), {})

    def days(*words_of_range: str) -> dict[str, int]:
        done = typed(*words, "--json", *words_of_range, **more, TZ="America/New_York")
        assert done.returncode == 0, done.stderr
        return {group["day"]: group["jobs"] for group in json.loads(done.stdout)["groups"]}

    # All of them started at 16:00 or 16:01 in UTC, and in Tokyo after midnight.
    whole = ("--since", "2024-08-22", "--until", "2024-08-22")
    assert days("--by", "day", *whole) == {"2024-08-22": 2}
    assert days("--by", "day", *whole, "--tz", "Asia/Tokyo") == {}
    tokyo = ("--since", "2024-08-23", "--until", "2024-08-24", "--tz", "Asia/Tokyo")
    assert days("--by", "day,state", *tokyo).keys() == {"2024-08-23", "2024-08-24"}
    assert days("--by", "day", "--since", "2024-08-24") == {"2024-08-25": 1}


def test_a_date_alone_is_this_machines_where_no_days_are_shown(filled: App) -> None:
    # Twelve hours behind, the jobs of four o'clock in UTC belong to the same day; ten ahead, to the next.
    for zone, jobs in (("Pacific/Honolulu", 2), ("Asia/Tokyo", 0)):
        words = from_store(filled, "--by", "plan", "--since", "2024-08-22", "--until", "2024-08-22", "--json")
        done = json.loads(command(*words, TZ=zone).stdout)
        assert done["total"]["jobs"] == jobs, zone


def test_last_success_and_failure_stand_beside_the_plan(filled: App) -> None:
    done = typed(*from_store(filled, "--by", "plan", "--with", "last", "--plan", "nightly"))
    (row,) = [line.split() for line in done.stdout.splitlines() if "nightly" in line]
    assert row[:5] == ["nightly", "2", "1", "1", "50.0%"]
    assert row[5::2] == ["2024-08-22", "2024-08-22"] or len(row) == 9


def test_without_by_the_total_alone_is_said(filled: App) -> None:
    done = typed(*from_store(filled, "--state", "Failed"))
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("1 job, success rate 0.0%; from ")


def test_a_rate_that_is_not_whole_is_not_shown_as_whole(app: App) -> None:
    app.write([job(f"{number}") for number in range(5000)] + [job("bad", state="Failed")])
    assert "success rate 99.9%" in typed(*from_store(app)).stdout


def test_store_and_server_answer_alike(filled: App) -> None:
    for words in (
        [],
        ["--by", "day,state"],
        ["--by", "day", "--by", "plan", "--with", "bytes", "--with", "last"],
        ["--by", "hour", "--tz", "europe/berlin"],
        ["--by", "plan", "--state", "Failed", "--min-failed", "1", "--since", "2024-08-22T16:00Z"],
    ):
        here = typed(*from_store(filled, "--json", *words))
        there = typed("summary", "--json", *words, **server(filled))
        assert here.returncode == there.returncode == 0, here.stderr + there.stderr
        shown, given = json.loads(here.stdout), json.loads(there.stdout)
        assert shown["covers"].pop("asOf") <= given["covers"].pop("asOf")
        assert shown == given, words


def test_json_is_that_of_the_api(filled: App) -> None:
    shown = json.loads(typed("summary", "--json", "--by", "plan", **server(filled)).stdout)
    given = filled.summary(by="plan").json()
    assert shown["groups"] == given["groups"]
    assert shown["total"] == given["total"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--by", "year"], "--by: must be of day, hour"),
        (["--by", "night,day"], "--by: takes no other time beside night"),
        (["--tz", "Mars"], "--tz: 'Mars' is no time zone"),
        (["--with", "x"], "--with: must be of objects, bytes, last"),
        (["--state", "Broken"], "--state: must be one of these"),
        (["--page", "1"], "No such option"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_names_the_flag(app: App, words: list[str], said: str) -> None:
    done = typed(*from_store(app, *words))
    assert done.returncode == 2
    assert said in done.stderr


def test_too_many_groups_are_a_usage_error_from_a_store_and_from_a_server(app: App) -> None:
    for first in (0, 5_001):
        app.write([job(f"{number}", resource=f"r{number}") for number in range(first, first + 5_001)])
    here = typed(*from_store(app, "--by", "resource"))
    there = typed("summary", "--by", "resource", **server(app))
    assert (here.returncode, there.returncode) == (2, 1)
    for done in (here, there):
        assert "gives more than 10,000 groups; ask for a shorter range" in done.stderr


def test_tenant_without_jobs_is_said(app: App) -> None:
    app.write([])
    assert typed(*from_store(app, "--by", "day")).stdout == "0 jobs, and there never was one\n"


def test_store_that_is_not_there_is_not_made() -> None:
    assert typed("summary", "--store", "sqlite:////nowhere/jobs.db").returncode == 1


def test_providers_app_names_the_tenant_by_the_option(filled: App) -> None:
    tenant = filled.document["tenant"]
    provider = filled.server.provider(tenant)
    done = typed("summary", "--tenant", tenant, "--json", **server(provider))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["total"]["jobs"] == 6
    assert typed("summary", **server(provider)).returncode == 1
