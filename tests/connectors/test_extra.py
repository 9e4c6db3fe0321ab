"""A kind whose libraries are not installed says by which command they come."""

import pytest

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.extra import needed
from jobreport.extras import command_for


def test_a_missing_library_is_named_with_the_command_that_brings_it() -> None:
    with pytest.raises(CannotReadError) as told, needed("mail"):
        import no_such_library  # noqa: F401 - nobody has it
    assert str(told.value) == f"no_such_library is not installed: {command_for('mail')}"
