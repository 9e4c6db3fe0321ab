"""Adds the apostrophe that keeps a spreadsheet from running a text of a CSV export as a formula, and removes it.

It is added at every place where a cell may begin: before the text, and after each semicolon, tab and line end in it,
since a spreadsheet of another country splits a file there. It is put before `=`, `+`, `-` and `@`, also in full width
and after blanks and quotes, which spreadsheets skip (OWASP, "CSV Injection"). A text that begins with an apostrophe
gets another, so that removing the guard restores exactly the original text.
"""

import re
from typing import Final

GUARD: Final = "'"
_FORMULA: Final = "[=+\\-@\\uff1d\\ufe66\\uff0b\\ufe62\\uff0d\\ufe63\\uff20\\ufe6b]"
_PASSED_OVER: Final = (
    '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x20"\\x7f-\\xa0\\xad\\u034f\\u061c\\u115f\\u1160\\u1680\\u180b-\\u180f\\u2000-\\u200f'
    "\\u2028-\\u202f\\u205f-\\u206f\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb]*"
)
_AT_BEGIN: Final = re.compile(f"{_PASSED_OVER}{_FORMULA}|[{GUARD}\\t\\r\\n]")
_INSIDE: Final = re.compile(f"[;\\t\\r\\n](?={GUARD}*{_PASSED_OVER}{_FORMULA})")
_GUARDED_INSIDE: Final = re.compile(f"([;\\t\\r\\n]){GUARD}(?={GUARD}*{_PASSED_OVER}{_FORMULA})")


def guarded(text: str) -> str:
    """Returns the text without any place at which a formula could begin: `=1+1` becomes `'=1+1`."""
    inside = _INSIDE.sub(rf"\g<0>{GUARD}", text)
    return f"{GUARD}{inside}" if _AT_BEGIN.match(text) else inside


def unguarded(cell: str) -> str:
    """Returns the original text of a cell that `guarded` made."""
    return _GUARDED_INSIDE.sub(r"\1", cell.removeprefix(GUARD))
