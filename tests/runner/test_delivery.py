"""Whatever the server does, the backup runs, its exit code stands and no report is lost."""

import os
import signal
import stat
from pathlib import Path

import msgspec
import pytest

from jobreport.model.catalog import JobState
from jobreport.model.query import JobQuery
from jobreport.runner.delivery import shown
from jobreport.store import open_store
from runs import Place, Recorder
from serving import PATIENCE, until


def closed_port(recorder: Recorder) -> int:
    port = recorder.server.server_port
    recorder.close()
    return port


def test_a_server_that_is_down_costs_nothing_and_gets_the_report_later(place: Place, recorder: Recorder) -> None:
    port = closed_port(recorder)
    done = place.call("run", "--deliver-for", "0s", "--", "sh", "-c", "echo out; exit 3")
    assert (done.returncode, done.stdout) == (3, b"out\n")
    assert b"jobreport flush" in done.stderr
    (report,) = place.spooled()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700
    assert place.call("flush").returncode == 1
    assert place.spooled() == [report]
    back = Recorder(port)
    try:
        assert place.call("flush").returncode == 0
        assert place.call("flush").returncode == 0
        assert [job.state for job in back.reports] == [JobState.Failed]
        assert not place.spooled()
    finally:
        back.close()


def test_delivery_goes_on_after_the_commands_end(place: Place, recorder: Recorder) -> None:
    recorder.status = 503
    with place.start("run", "--deliver-for", "1m", "--", "sh", "-c", "exit 6") as run:
        until(lambda: len(recorder.requests) > 3)
        recorder.status = 200
        assert run.wait(30) == 6
    assert [job.state for job in recorder.reports] == [JobState.Failed]
    assert not place.spooled()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_wait_for_the_delivery(place: Place, recorder: Recorder, number: signal.Signals) -> None:
    recorder.status = 500
    with place.start("run", "--", "sh", "-c", "exit 6") as run:
        until(lambda: any(b'"finishTime"' in body for _, _, body in recorder.requests))
        run.send_signal(number)
        assert run.wait(10) == 6
    (report,) = place.spooled()
    assert b"finishTime" in report.read_bytes()


def test_the_next_run_delivers_what_waits(place: Place, recorder: Recorder) -> None:
    recorder.status = 500
    for number in range(3):
        place.call("run", "--deliver-for", "0s", "--plan", f"night {number}", "--", "true")
    assert len(place.spooled()) == 3
    recorder.status = 200
    assert place.call("run", "--plan", "today", "--", "true").returncode == 0
    assert not place.spooled()
    finished = sorted(job.plan for job in recorder.reports if job.state.finished)
    assert finished == ["night 0", "night 1", "night 2", "today"]


def test_wrong_credentials_leave_the_report_at_once(place: Place, recorder: Recorder) -> None:
    recorder.token_status = 401
    done = place.call("run", "--", "true")
    assert done.returncode == 0
    assert b"no such app" in done.stderr
    assert len(place.spooled()) == 1
    recorder.token_status = 200
    assert place.call("flush").returncode == 0
    assert len(recorder.reports) == 1


@pytest.mark.parametrize(
    "unset",
    [["JOBREPORT_URL"], ["JOBREPORT_CLIENT_ID"], ["JOBREPORT_CLIENT_SECRET"], ["JOBREPORT_URL", "JOBREPORT_CLIENT_ID"]],
)
def test_a_missing_setting_leaves_the_report(place: Place, recorder: Recorder, unset: list[str]) -> None:
    done = place.call("run", "--", "sh", "-c", "exit 2", env=dict.fromkeys(unset, ""))
    assert done.returncode == 2
    assert unset[0].encode() in done.stderr
    assert len(place.spooled()) == 1
    assert place.call("flush").returncode == 0
    assert len(recorder.reports) == 1


def test_a_report_that_was_left_without_a_secret_goes_to_its_tenant_and_no_other(
    place: Place, recorder: Recorder
) -> None:
    place.call("run", "--tenant", "acme", "--", "true", env={"JOBREPORT_CLIENT_SECRET": ""})
    assert place.call("flush", "--any-server", "--tenant", "globex").returncode == 0
    assert recorder.tenants() == ["acme"]


def test_a_secret_file_that_cannot_be_read_leaves_the_report(place: Place) -> None:
    env = {"JOBREPORT_CLIENT_SECRET": "", "JOBREPORT_CLIENT_SECRET_FILE": "/no/such/file"}
    done = place.call("run", "--", "true", env=env)
    assert done.returncode == 0
    assert b"/no/such/file" in done.stderr
    assert len(place.spooled()) == 1


@pytest.mark.parametrize("status", [400, 403, 409, 413, 422])
def test_a_report_that_is_refused_for_good_is_put_aside(place: Place, recorder: Recorder, status: int) -> None:
    recorder.status = status
    done = place.call("run", "--", "true")
    assert done.returncode == 0
    assert b"refused" in done.stderr
    assert not place.spooled()
    (reason,) = (place.spool / "refused").glob("*.reason")
    assert str(status) in reason.read_text()
    kept = msgspec.json.decode(reason.with_suffix(".json").read_bytes())
    assert kept["job"]["state"] == JobState.Successful


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_that_names_no_fault_of_the_report_leaves_it(place: Place, recorder: Recorder, status: int) -> None:
    recorder.status, recorder.faults = status, []
    done = place.call("run", "--", "true")
    assert done.returncode == 0
    assert b"waits in" in done.stderr
    assert len(place.spooled()) == 1
    recorder.status = 200
    assert place.call("flush").returncode == 0
    assert [job.state for job in recorder.reports] == [JobState.Successful]


