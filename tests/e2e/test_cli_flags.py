"""What is refused of a command's question: said by the flags that were given, whoever refused it."""

import pytest

from jobs import AUGUST, job
from serving import WRITE_OWN, App, typed


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


@pytest.mark.parametrize("since", ["yesterday", "7d ago", "29.11.2026"])
def test_time_that_is_none_is_answered_by_those_that_are(idle: App, since: str) -> None:
    done = typed("jobs", "--since", since, "--store", idle.server.store)
    assert done.returncode == 2
    assert done.stderr.endswith(
        f"{since!r} is no time: write one such as 7d (seven days ago), 2026-11-23, 2026-11-23T08:00Z, or .NET ticks\n"
    )


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


def _next_link(app: App) -> str:
    words = ["--store", app.server.store, "--tenant", app.document["tenant"]]
    shown = typed("jobs", "--json", "--page-size", "1", *words)
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
    done = typed("run", "--spool", f"{tmp_path}", "--", "true", **provider)
    assert "--tenant: is required: this app may ask for several tenants" in done.stderr
    assert "eader" not in done.stderr


def test_permission_that_is_missing_is_told_as_before(app: App, tenant: str) -> None:
    done = typed("jobs", **of(app.server.app(tenant, WRITE_OWN)))
    assert done.returncode == 1
    assert "This needs the permission" in done.stderr
    assert "--" not in done.stderr
