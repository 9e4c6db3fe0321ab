"""`jobreport jobs show`: one job whole with its earlier versions, from a server and from a store."""

import json

import pytest

from jobreport.cli.output.series import local
from jobreport.model import ticks
from jobs import AUGUST, DAY, MINUTE, job
from serving import App, typed

CORRECTED = {"startTime": AUGUST, "plan": "nightly", "resource": "web-1:/home", "origin": "script/web-1"}


@pytest.fixture
def corrected(app: App) -> App:
    app.write(job("ab", **CORRECTED, raw={"tool": "restic", "exit": 0}, comments="line 1\nline 2", observedAt=AUGUST))
    later = {"state": "Exception", "failedCount": 3, "observedAt": AUGUST + MINUTE}
    app.write(job("ab", **CORRECTED, **later, comments="line 1\nline 2", raw={"tool": "restic", "exit": 3}))
    return app


def asked(app: App, from_: str) -> tuple[list[str], dict[str, str]]:
    if from_ == "a store":
        return ["--store", app.server.store, "--tenant", app.document["tenant"]], {}
    given = {"JOBREPORT_URL": app.server.url, "JOBREPORT_CLIENT_ID": app.client_id}
    return [], {**given, "JOBREPORT_CLIENT_SECRET": app.secret}


@pytest.mark.parametrize("from_", ["a server", "a store"])
def test_job_is_shown_whole_with_what_was_corrected(corrected: App, from_: str) -> None:
    words, given = asked(corrected, from_)
    done = typed("jobs", "show", "ab", *words, **given)
    assert done.returncode == 0, done.stderr
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    for line in (
        "Job            ab",
        "State          Exception",
        "Plan           nightly",
        "Resource       web-1:/home",
        "Origin         script/web-1",
        "  line 1",
        "  line 2",
        '    "exit": 3',
        "    state: Successful, then Exception",
        "    failedCount: 0, then 3",
        "    raw: another record of the origin; --json shows both",
    ):
        assert line in lines


@pytest.mark.parametrize("from_", ["a server", "a store"])
def test_why_a_job_is_not_good_is_said_in_words_and_as_the_code_to_ask_by(app: App, from_: str) -> None:
    app.write(job("full", state="Failed", comments="write /mnt/b: no space left on device"))
    words, given = asked(app, from_)
    shown = typed("jobs", "show", "full", *words, **given).stdout.splitlines()
    assert "Cause          No space left (no-space)" in [line.rstrip() for line in shown]
    table = typed("summary", "--by", "cause", *words, **given).stdout
    assert "No space left (no-space)" in table
    assert "full" in typed("jobs", "--cause", "no-space", *words, **given).stdout


@pytest.mark.parametrize("from_", ["a server", "a store"])
def test_job_that_a_list_tells_of_is_shown_as_such_under_each_of_its_names(app: App, from_: str) -> None:
    found = {"reference": "restic:4fc8:d0e1", "sees": "results"}
    app.write([job("listed", **found), job("again", **found)])
    words, given = asked(app, from_)
    done = typed("jobs", "show", "again", *words, **given)
    assert done.returncode == 0, done.stderr
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert {
        "Job            listed",
        "Reference      restic:4fc8:d0e1",
        "Told by        a list of results, in which a failure leaves no trace",
    } <= {*lines}


@pytest.mark.parametrize("from_", ["a server", "a store"])
def test_json_is_what_the_api_has(corrected: App, from_: str) -> None:
    words, given = asked(corrected, from_)
    done = typed("jobs", "show", "ab", "--json", *words, **given)
    assert json.loads(done.stdout) == corrected.show("ab").json()


@pytest.mark.parametrize("from_", ["a server", "a store"])
def test_id_that_does_not_exist_is_answered_by_how_to_look_for_it(corrected: App, from_: str) -> None:
    words, given = asked(corrected, from_)
    done = typed("jobs", "show", "FB2026", *words, **given)
    assert done.returncode == 1
    assert "there is no job with the ID 'FB2026'; look for a part of it: jobreport jobs --search FB2026" in done.stderr


def test_option_that_stands_before_show_is_told_where_it_belongs(idle: App) -> None:
    done = typed("jobs", "--store", idle.server.store, "show", "ab")
    assert done.returncode == 2
    assert "write --store after 'show'" in done.stderr


@pytest.mark.parametrize("from_", ["a server", "a store"])
def test_job_is_shown_with_how_its_series_stands_and_its_neighbours(app: App, from_: str) -> None:
    def at(day: int) -> str:
        return local(ticks.to_iso(AUGUST + day * DAY))

    for day, state in enumerate(["Successful", "Successful", "Failed", "Exception", "Successful"]):
        start = AUGUST + day * DAY
        end = start + (20 + day) * MINUTE
        plan = {"plan": "weekly" if day == 4 else "nightly"}
        app.write(job(f"j{day}", state=state, startTime=start, finishTime=end, totalCount=7, bytes=2048, **plan))
    words, given = asked(app, from_)

    def shown(job_id: str) -> list[str]:
        done = typed("jobs", "show", job_id, *words, **given)
        assert done.returncode == 0, done.stderr
        return [line.rstrip() for line in done.stdout.splitlines()]

    good = f"last good {local(ticks.to_iso(AUGUST + DAY + 21 * MINUTE))}  j1"
    newest = shown("j3")
    for line in (
        "Took           23m 00s; usually 20m 30s (20m 06s to 20m 54s)",
        f"Not good       this is the 2nd not good in a row, since {at(2)}; {good}",
        f"Job before     {at(2)}  Failed  j2",
        "Job after      -",
    ):
        assert line in newest
    usual = "20m 30s (20m 06s to 20m 54s), 7 objects (7 to 7), 2.0 KiB (2.0 KiB to 2.0 KiB), by 2 good runs"
    older = shown("j1")
    for line in (
        f"Not good       2 not good in a row, since {at(2)}; {good}",
        f"Usual          {usual}",
        f"Job before     {at(0)}  Successful  j0",
        f"Job after      {at(2)}  Failed  j2",
    ):
        assert line in older
    assert any(line.startswith("Not good       0 in a row; last good ") for line in shown("j4"))
    app.write(job("alone", plan="", resource=""))
    assert "Series         none: the job has neither plan nor resource" in shown("alone")
