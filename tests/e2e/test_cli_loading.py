"""What a command loads: help loads no room behind the command line, and a command that asks a server no store.

Which modules are there in the end is what a start waits for, on any machine; how long it takes is for the benchmark.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from jobreport.cli import COMMANDS, cli
from jobs import AUGUST, job
from serving import App, environment

STORE = ("sqlalchemy", "alembic", "psycopg", "jobreport.store")
SERVER = ("uvicorn", "starlette", "structlog", "swagger_ui", "jobreport.server.protocol", "jobreport.api")
KEYS = ("joserfc", "cryptography")
CLIENT = ("httpx", "tenacity", "jobreport.client")

PROGRAM = """
import sys
from jobreport.cli import main
try:
    main()
finally:
    sys.stderr.write("\\n".join(sys.modules))
"""


def loaded(*words: str, **more: str) -> set[str]:
    """The modules that are there when `jobreport` with these words has ended."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, env=environment(**more), check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines())


def among(modules: set[str], unwanted: tuple[str, ...]) -> list[str]:
    """Those of the modules that are unwanted, or belong to a package that is."""
    return sorted(name for name in modules if any(name == one or name.startswith(f"{one}.") for one in unwanted))


def every_command() -> Iterator[list[str]]:
    context = click.Context(cli)
    for name in COMMANDS:
        yield [name]
        command = cli.get_command(context, name)
        yield from below(command, [name])


def below(command: click.Command | None, words: list[str]) -> Iterator[list[str]]:
    for name, one in command.commands.items() if isinstance(command, click.Group) else ():
        yield [*words, name]
        yield from below(one, [*words, name])


@pytest.mark.parametrize("command", [*COMMANDS])
def test_help_loads_no_store_no_server_and_no_client(command: str) -> None:
    assert among(loaded(command, "--help"), (*STORE, *SERVER, *KEYS, *CLIENT)) == []


def test_help_of_commands_below_others_loads_no_more() -> None:
    words = [words for words in every_command() if len(words) > 1]
    assert len(words) > 20
    program = f"""
import sys
from jobreport.cli import cli
for words in {words!r}:
    cli.main([*words, "--help"], standalone_mode=False)
sys.stderr.write("\\n".join(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=True
    )
    assert among(set(done.stderr.splitlines()), (*STORE, *SERVER, *KEYS, *CLIENT)) == []


def test_a_backup_starts_before_the_libraries_of_its_report_are_loaded() -> None:
    assert among(loaded("run", "--help"), (*CLIENT, "rich", "asyncio", "importlib.metadata")) == []


@pytest.mark.parametrize("words", [["jobs"], ["jobs", "--json"], ["summary"], ["export", "--format", "csv", "-o", "-"]])
def test_a_command_that_asks_a_server_loads_no_store(app: App, words: list[str]) -> None:
    app.write([job("FB1", startTime=AUGUST)])
    modules = loaded(
        *words,
        JOBREPORT_URL=app.server.url,
        JOBREPORT_CLIENT_ID=app.client_id,
        JOBREPORT_CLIENT_SECRET=app.secret,
    )
    assert "jobreport.client" in modules
    assert among(modules, (*STORE, *SERVER, *KEYS)) == []


def test_only_a_store_that_is_behind_loads_what_migrates_it(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/jobs.db"
    (tmp_path / "jobs.db").touch()
    assert "alembic" in loaded("migrate", "--store", store)
    assert "alembic" not in loaded("migrate", "--store", store)


def test_an_error_of_a_server_is_told_without_loading_a_store() -> None:
    program = f"import sys\nsys.exit = print\n{PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", program, "jobs"],
        capture_output=True,
        text=True,
        env=environment(JOBREPORT_URL="http://127.0.0.1:1", JOBREPORT_CLIENT_ID="a", JOBREPORT_CLIENT_SECRET="b"),
        check=False,
    )
    assert "jobreport: no answer from http://127.0.0.1:1" in done.stderr
    assert done.stdout == "1\n"
    assert among(set(done.stderr.splitlines()), STORE) == []
