"""Schemathesis against the running server and the OpenAPI document that it gives: all phases, all checks."""

import re
import subprocess
import sys
from pathlib import Path

from long import times
from serving import PATIENCE, App, environment, serve

PROGRAM = Path(sys.executable).with_name("schemathesis")
RULES = Path(__file__).with_name("documented_rules.py")


def test_server_and_document_agree(tmp_path: Path) -> None:
    # A server of its own: so many sign-ins fail that those of other tests would be limited with them.
    with serve(tmp_path / "server", "--log-format", "json") as server:
        fuzz(server.app("fuzz"), tmp_path)


def fuzz(app: App, folder: Path) -> None:
    done = subprocess.run(
        [
            PROGRAM,
            "run",
            f"{app.server.url}/openapi.json",
            "--header",
            f"Authorization: Bearer {app.token}",
            "--checks=all",
            "--phases=examples,coverage,fuzzing,stateful",
            f"--max-examples={times(8)}",
            "--seed=1",
            "--no-color",
            "--continue-on-failure",
        ],
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
        cwd=folder,
        env=environment(SCHEMATHESIS_HOOKS=str(RULES)),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    routes = app.server.http.get("/openapi.json").json()["paths"]
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested
    # All but the one that the document itself came from.
    assert int(tested[1]) == sum(len(methods) for methods in routes.values()) - 1
    assert "unforeseen" not in app.server.log
