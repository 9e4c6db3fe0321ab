"""The parts of a text by which FTS5 finds it: one of five characters begins at each of its characters.

Example: `db-0042` has the parts `db-00`, `b-004`, `-0042` and four shorter ones at its end, which are filled up. Each
part is a word for FTS5.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

LENGTH: Final = 5
_WORDS: Final = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}
"""Characters at which FTS5 would split a word, and the characters of Unicode's private use area that replace them."""
_FILLER: Final = "\x7f"
_PAD: Final = _FILLER * (LENGTH - 1)
"""Put after each text, so that a part begins at each of its characters and a term shorter than a part is found too."""
_UPPER: Final = bytes(_WORDS.get(code, 0) >> 8 for code in range(256))
"""The upper byte of the character that stands for one of ASCII. The lower one is always that of the character."""
_UNIT: Final = LENGTH + 1
"""The characters of a part and of the space behind it."""
_FEW, _MOST = 4, 500
"""From so many texts on it is quicker to cut them together, and so many do not take much memory for that."""


def words(folded: str) -> str:
    """Returns a text without the characters at which FTS5 would split it; others stand for them."""
    return folded.translate(_WORDS)


def parts(text: str) -> list[str]:
    """Returns the parts that are whole in a text of `words`."""
    return [text[place : place + LENGTH] for place in range(len(text) - LENGTH + 1)]


def parts_of(texts: Sequence[str]) -> list[str]:
    """Returns of each case-folded text all its parts, separated by spaces: as many as it has characters."""
    plain = [text for text in texts if text.isascii()]
    together = len(plain) >= _FEW
    cut = chain.from_iterable(_cut(plain[first : first + _MOST]) for first in range(0, len(plain), _MOST))
    return [next(cut) if together and text.isascii() else " ".join(parts(words(text) + words(_PAD))) for text in texts]


def _cut(texts: Sequence[str]) -> Iterator[str]:
    """Gives the parts of each of these texts, which have only ASCII characters.

    Each of the parts' characters is put to its place in all parts at once: to cut one part after another takes eight
    times as long.
    """
    text = (_PAD.join(texts) + _PAD).encode()
    number, upper = len(text) - LENGTH + 1, text.translate(_UPPER)
    every = bytearray(2 * _UNIT * number)  # two bytes a character
    every[2 * LENGTH :: 2 * _UNIT] = b" " * number
    for place in range(LENGTH):
        every[2 * place :: 2 * _UNIT] = text[place : place + number]
        every[2 * place + 1 :: 2 * _UNIT] = upper[place : place + number]
    cut, place = every.decode("utf-16-le"), 0
    for one in texts:
        yield cut[place * _UNIT : (place + len(one)) * _UNIT][:-1]
        place += len(one) + len(_PAD)
