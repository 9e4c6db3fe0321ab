"""`jobreport jobs` and `jobreport ticks`: a table for people, JSON for scripts, from a server and from a store."""

import json
import re
from datetime import UTC, datetime

import pytest

from jobs import AUGUST, MINUTE, job, unfinished
from serving import App, typed


@pytest.fixture
def filled(app: App) -> App:
    app.write(
        [
            job("ok", serviceType="VM", jobType="Backup", startTime=AUGUST, plan="p", resource="r", origin="o"),
            job("bad", state="Failed", startTime=AUGUST + MINUTE, failedCount=3, comments="line 1\nno space left"),
            job("part", state="Exception", startTime=AUGUST + 2 * MINUTE, failedCount=1, description="web-1"),
            unfinished("run", "InProgress", startTime=AUGUST + 3 * MINUTE),
            unfinished("due", "NotStarted", startTime=AUGUST + 4 * MINUTE),
        ]
    )
    return app


def from_store(app: App, *words: str) -> list[str]:
    return ["jobs", "--store", app.server.store, "--tenant", app.document["tenant"], *words]


def server(app: App) -> dict[str, str]:
    return {
        "JOBREPORT_URL": app.server.url,
        "JOBREPORT_CLIENT_ID": app.client_id,
        "JOBREPORT_CLIENT_SECRET": app.secret,
    }


def ids(text: str) -> list[str]:
    return [one["jobId"] for one in json.loads(text)["jobs"]]


def test_json_has_what_generation_2_has_and_what_it_leaves_out(filled: App) -> None:
    for words, given in ((["jobs"], server(filled)), (from_store(filled), {})):
        done = typed(*words, "--json", "--since", "2024-08-22", "--until", "2024-08-22T16:00:50Z", **given)
        (shown,), (given_by_api,) = (
            json.loads(done.stdout)["jobs"],
            filled.find(pageSize=1, pageNumber=4).json()["jobs"],
        )
        assert shown.items() > given_by_api.items()
        more = {name: shown[name] for name in shown if name not in given_by_api}
        assert more.pop("observedAt").startswith("20")
        assert more == {
            "serviceType": 1,
            "service": "VM",
            "type": "Backup",
            "state": "Successful",
            "plan": "p",
            "resource": "r",
            "description": "",
            "origin": "o",
            "bytes": 0,
            "cause": "",
            "causeText": "",
            "reference": "",
            "sees": "runs",
        }


def test_as_generation2_is_generation_2_as_the_api_gives_it(filled: App) -> None:
    done = typed("jobs", "--as", "generation2", "--page-size", "3", **server(filled))
    assert done.returncode == 0, done.stderr
    shown, given = json.loads(done.stdout), filled.find(pageSize=3).json()
    for one in (*shown["jobs"], *given["jobs"]):
        one["duration"] = 0 if one["jobId"] == "run" else one["duration"]
    assert shown == given
    here = json.loads(typed(*from_store(filled, "--as", "generation2")).stdout)
    assert [set(one) for one in here["jobs"]] == [set(given["jobs"][0])] * 5


def test_a_table_says_how_to_see_the_next_page(filled: App) -> None:
    last = [typed(*from_store(filled, "--page-size", "2", "--page", page)).stdout.splitlines()[-1] for page in "012"]
    assert last == [
        "1 to 2 of 5 jobs; the next page: --page 1",
        "3 to 4 of 5 jobs; the next page: --page 2",
        "5 to 5 of 5 jobs",
    ]
    words = from_store(filled, "--page-size", "2")
    token = json.loads(typed(*words, "--json").stdout)["nextLink"]
    before, _, after = typed(*words, "--skiptoken", token).stdout.splitlines()[-1].partition("; the next page: ")
    assert before == "2 of 5 jobs"
    assert typed(*words, *after.split()).stdout.splitlines()[-1] == "1 of 5 jobs"


@pytest.mark.parametrize("from_", ["a server", "a store"])
def test_next_link_is_the_skiptoken_of_the_next_page(filled: App, from_: str) -> None:
    words = from_store(filled) if from_ == "a store" else ["jobs"]
    given = {} if from_ == "a store" else server(filled)
    first = typed(*words, "--json", "--sort", "startTime", "--page-size", "2", **given)
    second = typed(*words, "--json", "--skiptoken", json.loads(first.stdout)["nextLink"], **given)
    assert ids(first.stdout) + ids(second.stdout) == ["ok", "bad", "part", "run"]
    table = typed(*words, "--skiptoken", json.loads(second.stdout)["nextLink"], **given)
    assert table.stdout.splitlines()[-1] == "1 of 5 jobs"


def test_store_and_server_answer_alike(filled: App) -> None:
    questions = [
        [],
        ["--state", "Failed"],
        ["--state", "16"],
        ["--service", "VM"],
        ["--type", "FileBackup"],
        ["--search", "WEB"],
        ["--since", "2024-08-22T16:01:48Z"],
        ["--until", "2024-08-22T16:01:48Z"],
        ["--page", "1", "--page-size", "2"],
        ["--state", "exception", "--page-size", "1"],
        ["--state", "Failed,Exception", "--state", "InProgress"],
        ["--service-type", "VM,FileShare", "--job-type", "1"],
        ["--plan", "p", "--resource", "r", "--origin", "o"],
        ["--comments", "SPACE", "--min-failed", "1"],
        ["--min-duration", "1m", "--sort=-failedCount"],
        ["--min-duration", "PT2H", "--sort", "duration"],
    ]
    for words in questions:
        here = typed(*from_store(filled, "--json", *words))
        there = typed("jobs", "--json", *words, **server(filled))
        assert here.returncode == there.returncode == 0, here.stderr + there.stderr
        assert ids(here.stdout) == ids(there.stdout), words
        assert json.loads(here.stdout)["totalCount"] == json.loads(there.stdout)["totalCount"], words


