"""The apostrophe that keeps a spreadsheet from taking a text of a CSV export for a formula, and how it is taken off.

It stands where a cell may begin: before the text, and behind each semicolon, tab and line end in it, for a spreadsheet
of another country splits a file there. It is put before `=`, `+`, `-` and `@`, also in full width and behind blanks and
quotes, which spreadsheets pass over (OWASP, "CSV Injection"). A text that begins with an apostrophe gets one as well,
so that taking the guard off gives back exactly the text that there was.
"""

import re
from typing import Final

GUARD: Final = "'"
_FORMULA: Final = "[=+\\-@\\uff1d\\ufe66\\uff0b\\ufe62\\uff0d\\ufe63\\uff20\\ufe6b]"
_PASSED_OVER: Final = (
    '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x20"\\x7f-\\xa0\\xad\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f'
    "\\u3000\\ufeff]*"
)
_AT_BEGIN: Final = re.compile(f"{_PASSED_OVER}{_FORMULA}|[{GUARD}\\t\\r\\n]")
_INSIDE: Final = re.compile(f"[;\\t\\r\\n](?={GUARD}*{_PASSED_OVER}{_FORMULA})")
_GUARDED_INSIDE: Final = re.compile(f"([;\\t\\r\\n]){GUARD}(?={GUARD}*{_PASSED_OVER}{_FORMULA})")


def guarded(text: str) -> str:
    """The text without any place at which a formula could begin."""
    inside = _INSIDE.sub(rf"\g<0>{GUARD}", text)
    return f"{GUARD}{inside}" if _AT_BEGIN.match(text) else inside


def unguarded(cell: str) -> str:
    """The text of a cell that `guarded` made."""
    return _GUARDED_INSIDE.sub(r"\1", cell.removeprefix(GUARD))
