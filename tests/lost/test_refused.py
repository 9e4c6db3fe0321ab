"""A damaged, foreign or newer store: refused with one sentence by every command, and left byte for byte."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from filled_store import fill_store

from serving import command, serve, typed

COMMANDS = (
    ["migrate"],
    ["jobs"],
    ["check"],
    ["check", "--repair"],
    ["prune", "--keep", "1d", "--yes"],
    ["app", "list"],
    ["app", "create", "--name", "x"],
    ["sample-data", "--jobs", "10"],
)


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def without_its_last_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def overwritten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096] + b"\xa5" * (path.stat().st_size - 4096))


def no_database(path: Path) -> None:
    path.write_bytes(b"Dear diary,\n" * 1000)


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE invoices (number INTEGER)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (cut_in_half, "damaged"),
        (without_its_last_page, "damaged"),
        (overwritten, "damaged"),
        (no_database, "no database at all"),
        (foreign, "not a store of Jobreport"),
        (newer, "newer version of Jobreport; upgrade the program"),
    ],
)
def test_every_command_refuses_it_with_a_sentence_and_leaves_it(
    tmp_path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    path = fill_store(tmp_path / "jobs.db")
    spoil(path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    words = ["--store", f"sqlite:///{path}"]
    for refused in [command("serve", "--port", "0", *words), *(typed(*which, *words) for which in COMMANDS)]:
        assert refused.returncode == (78 if "serve" in refused.args else 1), refused.args
        (line,) = refused.stderr.splitlines()
        assert sentence in line, refused.args
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before, refused.args


def test_damage_deep_in_a_file_is_an_error_to_who_meets_it_and_found_by_a_check(tmp_path: Path, new_file: Path) -> None:
    """To find it at the start, every start would read the whole file. So it is behind all that a new one has."""
    path = fill_store(tmp_path / "store" / "jobs.db", jobs=2000)
    content = bytearray(path.read_bytes())
    for page in range(new_file.stat().st_size, len(content), 4096):
        content[page : page + 2000] = b"\xa5" * 2000
    path.write_bytes(content)
    with serve(tmp_path) as server:
        app = server.app("default")
        answer = app.report({"pagination": {"pageSize": 10_000}})
        assert (answer.status_code, answer.json()["detail"]) == (503, "The store cannot be used now.")
        assert "Traceback" not in server.log
    checked = typed("check", "--store", f"sqlite:///{path}")
    assert checked.returncode == 1
    assert "damaged" in checked.stdout + checked.stderr