def test_state_filters_and_the_total_stays_exact(filled: App) -> None:
    found = json.loads(typed(*from_store(filled, "--json", "--state", "Failed")).stdout)
    assert (found["totalCount"], ids(json.dumps(found))) == (1, ["bad"])


def test_table_says_state_counts_and_total_in_words(filled: App) -> None:
    done = typed(*from_store(filled))
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    (bad,) = [line for line in lines if line.split()[:1] == ["bad"]]
    for word in ("Failed", "1m 00s", "3", "no space left"):
        assert word in bad
    assert "line 1" not in done.stdout
    assert "1 to 5 of 5 jobs" in done.stdout
    assert "\x1b" not in done.stdout  # colours are for terminals


def test_page_without_jobs_still_says_the_total(filled: App) -> None:
    assert "none on this page of 5 jobs; the first page: --page 0" in typed(*from_store(filled, "--page", "9")).stdout
    assert typed(*from_store(filled, "--search", "nothing")).stdout.strip() == "0 jobs"


def test_since_takes_a_span(app: App) -> None:
    now = datetime.now(UTC).isoformat()
    app.write([job("old"), unfinished("new", "InProgress", startTime=now)])
    for span in ("7d", "1h", "2w", "10m"):
        assert ids(typed(*from_store(app, "--json", "--since", span)).stdout) == ["new"]


def test_provider_asks_for_the_tenant_that_the_option_names(filled: App) -> None:
    provider = server(filled.server.provider(filled.document["tenant"], "other", make=["other"]))
    done = typed("jobs", "--json", "--tenant", filled.document["tenant"], "--state", "Failed", **provider)
    assert ids(done.stdout) == ["bad"]
    assert ids(typed("jobs", "--json", "--tenant", "other", **provider).stdout) == []
    assert typed("jobs", **provider).returncode == 1


def test_secret_may_come_from_a_file(filled: App, tmp_path: object) -> None:
    file = f"{tmp_path}/secret"
    with open(file, "w") as out:  # noqa: PTH123 - an open file is what a child process takes
        out.write(filled.secret + "\n")
    given = {**server(filled), "JOBREPORT_CLIENT_SECRET_FILE": file}
    del given["JOBREPORT_CLIENT_SECRET"]
    assert typed("jobs", "--json", **given).returncode == 0
    both = typed("jobs", **{**given, "JOBREPORT_CLIENT_SECRET": "x"})
    assert both.returncode == 1
    assert "both set" in both.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"JOBREPORT_CLIENT_SECRET": "wrong"}, "unknown client, wrong secret"),
        ({"JOBREPORT_CLIENT_SECRET": ""}, "JOBREPORT_CLIENT_SECRET"),
        ({"JOBREPORT_CLIENT_ID": ""}, "JOBREPORT_CLIENT_ID"),
        ({"JOBREPORT_URL": "http://127.0.0.1:9"}, "127.0.0.1:9"),
        ({"JOBREPORT_URL": "127.0.0.1:9"}, "JOBREPORT_URL: it must be an address such as https://jobs.example.com"),
    ],
)
def test_server_that_cannot_be_asked_is_one_sentence_and_exit_1(idle: App, change: dict[str, str], words: str) -> None:
    done = typed("jobs", **{**server(idle), **change})
    assert done.returncode == 1
    assert done.stdout == ""
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert idle.secret not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--state", "Done"],
        ["--service", "3"],
        ["--type", "Nonsense"],
        ["--page", "-1"],
        ["--page", "2147483648"],
        ["--page-size", "0"],
        ["--page-size", "10001"],
        ["--since", "tomorrow"],
        ["--since", "1724342448"],
        ["--since", "999999999w"],
        ["--until", "7x"],
        ["--search", "x" * 257],
        ["--min-duration", "long"],
        ["--min-failed", "-1"],
        ["--sort", "jobId"],
        ["--skiptoken", "nonsense"],
        ["--nonsense"],
        ["extra"],
    ],
)
def test_wrong_usage_is_exit_2(idle: App, words: list[str]) -> None:
    done = typed(*from_store(idle, *words))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert words[0] in done.stderr


def test_tenant_that_does_not_exist_is_said(idle: App) -> None:
    done = typed("jobs", "--store", idle.server.store, "--tenant", "nobody")
    assert done.returncode == 1
    assert "nobody" in done.stderr


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("2026-11-23T08:00Z", "639310176000000000"),
        ("2024-08-22T18:00:48.1859693+02:00", "638599392481859693"),
        ("638599392481859693", "2024-08-22T16:00:48.1859693Z"),
        ("638527680000000000", "2024-05-31T16:00:00.0000000Z"),
        ("621355968000000000", "1970-01-01T00:00:00.0000000Z"),
    ],
)
def test_ticks_turns_a_time_into_ticks_and_back(given: str, printed: str) -> None:
    done = typed("ticks", given)
    assert (done.returncode, done.stdout.strip()) == (0, printed)


def test_ticks_as_json_has_both() -> None:
    both = {"ticks": 638599392481859693, "time": "2024-08-22T16:00:48.1859693Z"}
    assert [json.loads(typed("ticks", str(given), "--json").stdout) for given in both.values()] == [both, both]


def test_ticks_without_an_argument_is_now() -> None:
    assert re.fullmatch(r"6\d{17}\n", typed("ticks").stdout)


@pytest.mark.parametrize("given", ["nonsense", "2024-08-22", "2024-08-22T16:00:48", "1724342448", "0", "--", "9" * 30])
def test_ticks_of_what_is_no_time_is_exit_2_with_a_reason(given: str) -> None:
    done = typed("ticks", given) if given != "--" else typed("ticks", "--", "-5")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
