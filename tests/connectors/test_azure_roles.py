"""The roles that are handed out are the rights that the kinds ask for, no more and no fewer."""

import json
from pathlib import Path

import pytest

from jobreport.connectors import kinds

ROLES = Path(__file__).parents[2] / "deploy/roles"


@pytest.mark.parametrize("name", [name for name in kinds.OWN if name.startswith("azure")])
def test_the_smallest_role_has_the_rights_that_the_kind_needs(name: str) -> None:
    role = json.loads((ROLES / f"{name}.json").read_text("utf-8"))
    assert role["Actions"] == [right.name for right in kinds.load(name).rights]
    assert not role["NotActions"] + role["DataActions"] + role["NotDataActions"]
