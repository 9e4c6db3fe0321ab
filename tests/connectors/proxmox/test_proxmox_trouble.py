"""What a user of `pve` and `pbs` is told who has made a mistake, and that no secret goes where it should not."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from fakes.loopback import Reply, Request, serving
from fakes.proxmox_server import SECRET, TOKEN, BackupServer, Cluster, Proxmox
from proxmox_reading import NIGHT, NOW, guest, jobs, log, opened, pages, settings

from certificates import for_this_machine
from jobreport.cli import cli
from jobreport.clock import now_ticks
from jobreport.configuration.file import Configuration, ConfigurationError
from jobreport.connectors import kinds
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.configured import configured
from jobreport.connectors.kinds.proxmox.tasks import upid_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job

ROLES = Path(__file__).parents[3] / "deploy/roles"
PAGE = Path(__file__).parents[3] / "docs/how-to/proxmox.md"


def table(kind: str, **more: Any) -> str:
    keys = {"kind": kind, "name": "prod", "url": "https://pve1:8006", "token": TOKEN, "token_secret_file": "x"} | more
    return "\n".join(["[[connector]]", *(f"{key} = {json.dumps(value)}" for key, value in keys.items()), ""])


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("pve", {"url": "http://pve1:8006"}, "url must begin with https"),
        ("pve", {"url": "pve1:8006"}, "url must be an address such as"),
        ("pve", {"token": "root@pam"}, "token must be the whole ID of an API token, such as jobreport@pve!report"),
        ("pve", {"token": f"{TOKEN}={SECRET}"}, "token must be the whole ID"),
        ("pbs", {"token": f"{TOKEN}:{SECRET}"}, "token must be the whole ID"),
        ("pve", {"nodes": ["pve1", "pve1"]}, "nodes must name each only once"),
        ("pve", {"nodes": ["pve/1"]}, "nodes must have names of nodes, such as pve1, and 'pve/1' is none"),
        ("pbs", {"tasks": ["gc", "gc"]}, "tasks must name each only once"),
        ("pbs", {"tasks": ["backups"]}, "guests"),
        ("pbs", {"secret": SECRET}, "secret: is no key here"),
    ],
)
def test_a_setting_that_is_wrong_is_named(kind: str, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        configured(Configuration(Path("jobreport.toml"), table(kind, **more)))
    assert said in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("proxmox", [Cluster(), BackupServer()], ids=["pve", "pbs"])
def test_a_token_that_is_not_taken_is_told_without_its_secret(proxmox: Proxmox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    with serving(proxmox) as url:
        one = settings(proxmox, url, secret)
        secret.write_text("another")
        with one.kind.open(one.settings) as connector, pytest.raises(CannotReadError) as refused:
            [*connector.rights()]
    assert str(refused.value).endswith(
        "does not take the credentials: no such token there, another secret, or it has expired"
    )
    assert "another" not in str(refused.value).partition(":")[0]
    assert {one.headers["authorization"] for one in proxmox.asked} == {f"{proxmox.scheme}another"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>Proxmox</html>", "the nodes of the cluster: Proxmox VE answers with what is not its API's"),
        (b'{"data": "nothing"}', "the nodes of the cluster: the answer is not as Proxmox describes it"),
        (b'{"data": null}', "the nodes of the cluster: the answer is not as Proxmox describes it"),
        (b"[]", "the nodes of the cluster: Proxmox VE answers with what is not its API's"),
    ],
)
def test_an_answer_of_something_else_is_no_empty_list(tmp_path: Path, body: bytes, said: str) -> None:
    with serving(lambda request: Reply(body)) as url:
        one = settings(Cluster(), url, tmp_path / "secret")
        with one.kind.open(one.settings) as connector, pytest.raises(CannotReadError) as refused:
            connector.streams()
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"upid": "UPID:x"}, "is no UPID of a task"),
        ({"starttime": "yesterday"}, "is not as Proxmox describes it"),
        ({"starttime": 5}, "starttime of a task is 5, which is no time of a backup"),
        ({"endtime": 2**40}, "endtime of a task is"),
    ],
)
def test_a_record_that_is_not_as_it_should_be_hides_no_other(record: dict[str, Any], said: str) -> None:
    start = (now_ticks() - ticks.UNIX_EPOCH) // ticks.PER_SECOND - 600
    cluster = Cluster()
    cluster.add("vzdump", "101", start, start + 60)
    good = cluster.listed(cluster.work[0])
    other = good | {"upid": good["upid"].replace("vzdump:101", "vzdump:102")} | record
    odd = {"data": [other, good], "total": 2}

    def answer(request: Request) -> Reply:
        asked = request.path.endswith("/tasks") and request.first("typefilter") == "vzdump"
        return Reply(odd) if asked else cluster(request)

    with TemporaryDirectory() as folder, serving(answer) as url:
        one = settings(cluster, url, Path(folder) / "secret")
        with one.kind.open(one.settings) as connector:
            found = pages(connector, "pve1")
    assert [job.resource for page in found for job in page.jobs] == ["pve1"]
    (refused,) = [reason for page in found for reason in page.refused]
    assert said in refused


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"data": [{"n": 1, "t": 5}], "total": 1}, "Expected `str | null`, got `int`"),
        ({"data": "no log", "total": 1}, "is not as Proxmox describes it"),
        (b'{"data": [{"n": 1, "t": "\xfc"}], "total": 1}', "can't decode byte 0xfc"),
        (b"<html>", "answers with what is not its API's"),
    ],
)
@pytest.mark.parametrize("proxmox", [Cluster, BackupServer], ids=["pve", "pbs"])
def test_a_log_that_is_none_hides_no_other_task(
    proxmox: type[Cluster | BackupServer], lines: object, said: str
) -> None:
    start = (now_ticks() - ticks.UNIX_EPOCH) // ticks.PER_SECOND - 600
    server = proxmox()
    kind = "vzdump" if server.product == "pve" else "garbage_collection"
    odd = server.add(kind, "a", start, start + 60)
    server.add(kind, "b", start, start + 60, log=log(guest(101)))

    def answer(request: Request) -> Reply:
        asked = request.path.endswith("/log") and server.upid(odd) in unquote(request.path)
        return Reply(lines) if asked else server(request)

    with TemporaryDirectory() as folder, serving(answer) as url:
        one = settings(server, url, Path(folder) / "secret")
        with one.kind.open(one.settings) as connector:
            found = pages(connector, next(iter(connector.streams())).name)
    assert [job.job_id for page in found for job in page.jobs] == [server.upid(server.work[1])]
    (refused,) = [reason for page in found for reason in page.refused]
    assert said in refused


@pytest.mark.parametrize("proxmox", [Cluster, BackupServer], ids=["pve", "pbs"])
def test_a_job_whose_task_nobody_knows_is_told_and_hides_no_other(proxmox: type[Cluster | BackupServer]) -> None:
    job = Job(job_id="x", service=ServiceType.VM, type=JobType.Backup, state=JobState.InProgress, raw='{"upid": 1}')
    said = "the job x cannot be asked for again: nothing tells its task"
    with pytest.raises(CannotReadError, match=said):
        upid_of(job)
    server = proxmox()
    running = server.add("vzdump" if server.product == "pve" else "backup", "101", NIGHT)
    with opened(server) as connector:
        (other,) = jobs(pages(connector, next(iter(connector.streams())).name))
        running.end = NIGHT + 60
        found = pages(connector, next(iter(connector.streams())).name, job, other, since=NOW - 60 * ticks.PER_SECOND)
    assert [reason for page in found for reason in page.refused] == [said]
    assert [one.state.finished for one in jobs(found)] == [True]
    upid = "UPID:pve1:00000010:00000010:68A1B2C3:vzdump:100:root@pam:"
    assert upid_of(job.evolve(raw=json.dumps({"upid": upid}))).text == upid


def test_from_a_file_of_settings_to_the_first_job_by_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster()
    end = (now_ticks() - ticks.UNIX_EPOCH) // ticks.PER_SECOND - 3600
    cluster.add("vzdump", "101", end - 60, end, status="WARNINGS: 1", log=[*log(guest(101))])
    certificate = for_this_machine(tmp_path)
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o600)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOBREPORT_STORE", f"sqlite:///{tmp_path}/jobs.db")
    said = []
    with serving(cluster, certificate) as url:
        keys = {"url": url, "token_secret_file": "secret", "ca_file": str(certificate[0])}
        (tmp_path / "jobreport.toml").write_text(table("pve", **keys))
        for line in ("connectors test prod", "collect prod --once --create", "jobs --json"):
            done = CliRunner().invoke(cli, line.split(), catch_exceptions=False)
            assert (done.exit_code, done.stderr) == (0, "")
            said.append(done.stdout)
    tried, read, shown = said
    assert tried.startswith("2 of 2 rights held\n")
    assert "pve1: 1 job (1 Exception)" in tried
    assert read.startswith("pve1: 1 job read, 1 new, 0 changed\n")
    (job,) = json.loads(shown)["jobs"]
    assert (JobState(job["status"]), job["plan"], job["origin"]) == (JobState.Exception, "vzdump to nas", "pve/prod")
    assert SECRET not in "".join(said)


@pytest.mark.parametrize(("kind", "right"), [("pve", "PVEAuditor"), ("pbs", "Audit")])
def test_the_smallest_role_is_shown_as_it_is_handed_out(kind: str, right: str) -> None:
    lines = (ROLES / f"{kind}.sh").read_text("utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith("#") and line != "set -e"]
    assert "\n".join(commands) in PAGE.read_text("utf-8")
    assert sum(f" {right}" in line for line in commands) == 2  # the user, and the token
    assert {one.name.partition(" ")[0] for one in kinds.load(kind).rights} == {"Sys.Audit"}