@pytest.mark.parametrize("status", [302, 404, 405, 429, 500, 503])
def test_other_trouble_leaves_the_report(place: Place, recorder: Recorder, status: int) -> None:
    recorder.status = status
    assert place.call("run", "--deliver-for", "0s", "--", "true").returncode == 0
    assert place.call("flush").returncode == 1
    assert len(place.spooled()) == 1


def test_another_app_or_servers_report_is_not_delivered(place: Place, recorder: Recorder) -> None:
    recorder.status = 500
    place.call("run", "--deliver-for", "0s", "--", "true")
    place.call(
        "run",
        "--deliver-for",
        "0s",
        "--",
        "true",
        env={"JOBREPORT_URL": recorder.url.replace("127.0.0.1", "localhost")},
    )
    recorder.status = 200
    other = {"JOBREPORT_CLIENT_ID": "app-2"}
    done = place.call("flush", env=other)
    assert done.returncode == 1
    assert b"client ID" in done.stderr
    assert not recorder.reports
    assert b"--any-" in done.stderr
    place.call("flush", "--any-client", env=other)
    assert len(recorder.reports) == 1
    assert len(place.spooled()) == 1
    assert b"`jobreport flush --any-server` delivers it all the same" in place.call("flush").stderr
    assert place.call("flush", "--any-server").returncode == 0
    assert len(recorder.reports) == 2
    assert not place.spooled()


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "htp://127.0.0.1", "http://", "https://[", "jobs.example.com"])
def test_what_was_left_under_a_wrong_address_goes_to_the_right_one(place: Place, recorder: Recorder, url: str) -> None:
    done = place.call("run", "--", "sh", "-c", "exit 2", env={"JOBREPORT_URL": url})
    assert done.returncode == 2
    assert b"JOBREPORT_URL: it must be an address such as https://jobs.example.com" in done.stderr
    assert len(place.spooled()) == 1
    assert place.call("flush").returncode == 0
    assert [job.state for job in recorder.reports] == [JobState.Failed]


def test_a_spool_that_cannot_be_written_costs_only_a_warning(place: Place, recorder: Recorder) -> None:
    (place.folder / "file").write_text("in the way")
    env = {"JOBREPORT_SPOOL": str(place.folder / "file" / "spool")}
    done = place.call("run", "--", "sh", "-c", "exit 3", env=env)
    assert done.returncode == 3
    assert done.stderr.count(b"cannot keep reports") == 1
    assert recorder.reports[-1].state is JobState.Failed
    recorder.status = 500
    done = place.call("run", "--deliver-for", "0s", "--", "sh", "-c", "exit 3", env=env)
    assert done.returncode == 3
    assert b"is lost" in done.stderr


def test_two_flushes_at_once_do_no_harm(place: Place, recorder: Recorder) -> None:
    recorder.status = 500
    for _ in range(4):
        place.call("run", "--deliver-for", "0s", "--", "true")
    recorder.status = 200
    flushes = [place.start("flush") for _ in range(2)]
    for process in flushes:
        with process:
            process.communicate(timeout=PATIENCE)
            assert process.returncode == 0
    assert len({job.job_id for job in recorder.reports}) == len(recorder.reports) == 4
    assert not place.spooled()


def test_a_store_takes_reports_directly(place: Place) -> None:
    url = f"sqlite:///{place.folder / 'jobs.db'}"
    open_store(url).close()
    done = place.call("run", "--store", url, "--tenant", "acme", "--", "sh", "-c", "exit 1")
    assert (done.returncode, done.stderr) == (1, b"")
    store = open_store(url)
    tenant = store.tenant_id("acme")
    assert tenant is not None
    page = store.list_jobs(tenant, JobQuery())
    store.close()
    assert [line.state for line in page.lines] == [JobState.Failed]
    assert not place.spooled()


def test_a_store_that_cannot_be_opened_leaves_the_report(place: Place) -> None:
    foreign = place.folder / "foreign.db"
    foreign.write_bytes(os.urandom(8192))
    done = place.call("run", "--deliver-for", "0s", "--store", f"sqlite:///{foreign}", "--", "true")
    assert done.returncode == 0
    assert len(place.spooled()) == 1
    foreign.unlink()
    missing = place.call("flush", "--store", f"sqlite:///{foreign}", env={"JOBREPORT_URL": ""})
    assert missing.returncode == 1
    assert b"there is no store at" in missing.stderr
    assert not foreign.exists()
    open_store(f"sqlite:///{foreign}").close()
    assert place.call("flush", "--store", f"sqlite:///{foreign}", env={"JOBREPORT_URL": ""}).returncode == 0
    assert not place.spooled()


def test_a_tenant_that_no_app_could_have_is_not_made(place: Place) -> None:
    url = f"sqlite:///{place.folder / 'jobs.db'}"
    done = place.call("run", "--deliver-for", "0s", "--store", url, "--tenant", "Acme Ltd", "--", "true")
    assert done.returncode == 0
    assert b"a tenant's name has" in done.stderr
    assert len(place.spooled()) == 1


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:pa/ss@host:1/x/?q=1#f", "https://host:1/x"),
        ("postgresql+psycopg://u:p@w@host/db?password=x", "postgresql+psycopg://host/db"),
        ("sqlite:////srv/a@b/jobs.db", "sqlite:////srv/a@b/jobs.db"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_secrets(url: str, expected: str) -> None:
    assert shown(url) == expected


def test_the_default_spool_lies_in_the_state_folder(place: Place, recorder: Recorder) -> None:
    recorder.status = 500
    place.call("run", "--deliver-for", "0s", "--", "true", env={"JOBREPORT_SPOOL": ""})
    assert any(Path(place.folder, "state").rglob("spool/*.json"))
