"""What is refused of a command's question: said by the flags that were given, whoever refused it."""

import json
from datetime import datetime, timedelta

import pytest

from jobs import AUGUST, job, unfinished
from serving import WRITE_OWN, App, typed
from serving import command as started


def of(app: App) -> dict[str, str]:
    return {
        "JOBREPORT_URL": app.server.url,
        "JOBREPORT_CLIENT_ID": app.client_id,
        "JOBREPORT_CLIENT_SECRET": app.secret,
    }


@pytest.mark.parametrize("command", [["jobs"], ["summary"], ["export", "--format", "csv", "-o", "-"]], ids=str)
def test_another_flag_that_a_message_speaks_of_is_a_flag_too(command: list[str], idle: App) -> None:
    done = typed(*command, "--since", "1d", "--until", "2d", "--store", idle.server.store)
    assert done.returncode == 2
    assert "--since: must not lie after --until" in done.stderr


@pytest.mark.parametrize("since", ["last foo", "tomorrow", "29.11.2026", "1h30", "10"])
def test_time_that_is_none_is_answered_by_those_that_are(idle: App, since: str) -> None:
    done = typed("jobs", "--since", since, "--store", idle.server.store)
    assert done.returncode == 2
    assert f"{since!r} is no time" in done.stderr
    assert "7d (seven days ago), yesterday, 'last monday 18:00', 2026-11-23, 2026-11-23T08:00Z, or .NET" in done.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["jbos"], "No such command 'jbos'. Did you mean 'jobs'?"),
        (["app", "shwo"], "No such command 'shwo'. Did you mean 'show'?"),
        (["jobs", "--serch", "x"], "Did you mean one of: '--search', "),
        (["jobs", "--state", "Faild"], "--state: did you mean Failed? It must be one of these names or codes: "),
        (["jobs", "--type", "bakup"], "--type: did you mean Backup? It must be one of"),
        (["jobs", "--service", "AmazonEC"], "--service: did you mean AmazonEC2? It must be one of"),
        (["jobs", "--sort", "durtion"], "--sort: did you mean duration? It must be one of"),
        (["jobs", "--since", "yesteday"], "'yesteday' is no time: did you mean yesterday?"),
        (["summary", "--by", "plann"], "--by: did you mean plan? It must be of"),
        (["summary", "--tz", "Europe/Berln"], "did you mean Europe/Berlin?"),
        (["export", "--format", "cvs", "-o", "-"], "'cvs' is not known: did you mean csv? There are csv, ndjson"),
        (
            ["app", "create", "--name", "x", "--permission", "PlatformBackup.Read"],
            "did you mean PlatformBackup.Read.All?",
        ),
    ],
    ids=str,
)
def test_misspelled_word_is_answered_by_the_one_that_was_meant(idle: App, words: list[str], hint: str) -> None:
    store = [] if words[0] == "jbos" or words[1] == "shwo" else ["--store", idle.server.store]
    done = typed(*words, *store)
    assert done.returncode == 2
    assert hint in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--page", "x"], "'x' is no whole number from 0 to 2147483647"),
        (["--page-size", "0"], "'0' is no whole number from 1 to 10000"),
        (["--page-size", "9" * 5000], "is no whole number from 1 to 10000"),
    ],
    ids=str,
)
def test_message_begins_with_the_program_and_has_no_words_of_a_programming_language(
    words: list[str], message: str
) -> None:
    done = typed("jobs", *words)
    assert done.returncode == 2
    first, last = done.stderr.splitlines()
    assert first.startswith("jobreport: ")
    assert message in first
    assert "<=" not in first
    assert last.startswith("How to use it: ")
    assert last.endswith("jobreport jobs --help")


@pytest.mark.parametrize("since", ["yesterday", "last monday 18:00", "2 hours ago", "7d ago", "1h30m", "1d 12h"])
def test_time_may_be_said_in_words(idle: App, since: str) -> None:
    for command in (["jobs"], ["summary", "--by", "day"], ["audit"]):
        whose = ["--tenant", idle.document["tenant"]]
        done = typed(*command, "--since", since, "--store", idle.server.store, *whose)
        assert done.returncode == 0, done.stderr


def test_yesterday_is_the_whole_day_of_this_machine(app: App) -> None:
    midnight = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0).astimezone()
    times = {"before": -86_401, "first": -86_400, "last": -1, "today": 0}
    for name, seconds in times.items():
        app.write(unfinished(name, "InProgress", startTime=(midnight + timedelta(seconds=seconds)).isoformat()))
    whose = ["--store", app.server.store, "--tenant", app.document["tenant"]]
    done = typed("jobs", "--since", "yesterday", "--until", "yesterday", "--json", *whose)
    assert [one["jobId"] for one in json.loads(done.stdout)["jobs"]] == ["last", "first"]


