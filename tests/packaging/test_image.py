"""The image, built and run: it serves as its own user, on a file and on PostgreSQL, and writes only its store."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from containers import ROOT, Container, Images, lacking

import postgres
from jobs import job
from serving import until

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    images = Images(tmp_path_factory.mktemp("images"))
    images.build()
    with images.container() as made:
        yield made


@pytest.fixture
def container(built: Container) -> Container:
    """Served on loopback at a free port: the network of a container is this machine's here."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        built.settings = {"JOBREPORT_HOST": "127.0.0.1", "JOBREPORT_PORT": str(free.getsockname()[1])}
    built.mounts = {}
    return built


def assert_it_takes_a_job(container: Container) -> None:
    """A job is written over HTTP by an app that was made in the container, and is in the report."""
    app = json.loads(container.run("jobreport", "app", "create", "--name", "first", "--json").stdout)
    with httpx.Client(base_url=f"http://127.0.0.1:{container.settings['JOBREPORT_PORT']}") as http:
        form = {"grant_type": "client_credentials", "client_id": app["clientId"], "client_secret": app["clientSecret"]}
        token = http.post("/connect/token", data=form).json()["access_token"]
        signed = {"Authorization": f"Bearer {token}"}
        assert http.post("/api/jobs", json=job("in-a-container"), headers=signed).status_code == 200
        assert http.get("/api/jobs/in-a-container", headers=signed).status_code == 200


def last_event(log: Path) -> str:
    """The last event in a server's log, behind which the program that ran it may have said that it ended."""
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    event: str = json.loads(lines[-1])["event"]
    return event


def test_it_serves_as_its_user_and_is_healthy_then_alone(container: Container, tmp_path: Path) -> None:
    assert not container.healthy()
    command = [*container.config["Entrypoint"], *container.config["Cmd"]]
    with container.running(tmp_path / "log", *command):
        until(container.healthy, "the health check")
        assert_it_takes_a_job(container)
    assert "Finished server process" in last_event(tmp_path / "log")
    assert not container.healthy()
    listed = container.run("sh", "-c", "id -u; stat -c '%U %a' /data/jobs.db; touch /opt/jobreport/x")
    assert listed.stdout.split() == ["10001", "jobreport", "600"], listed.stderr
    assert "Permission denied" in listed.stderr


def test_it_serves_on_postgresql_as_compose_says(container: Container, tmp_path: Path) -> None:
    service = COMPOSE["services"]["postgresql-service"]
    key = tmp_path / "secret.key"
    key.write_text(container.run("jobreport", "key", "secret").stdout)
    key.chmod(0o444)
    with postgres.postgres() as server, postgres.database(server.url) as url:
        place, _, host = url.partition("?host=")
        store = {"JOBREPORT_STORE": f"{place}?host=/pg", "JOBREPORT_SECRET_KEY_FILE": "/run/secrets/secret_key"}
        container.settings = {**container.settings, **store}
        container.mounts = {Path(host, ".s.PGSQL.5432"): "/pg/.s.PGSQL.5432", key: "/run/secrets/secret_key"}
        with container.running(tmp_path / "log", *service["entrypoint"], *service["command"]):
            until(container.healthy, "the health check")
            assert_it_takes_a_job(container)
    assert "Finished server process" in last_event(tmp_path / "log")


pytestmark = pytest.mark.skipif(bool(lacking()), reason=lacking())
