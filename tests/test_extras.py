"""A missing library: the command that brings it, as this installation was made."""

import importlib.util
import shlex
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from jobreport.extras import command_for, is_installed, libraries
from serving import environment

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("extra", "names"),
    [
        ("apprise", ["apprise"]),
        ("aws", ["boto3"]),
        (
            "azure",
            [
                "azure-identity",
                "azure-mgmt-dataprotection",
                "azure-mgmt-recoveryservices",
                "azure-mgmt-recoveryservicesbackup",
                "azure-mgmt-sql",
            ],
        ),
        ("bareos", ["python-bareos"]),
        ("gcp", ["google-auth", "requests"]),
        ("kubernetes", ["kubernetes"]),
        ("mariadb", ["pymysql"]),
        ("xlsx", ["openpyxl", "xlsxwriter"]),
        ("mail", ["aiosmtpd", "lxml"]),
        ("parquet", ["pyarrow"]),
        ("postgres", ["psycopg"]),
    ],
)
def test_an_extra_needs_what_the_project_says(extra: str, names: list[str]) -> None:
    needed = libraries(extra)
    assert [Requirement(one).name for one in needed] == names
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f'"{one}"' in project for one in needed)


def test_an_extra_is_installed_if_each_of_its_libraries_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_installed("")
    assert is_installed("azure")
    monkeypatch.setattr(metadata, "requires", lambda _: ["boto3>=1.40; extra == 'aws'", "no-such>=2; extra == 'aws'"])
    assert not is_installed("aws")


def test_the_command_is_one_that_installs_here() -> None:
    assert importlib.util.find_spec("pip") is not None
    words = shlex.split(command_for("xlsx"))
    assert words == [sys.executable, "-m", "pip", "install", *libraries("xlsx")]


@pytest.mark.parametrize(
    ("file", "first"),
    [
        ("pipx_metadata.json", "pipx inject jobreport "),
        ("uv-receipt.toml", "uv pip install --python "),
        ("", "pip --python "),
    ],
)
def test_the_command_is_that_of_the_installer(tmp_path: Path, file: str, first: str) -> None:
    """In an environment as the installer leaves it: without pip, and with the installer's own file."""
    venv.create(tmp_path, with_pip=False)
    if file:
        (tmp_path / file).touch()
    ours = [str(ROOT / "src"), *[path for path in sys.path if path.endswith("site-packages")]]
    look = "import importlib.util as u, sys; f = u.find_spec; u.find_spec = lambda n: None if n == 'pip' else f(n)"
    code = f"{look}; sys.path += {ours!r}; from jobreport.extras import command_for; print(command_for('parquet'))"
    done = subprocess.run(
        [tmp_path / "bin/python", "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout.startswith(first)
    assert shlex.split(done.stdout)[-1] == libraries("parquet")[0]
    if "--python" in first:
        assert shlex.split(done.stdout)[shlex.split(done.stdout).index("--python") + 1] == str(tmp_path / "bin/python")