@pytest.mark.parametrize("command", [["jobs"], ["summary"], ["prune", "--keep", "1d"], ["audit"]], ids=str)
def test_tenant_that_the_store_lacks_is_answered_by_where_they_are_listed(command: list[str], idle: App) -> None:
    done = typed(*command, "--tenant", "nobody", "--store", idle.server.store)
    assert done.returncode == 1
    assert "the store has no tenant 'nobody': jobreport tenant list shows those that it has" in done.stderr


@pytest.mark.parametrize("moment", ["now", "2026-11-23"])
def test_ticks_says_which_word_is_no_time(moment: str) -> None:
    done = typed("ticks", moment)
    assert done.returncode == 2
    assert f"Invalid value for MOMENT: {moment!r}: " in done.stderr
    assert "2026-11-23T08:00:00Z" in done.stderr


def test_names_of_an_order_and_what_was_written_stay_as_they_are(idle: App) -> None:
    done = typed("jobs", "--sort", "size", "--min-failed", "startTime", "--store", idle.server.store)
    assert "--min-failed: must be a whole number, not 'startTime'" in done.stderr
    assert "--sort: must be one of startTime, -startTime, finishTime" in done.stderr


def test_token_that_was_for_another_question_is_told_by_flags(app: App) -> None:
    app.write([job(f"j{number}", startTime=AUGUST + number) for number in range(3)])
    token = app.find(pageSize=1).json()["nextLink"]
    for given in (of(app), {}):
        words = [] if given else ["--store", app.server.store, "--tenant", app.document["tenant"]]
        shown = token if given else _next_link(app)
        done = typed("jobs", "--skiptoken", shown, "--plan", "p", *words, **given)
        assert done.returncode == (1 if given else 2)
        assert "--plan: is not what the --skiptoken was given for" in done.stderr


@pytest.mark.parametrize("command", ["jobs", "series"])
def test_token_of_one_tenant_is_none_of_another(app: App, command: str) -> None:
    app.write([job(f"j{number}", startTime=AUGUST + number, plan=f"p{number}") for number in range(3)])
    other = app.server.app(f"{app.document['tenant']}2")
    other.write([job("theirs", plan="p")])
    token = _next_link(app, command)
    for whose, status in ((app, 0), (other, 2)):
        done = typed(
            command, "--skiptoken", token, "--store", app.server.store, "--tenant", whose.document["tenant"], "--json"
        )
        assert done.returncode == status, done.stderr
    assert "--skiptoken: is none that this service gave for this tenant" in done.stderr


def _next_link(app: App, command: str = "jobs") -> str:
    words = ["--store", app.server.store, "--tenant", app.document["tenant"]]
    shown = typed(command, "--json", "--page-size", "1", *words)
    return shown.stdout.split('"nextLink": "')[1].split('"')[0]


@pytest.mark.parametrize("command", [["jobs"], ["summary"], ["export", "--format", "csv", "-o", "-"]], ids=str)
def test_tenant_that_is_refused_is_told_by_its_flag(command: list[str], app: App, tenant: str) -> None:
    provider = of(app.server.provider(tenant, f"{tenant}-other", make=[f"{tenant}-other"]))
    missing = typed(*command, **provider)
    assert missing.returncode == 1
    assert missing.stderr == (
        "jobreport: the server refused the request (400): --tenant: is required: this app may ask for several tenants\n"
    )
    foreign = typed(*command, "--tenant", "nobody", **provider)
    assert foreign.returncode == 1
    assert foreign.stderr.endswith("(--tenant: must be a tenant that this app may ask for)\n")
    assert "eader" not in missing.stderr + foreign.stderr


def test_runner_of_a_provider_is_told_by_the_flag(app: App, tenant: str, tmp_path: object) -> None:
    provider = of(app.server.provider(tenant, f"{tenant}-other", make=[f"{tenant}-other"]))
    done = started("run", "--spool", f"{tmp_path}", "--", "true", **provider)
    assert "--tenant: is required: this app may ask for several tenants" in done.stderr
    assert "eader" not in done.stderr


def test_permission_that_is_missing_is_told_as_before(app: App, tenant: str) -> None:
    done = typed("jobs", **of(app.server.app(tenant, WRITE_OWN)))
    assert done.returncode == 1
    assert "This needs the permission" in done.stderr
    assert "--" not in done.stderr
