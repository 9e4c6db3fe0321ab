"""Reads the bytes of a mail as text, whatever charset they claim to have, and makes plain text of it.

Nothing here ever raises: what cannot be read becomes the replacement character.
"""

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final

_WESTERN: Final = frozenset({"ascii", "iso8859-1", "cp1252", "iso8859-15"})
"""Charsets that stand in many a mail whose text is UTF-8: what can be read as UTF-8 is."""
_NONE_OF_MAILS: Final = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
"""Codecs of Python that are no charset, or take long."""
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SPACES: Final = re.compile("[\xa0\u2007\u202f]")
_FOLDED: Final = re.compile(r"\r?\n[ \t]*")


def decoded(data: bytes, charset: str | None) -> str:
    """Returns the text that `data` is, in `charset` if it can be, with `\\n` between its lines."""
    claimed = _known(charset)
    tried = ["utf-8", claimed] if claimed in _WESTERN else [claimed, "utf-8"]
    for name in tried:
        try:
            return plain(data.decode(name))
        except (UnicodeError, ValueError):
            continue
    return plain(data.decode(claimed if claimed in _WESTERN - {"ascii"} else "cp1252", "replace"))


def header_text(raw: str) -> str:
    """Returns a header as people read it, on one line: its encoded words decoded."""
    raw = _FOLDED.sub(" ", raw)
    try:
        pieces = decode_header(raw)
    except (HeaderParseError, ValueError):  # words that claim to be Base64 and are none
        pieces = [(raw, None)]
    return " ".join("".join(_piece(piece, charset) for piece, charset in pieces).split())


def plain(text: str) -> str:
    """Returns a text without control characters, and with one kind of space and of line end."""
    return _SPACES.sub(" ", _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def _piece(piece: bytes | str, charset: str | None) -> str:
    # Bytes that are no ASCII stand in a header as lone surrogates.
    return decoded(piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece, charset)


def _known(charset: str | None) -> str:
    try:
        found = codecs.lookup((charset or "utf-8")[:40])
        "".encode(found.name)  # refuses codecs of bytes to bytes, such as zip
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if found.name in _NONE_OF_MAILS else found.name
