"""Ordinal numbers, as one says them."""

import pytest

from jobreport.model.ordinals import nth


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (1112, "1,112th"),
    ],
)
def test_a_number_has_its_ending(number: int, word: str) -> None:
    assert nth(number) == word
