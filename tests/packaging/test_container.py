"""The container's files: the image is right by its own linter, and the services of compose.yaml are kept in."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobreport import settings
from jobreport.cli import COMMANDS
from serving import serve

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "jobreport"}
SETTINGS = {
    value for name, value in vars(settings).items() if isinstance(value, str) and value.startswith("JOBREPORT_")
}


def final_stage() -> list[tuple[str, str]]:
    """The instructions of the image that is kept, each with its text on one line."""
    lines = re.sub(r"\s*\\\n\s*", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE)).splitlines()
    found = [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]
    last = max(number for number, (word, _) in enumerate(found) if word == "FROM")
    return [(word, rest) for word, rest in found[last:]]


def test_the_linter_of_dockerfiles_finds_nothing() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_runs_as_nobody_special_with_one_volume() -> None:
    said = dict(final_stage())
    user, _, group = said["USER"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert said["VOLUME"] == said["WORKDIR"] == "/data"
    assert said["ENTRYPOINT"] == '["jobreport"]'
    assert said["CMD"] == '["serve"]'
    environment = dict(word.split("=", 1) for word in shlex.split(said["ENV"]))
    assert environment["JOBREPORT_STORE"] == "sqlite:////data/jobs.db"
    assert {name for name in environment if name.startswith("JOBREPORT_")} <= SETTINGS
    # No secret is made part of the image.
    assert not re.search(r"SECRET|PASSWORD", said["ENV"])


def test_the_health_check_tells_a_server_that_answers_from_none(tmp_path: Path) -> None:
    """The image's own check, run by our Python against a server here."""
    (text,) = (rest for word, rest in final_stage() if word == "HEALTHCHECK")
    _, dash_c, code = yaml.safe_load(text.partition("CMD ")[2])
    with serve(tmp_path) as server:
        check = [sys.executable, dash_c, code]
        port = {"JOBREPORT_PORT": str(server.port), "HTTP_PROXY": "http://127.0.0.1:9"}
        assert subprocess.run(check, env=port, check=False).returncode == 0
        server.kill()
        assert subprocess.run(check, env=port, stderr=subprocess.DEVNULL, check=False).returncode != 0


@pytest.mark.parametrize("name", OURS)
def test_a_service_can_change_nothing_but_its_store(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    # Only this machine reaches it, and it has longer to stop than the server takes.
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["stop_grace_period"] == "40s"
    ours = {key.removesuffix("_FILE") for key in service["environment"] if key.startswith("JOBREPORT_")}
    assert ours <= SETTINGS


def test_what_compose_names_is_there() -> None:
    secrets, volumes = set(COMPOSE["secrets"]), set(COMPOSE["volumes"])
    used: set[str] = set()
    for service in COMPOSE["services"].values():
        here = set(service.get("secrets", []))
        used |= here
        paths = {value for value in service["environment"].values() if value.startswith("/run/secrets/")}
        # A secret is read from a file, and that file is there.
        assert {Path(path).name for path in paths} <= here
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= volumes
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
        assert not [key for key in service["environment"] if re.search(r"(SECRET|PASSWORD|KEY)$", key)]
    assert used == secrets
    for service in OURS.values():
        words = shlex.split(service["command"][0]) if "command" in service else ["jobreport", "serve"]
        called = [words[number + 1] for number, word in enumerate(words) if word == "jobreport"]
        assert called
        assert set(called) <= set(COMMANDS)
