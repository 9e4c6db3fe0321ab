"""Real senders: curl as the documentation of Healthchecks calls it, restic, rsync; and the words of other senders."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from ping_inboxes import inbox, jobs, key

from jobreport.model.catalog import JobState
from serving import PATIENCE, App, Server, environment

needs = pytest.mark.skipif
CURL = needs(shutil.which("curl") is None, reason="not installed: curl")


def shell(script: str, folder: Path, **variables: str) -> str:
    """Runs a script as a person would, with a fresh home; returns what it printed."""
    env = environment(HOME=str(folder), RESTIC_PASSWORD="x", LC_ALL="C.UTF-8", **variables)
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    return done.stdout


@CURL
def test_the_calls_of_the_documentation_of_healthchecks(server: Server, app: App, tmp_path: Path) -> None:
    address = f"{server.url}{inbox(server, app, 'docs')}"
    (tmp_path / "log").write_text("from a file\n")
    for call in (
        "curl -m 10 --retry 5 $U",
        "curl -fsS -m 10 --retry 5 $U",
        "false; curl -m 10 --retry 5 $U/$?",
        'm=$(echo renewed; echo twice); curl -fsS -m 10 --retry 5 --data-raw "$m" $U',
        'm=$(false); curl -fsS -m 10 --retry 5 --data-raw "$m" $U/$?',
        "curl -fsS -m 10 --retry 5 --data-binary @log $U/0",
        "curl --retry 3 $U/fail",
        "curl -fsS -T log $U",
        "R=123e4567-e89b-12d3-a456-426614174000; curl -s $U/start?rid=$R >&2; curl -s $U?rid=$R",
        "curl -fsS --http1.0 $U",
        "curl -fsS -H 'Transfer-Encoding: chunked' --data-binary @log $U/log",
        "curl -fsS -H 'Expect: 100-continue' --data-binary @log $U/1",
    ):
        assert shell(call, tmp_path, U=address) == "OK", call
    found = [(job["state"], job["comments"]) for job in jobs(app)]
    assert found == [
        ("Successful", ""),
        ("Successful", ""),
        ("Failed", "exit status 1"),
        ("Successful", "renewed\ntwice"),
        ("Failed", "exit status 1"),
        ("Successful", "from a file"),
        ("Failed", "the sender reported a failure"),
        ("Successful", "from a file"),
        ("Successful", ""),
        ("Successful", ""),
        ("Failed", "exit status 1\nfrom a file"),
    ]


@CURL
@needs(shutil.which("restic") is None, reason="not installed: restic")
def test_restic_piped_into_curl_is_an_honest_job(server: Server, app: App, tmp_path: Path) -> None:
    address = f"{server.url}{inbox(server, app, 'nas', '--tool', 'restic')}"
    (tmp_path / "source").mkdir()
    for name in "abc":
        (tmp_path / "source" / name).write_text(name)
    shell("restic init -r repository", tmp_path)
    backup = "restic backup --json -r {} {} 2>&1 | curl -fsS --data-binary @- $U"
    for repository, source in (("repository", "source"), ("repository", "source missing"), ("nowhere", "source")):
        shell(backup.format(repository, source), tmp_path, U=address)
    shell("restic backup -r repository source && curl -fsS $U", tmp_path, U=address)
    good, partly, bad, plain = jobs(app)
    assert (good["state"], good["successfulCount"], good["failedCount"]) == ("Successful", 3, 0)
    assert (partly["state"], partly["successfulCount"], partly["failedCount"]) == ("Exception", 3, 1)
    assert bad["state"] == "Failed"
    assert "nowhere" in bad["comments"]
    assert (plain["state"], plain["totalCount"]) == ("Successful", 1)


@CURL
@needs(shutil.which("rsync") is None, reason="not installed: rsync")
def test_rsync_with_its_exit_status_and_statistics(server: Server, app: App, tmp_path: Path) -> None:
    address = f"{server.url}{inbox(server, app, 'files')}"
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_text("a")
    script = 'm=$(rsync -a --stats {} copy 2>&1); curl -fsS --data-raw "$m" $U/$?'
    for source in ("source", "source missing"):
        shell(script.format(source), tmp_path, U=address)
    good, bad = jobs(app)
    assert (good["state"], good["successfulCount"]) == ("Successful", 1)
    assert (bad["state"], bad["failedCount"]) == ("Exception", 1)


def test_the_words_of_uptime_kuma(server: Server, app: App) -> None:
    address = inbox(server, app, "kuma").rpartition("/")[2]
    push = f"/api/push/{address}"
    for method in ("GET", "POST", "HEAD"):
        assert server.http.request(method, f"{push}?status=up&msg=OK&ping=1500").status_code == 200
    assert server.http.get(push).json() == {"ok": True}
    assert server.http.get(f"{push}?status=down&msg=no+space+left").json() == {"ok": True}
    # What is no length, or no UTF-8, loses no report.
    assert server.http.get(f"{push}?status=down&msg=caf%e9&ping=-1").json() == {"ok": True}
    for unknown in ("abcd1234", "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"):
        answer = server.http.get(f"/api/push/{unknown}")
        assert answer.status_code == 404
        assert answer.json() == {"ok": False, "msg": "Monitor not found or not active."}
    assert server.http.delete(push).json()["ok"] is False
    assert [(job["state"], job["comments"]) for job in jobs(app)] == [("Successful", "")] * 4 + [
        ("Failed", "no space left"),
        ("Failed", "caf\ufffd"),
    ]


def test_the_words_of_cronitor(server: Server, app: App) -> None:
    below = key(server, app).replace("/ping/", "/p/")
    for query in (
        "state=run&series=a&host=db1&env=prod",
        "state=complete&series=a&metric=count:100&metric=error_count:5",
        "state=fail&status_code=2&message=no+space",
        "state=ok&message=mended",
    ):
        assert server.http.get(f"{below}Nightly?{query}").text == "OK"
    assert server.http.get(f"{below}nightly/run").text == "OK"
    assert server.http.get(f"{below}nightly/complete").text == "OK"
    unknown = server.http.get(f"{below}nightly?state=done")
    assert (unknown.status_code, unknown.text.split(":")[0]) == (400, "unknown state")
    assert server.http.get("/p/nosuchkey/nightly?state=run").status_code == 404
    found = jobs(app)
    assert [job["state"] for job in found] == ["Exception", "Failed", "Successful"]
    assert (found[0]["failedCount"], found[0]["successfulCount"]) == (5, 95)
    shown = app.show(found[0]["jobId"]).json()
    assert shown["state"] == JobState.Exception
    assert json.dumps(shown["raw"]["ping"], sort_keys=True) == '{"method": "GET", "signal": "success"}'
