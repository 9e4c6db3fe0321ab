"""How to write a connector: the program and the kind of the page read their jobs as it says."""

import re
import shutil
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from jobreport.cli import cli
from jobreport.configuration.file import load
from jobreport.connectors import kinds
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import configured
from jobreport.model.catalog import JobState
from jobreport.store import open_store

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-connector.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_file: Path) -> Path:
    """The folder of the page, with a store in it."""
    (tmp_path / "list-jobs").write_text(blocks("sh")[0])
    (tmp_path / "list-jobs").chmod(stat.S_IRWXU)
    (tmp_path / "backups.log").write_text(blocks("text")[0])
    (tmp_path / "jobreport.toml").write_text(blocks("toml")[0])
    shutil.copy(new_file, tmp_path / "jobs.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOBREPORT_STORE", f"sqlite:///{tmp_path}/jobs.db")
    return tmp_path


@pytest.fixture
def type_() -> Callable[[str], str]:
    """Types a command line, and gives what it prints."""

    def run(line: str) -> str:
        done = CliRunner().invoke(cli, line.split()[1:], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_the_program_of_the_page_is_read_as_it_says(folder: Path, type_: Callable[[str], str]) -> None:
    for block in blocks("console"):
        line, _, shown = block.removeprefix("$ ").partition("\n")
        assert shown in type_(line)
    assert "all: 2 jobs read, 0 new, 0 changed" in type_("jobreport collect nas --once")
    assert "nas" in type_("jobreport connectors list")


def test_the_kind_of_the_page_is_installed_and_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "nas_connector.py").write_text(blocks("python")[0])
    installed = folder / "nas_connector-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: nas-connector\nVersion: 1.0\n")
    group = re.sub(r'\[project\.entry-points\."(.*)"\]', r"[\1]", blocks("toml")[1]).replace('"', "")
    (installed / "entry_points.txt").write_text(group)
    monkeypatch.syspath_prepend(str(folder))
    assert "nas" in kinds.names()
    (folder / "jobreport.toml").write_text('[[connector]]\nkind = "nas"\nname = "one"\nlog = "backups.log"\n')
    (one,) = configured(load(None))
    with closing(open_store(f"sqlite:///{folder}/jobs.db")) as store:
        tenant = store.tenant_id("default", create=True)
        assert tenant is not None
        assert collect(store, tenant, one).whole
        found = store.history(tenant, "nas-1:2")
    assert found is not None
    assert (found.current.job.state, found.current.job.raw) == (
        JobState.Exception,
        '{"line":"2 2026-11-28T02:00:00Z 2026-11-28T02:31:00Z warn"}',
    )


def test_every_message_and_every_word_of_the_page_is_known() -> None:
    from jobreport.connectors.kinds.exec.messages import message_of

    examples = re.findall(r'`(\{"type": [^`]*\})`', PAGE.read_text("utf-8"))
    assert len(examples) >= 5
    for example in examples:
        assert message_of(example.replace("…", "1").encode().replace(b'": 1', b'": 1')) is not None
