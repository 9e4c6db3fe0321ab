"""The wheel: built, installed into a bare environment, and served from there."""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

import serving
from jobs import job

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`jobreport` in an environment that has the wheel, and of ours the dependencies alone."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    done = subprocess.run(build, capture_output=True, text=True, check=False, env=serving.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("jobreport-*.whl")
    bare = folder / "bare"
    venv.create(bare, with_pip=False)
    python = bare / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    site = next((bare / "lib").glob("python3*/site-packages"))
    # A path in a .pth file is added after the wheel's own; .pth files that lie there are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return bare / "bin" / "jobreport"


@pytest.fixture
def installed(program: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel's own program in the place of the checkout's."""
    monkeypatch.setattr(serving, "PROGRAM", program)
    return program.parent


def test_what_is_imported_is_the_wheels(program: Path, tmp_path: Path) -> None:
    look = "import jobreport, json; print(json.dumps([jobreport.__file__, jobreport.__version__]))"
    done = subprocess.run(
        [program.with_name("python"), "-c", look], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    file, version = json.loads(done.stdout)
    assert Path(file).is_relative_to(program.parents[1])
    assert serving.command("--version").stdout.split()[-1] == version


def test_wheel_serves_and_answers_a_report(installed: Path, tmp_path: Path) -> None:
    with serving.serve(tmp_path) as server:
        made = serving.command("app", "create", "--name", "wheel", "--json", "--store", server.store)
        assert made.returncode == 0, made.stderr
        app = serving.App(server, json.loads(made.stdout))
        assert app.write(job("from-a-wheel")).status_code == 200
        assert app.report().json()["totalCount"] == 1
        assert server.http.get("/docs/assets/swagger-ui.css").status_code == 200


def test_every_command_of_the_wheel_explains_itself(installed: Path) -> None:
    for name in ("serve", "app", "run", "flush", "jobs", "ticks"):
        assert serving.command(name, "--help").returncode == 0
