"""Clients that other makers' generators write in TypeScript from the running server's own document: they compile, and
what they ask there is answered."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from serving import App, Server

SOURCES = Path(__file__).parents[1] / "typescript"
TOOLS = SOURCES / "node_modules"
ALL_TOOLS = bool(os.environ.get("JOBREPORT_TEST_ALL_TOOLS"))
READY = shutil.which("node") is not None and (TOOLS / ".bin").is_dir()
PROGRAMS = {"openapi-typescript": "by_openapi_typescript", "orval": "by_orval"}

pytestmark = pytest.mark.skipif(
    not READY and not ALL_TOOLS,
    reason="no Node.js here, or not its packages; on Debian: apt install nodejs npm, then make test installs them",
)


def run(folder: Path, *words: str | Path) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def compiled(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs, compiled by strict rules with what was generated for them."""
    assert READY, "Node.js and the packages of tests/typescript are needed"
    folder = tmp_path_factory.mktemp("typescript")
    for path in SOURCES.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    (folder / "node_modules").symlink_to(TOOLS)
    (folder / "openapi.json").write_bytes(server.http.get("/openapi.json").content)
    tools = TOOLS / ".bin"
    run(folder, tools / "openapi-typescript", "openapi.json", "-o", "types.ts")
    run(folder, tools / "orval", "--config", "orval.config.cjs")
    run(folder, tools / "tsc", "--project", ".")
    return folder / "built"


@pytest.mark.parametrize("maker", PROGRAMS)
def test_a_generated_client_signs_in_writes_and_reads(compiled: Path, app: App, maker: str) -> None:
    words = [app.server.url, app.client_id, app.secret]
    found: dict[str, Any] = json.loads(run(compiled, "node", f"{PROGRAMS[maker]}.js", *words))
    assert found == {
        "created": 1,
        "first": [["..", 16]],
        "total": 1,
        "second": [["..", 16, "2024-08-22T16:00:48Z"]],
        "one": 2,
        "refused": ["pageSize"],
    }
