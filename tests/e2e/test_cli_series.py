"""`jobreport series`: a table on a terminal of any width, JSON for scripts, from a server and from a store."""

import io
import json

import pytest
from rich.console import Console

from jobreport.cli.output.one_series import show_one_series
from jobreport.cli.output.series import show_series
from jobreport.client import JobReportClient
from jobs import AUGUST, DAY, MINUTE, job, unfinished
from serving import App, typed


@pytest.fixture
def filled(app: App) -> App:
    nights = [("Successful", 0), ("Failed", 1), ("Exception", 2)]
    answer = app.write(
        [
            *(
                job(f"n{day}", state=state, plan="nightly", resource="web-1:/home", startTime=AUGUST + day * DAY)
                for state, day in nights
            ),
            job("weekly", plan="weekly \x1b[2J", bytes=3 * 2**30, totalCount=12),
            job("never", plan="broken", state="Failed"),
            unfinished("runs", "InProgress", plan="weekly \x1b[2J", startTime=AUGUST + 9 * DAY),
        ]
    )
    assert answer.status_code == 200, answer.text
    return app


def from_store(app: App, *words: str) -> list[str]:
    return ["series", *words, "--store", app.server.store, "--tenant", app.document["tenant"]]


def server(app: App) -> dict[str, str]:
    return {
        "JOBREPORT_URL": app.server.url,
        "JOBREPORT_CLIENT_ID": app.client_id,
        "JOBREPORT_CLIENT_SECRET": app.secret,
    }


def plans(text: str) -> list[str]:
    return [one["plan"] for one in json.loads(text)["series"]]


def test_the_table_says_how_each_stands_and_how_many_there_are(filled: App) -> None:
    done = typed(*from_store(filled, "--sort", "lastGood"), TZ="UTC")
    assert done.returncode == 0, done.stderr
    head, _, broken, *_, last = done.stdout.splitlines()
    assert head.split() == ["Series", "State", "Verdict", "Last", "good", "Not", "good", "Type", "Plan", "Resource"]
    assert broken.split()[1:] == [
        "Failed",
        "failing",
        "never",
        "1",
        "since",
        *["2024-08-22", "16:00", "FileBackup", "broken"],
    ]
    (nightly,) = [line for line in done.stdout.splitlines() if "nightly" in line]
    assert "Exception   failing  2024-08-22 16:01  2 since 2024-08-23 16:00" in nightly
    assert last == "3 series"
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_no_state_and_number_is_cut(filled: App, width: int) -> None:
    with JobReportClient(filled.server.url, filled.client_id, filled.secret) as client:
        found = client.find_series().series
        whole = client.one_series(found[0].number)
    out = Console(width=width, file=io.StringIO())
    show_series(out, found)
    lines = out.file.getvalue().splitlines()  # a StringIO
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    for one in found:
        assert f" {one.number}  " in text
    for words in ("Exception", "2 since 2024-08-23", "never", "nightly"):
        assert words in text
    show_one_series(out, whole)


def test_store_and_server_answer_alike(filled: App) -> None:
    questions = [
        [],
        ["--sort=-name"],
        ["--state", "Failed,Exception", "--sort", "notGoodSince"],
        ["--search", "WEB"],
        ["--plan", "nightly", "--resource", "web-1:/home"],
        ["--service", "VM"],
        ["--at", "2024-08-22T16:01:00Z"],
        ["--at", "2024-08-23T20:00:00Z", "--state", "Failed"],
    ]
    for words in questions:
        here = typed(*from_store(filled, "--json", *words))
        there = typed("series", "--json", *words, **server(filled))
        assert here.returncode == there.returncode == 0, here.stderr + there.stderr
        assert json.loads(here.stdout) == json.loads(there.stdout), words


def test_at_a_time_each_is_told_as_it_stood(filled: App) -> None:
    done = typed(*from_store(filled, "--plan", "nightly", "--at", "2024-08-23T12:00:00Z", "--json"))
    (then,) = json.loads(done.stdout)["series"]
    assert (then["notGood"], then["jobs"], then["lastGood"]["jobId"]) == (0, 1, "n0")


@pytest.mark.parametrize("asks", ["a server", "a store"])
def test_a_page_says_how_to_see_the_others(filled: App, asks: str) -> None:
    words, more = (["series"], server(filled)) if asks == "a server" else (from_store(filled), {})
    done = typed(*words, "--page-size", "2", **more)
    assert done.stdout.splitlines()[-1] == "2 of 3 series; all of them: --page-size 3"
    first = typed(*words, "--page-size", "2", "--json", **more).stdout
    token = json.loads(first)["nextLink"]
    second = typed(*words, "--skiptoken", token, "--json", **more).stdout
    assert plans(first) + plans(second) == ["broken", "nightly", "weekly \x1b[2J"]
    assert typed(*words, "--skiptoken", token, **more).stdout.splitlines()[-1] == "1 of 3 series"


@pytest.mark.parametrize("asks", ["a server", "a store"])
def test_show_tells_all_of_one_series_and_its_runs(filled: App, asks: str) -> None:
    words, more = ([], server(filled)) if asks == "a server" else (from_store(filled)[1:], {})
    every = json.loads(typed("series", "--json", *words, **more).stdout)["series"]
    weekly = every[-1]
    for name in (str(weekly["number"]), weekly["key"]):
        done = typed("series", "show", name, *words, **more, TZ="UTC")
        assert done.returncode == 0, done.stderr
        assert "Last good    2024-08-22 16:01  weekly" in done.stdout
        assert "Usual        1m 00s (1m 00s to 1m 00s), 12 objects (12 to 12), 3.0 GiB" in done.stdout
        assert "by 1 good run\n" in done.stdout
        assert "\x1b" not in done.stdout
        assert [line.split()[2] for line in done.stdout.splitlines()[-2:]] == ["InProgress", "Successful"]
    shown = json.loads(typed("series", "show", str(weekly["number"]), "--json", *words, **more).stdout)
    assert shown["runs"][0]["jobId"] == "runs"
    assert shown["runs"][1]["duration"] == MINUTE / 10_000_000
    none = typed("series", "show", "9999", *words, **more)
    assert (none.returncode, none.stdout) == (1, "")
    assert "there is no series with the number or key '9999'" in none.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sort", "plan"], "--sort: must be one of name"),
        (["--page-size", "1001"], "--page-size"),
        (["--state", "Broken"], "--state: must be one of these"),
        (["--at", "whenever"], "--at"),
        (["--skiptoken", "nonsense"], "--skiptoken: is none that this service gave"),
        (["--page", "1"], "No such option"),
        (["--json", "show", "7"], "write --json after 'show'"),
    ],
    ids=str,
)
def test_wrong_usage_is_exit_code_2_and_names_the_flag(app: App, words: list[str], said: str) -> None:
    done = typed("series", *words) if "show" in words else typed(*from_store(app, *words))
    assert done.returncode == 2
    assert said in done.stderr
