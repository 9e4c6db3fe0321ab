"""Splits a shell script into words, as far as that is possible without running it.

Nothing is lost: the pieces together are the script. A quote that is not closed extends to the end.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

_OPERATORS: Final = "|;&()\n`"
_PIECE: Final = re.compile(
    r"(?P<gap>(?:[^\S\n]|<{1,3}-?|\d?>{1,2}&?|\\\n)+)"
    r"|(?P<operator>[|;&()\n`]+)"
    r"|(?P<word>(?:\\(?:.|\Z)|'[^']*(?:'|\Z)|\"(?:\\(?:.|\Z)|[^\"\\])*(?:\"|\Z)|[^\s|;&()`<>'\"\\])+)",
    re.DOTALL,
)
_QUOTED: Final = re.compile(r"'([^']*)'?|\"((?:\\.|[^\"\\])*)\"?|\\(.)", re.DOTALL)


class Piece(NamedTuple):
    """A word, or the blanks and redirections between two words. `raw` is as it was written, `value` without quotes."""

    raw: str
    value: str
    is_word: bool

    def quoted(self, value: str) -> str:
        """Returns `value`, in quotes if the word was in quotes."""
        quote = self.raw[0] if self.raw[0] in "'\"" else ""
        return f"{quote}{value}{quote}"


def pieces(script: str) -> Iterator[Piece | str]:
    """Gives the pieces of a script. An operator that ends a command is a plain string."""
    for match in _PIECE.finditer(script):
        text = match[0]
        if match["operator"] is not None:
            yield text
        else:
            yield Piece(text, _unquoted(text), match["word"] is not None)


def commands(found: Iterable[Piece | str]) -> Iterator[tuple[list[Piece], str]]:
    """Gives the simple commands, each with the operator after it. The operator of the last one is empty."""
    command: list[Piece] = []
    for piece in found:
        if isinstance(piece, str):
            yield command, piece
            command = []
        else:
            command.append(piece)
    yield command, ""


def _unquoted(word: str) -> str:
    return _QUOTED.sub(lambda match: match[1] or match[2] or match[3] or "", word)
