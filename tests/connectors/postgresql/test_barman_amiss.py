"""What a barman prints that is none: it is told, and nothing of it is unforeseen."""

import stat
from pathlib import Path

import pytest

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.kinds.barman.asking import asked
from jobreport.connectors.kinds.barman.settings import Settings


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ('{"_ERROR": "abc"}', "barman list-servers: abc"),
        ('{"_EXCEPTION": 5}', "barman list-servers: 5"),
        ('{"a": ' + "[" * 100_000, "barman list-servers printed no object of JSON"),
        ("[]", "barman list-servers printed no object of JSON"),
        ("", "barman list-servers printed no object of JSON"),
    ],
)
def test_an_answer_that_is_none_is_told(tmp_path: Path, printed: str, said: str) -> None:
    (tmp_path / "printed").write_text(printed)
    program = tmp_path / "barman"
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/printed\n")
    program.chmod(stat.S_IRWXU)
    with pytest.raises(CannotReadError) as refused:
        asked(Settings(command=(str(program),)), "list-servers")
    assert str(refused.value) == said
