"""What each kind says of itself, to people and to programs."""

import pytest
from msgspec.structs import replace

from jobreport.cli.output.connectors import description, show_description
from jobreport.connectors import kinds
from jobreport.model.brings import ANYTHING, brings
from jobreport.model.catalog import JobType, ServiceType


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
