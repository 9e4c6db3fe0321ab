"""What each kind says of itself, to people and to programs."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from jobreport.cli.commands.connectors import connectors
from jobreport.cli.output.connectors import description, show_description
from jobreport.connectors import kinds
from jobreport.model.brings import ANYTHING, brings
from jobreport.model.catalog import JobType, ServiceType
from serving import environment


@pytest.mark.parametrize("name", kinds.OWN)
def test_a_kind_brings_something(name: str) -> None:
    """A kind names at least one service with a type of work; what hands on any job brings all."""
    kind = kinds.load(name)
    assert kind.brings
    assert all(kind.brings.values())
    assert (kind.brings == ANYTHING) == (name in {"exec", "jobreport"})


def test_describe_says_what_a_kind_brings(capsys: pytest.CaptureFixture[str]) -> None:
    """The services, each with its types, or that it may be any."""
    anything = kinds.load("exec")
    show_description(anything)
    assert "It sees runs, and brings jobs of any service and type." in capsys.readouterr().out
    machines = replace(anything, brings=brings((ServiceType.VM, JobType.Restore), (ServiceType.VM, JobType.Backup)))
    show_description(machines)
    assert "It sees runs, and brings VM: Backup, Restore." in capsys.readouterr().out
    assert description(machines)["brings"] == {"VM": ["Backup", "Restore"]}
    show_description(kinds.load("aws-backup"))
    lines = capsys.readouterr().out.splitlines()
    first = lines.index("Rights, and what is invisible without each:") + 1
    assert lines[first : first + 3 : 2] == [
        "backup:ListBackupJobs      all backup jobs",
        "backup:ListCopyJobs        all copy jobs",
    ]


def test_to_know_of_the_kinds_loads_no_library_of_an_extra() -> None:
    """Each would cost every command its start; and none of them need be installed."""
    program = """
import sys
from jobreport.connectors import kinds
for name in kinds.names():
    kinds.load(name)
extras = {"azure", "bareos", "boto3", "botocore", "google", "kubernetes", "msal", "pymysql", "requests", "urllib3"}
print(sorted({name.partition(".")[0] for name in sys.modules} & extras))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=True
    )
    assert done.stdout == "[]\n"


def test_a_kind_whose_extra_is_not_installed_is_listed_with_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: ["no-such>=2; extra == 'aws'"])
    lines = CliRunner().invoke(connectors, ["kinds"]).stdout.splitlines()
    assert [line.split()[0] for line in lines if line.endswith("(the extra aws is not installed)")] == ["aws-backup"]
    told = json.loads(CliRunner().invoke(connectors, ["kinds", "--json"]).stdout)
    assert {(one["kind"], one["extra"]) for one in told if not one["installed"]} == {("aws-backup", "aws")}


def test_a_package_that_cannot_be_used_hides_no_other_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package may do anything when it is imported."""
    (tmp_path / "broken_kind.py").write_text("raise RuntimeError('the token is hunter2')")
    (tmp_path / "broken_kind-1.dist-info").mkdir()
    (tmp_path / "broken_kind-1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: broken-kind\nVersion: 1\n"
    )
    points = "[jobreport.connectors]\nbroken = broken_kind:KIND\n"
    (tmp_path / "broken_kind-1.dist-info" / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(kinds.KindError, match=r"^the kind broken of connectors cannot be used: RuntimeError$"):
        kinds.load("broken")
    listed = CliRunner().invoke(connectors, ["kinds"])
    assert listed.exit_code == 0
    assert "aws-backup" in listed.stdout
    assert listed.stderr == "jobreport: the kind broken of connectors cannot be used: RuntimeError\n"
