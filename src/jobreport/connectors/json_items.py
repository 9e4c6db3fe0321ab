"""Reads the items of a JSON array as it comes: a list of any length takes the memory of its longest item."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.limits import MB

MAX_ITEM: Final = 8 * MB
"""The most characters of one item."""
_BEGIN: Final = re.compile(r"^[\[{]", re.MULTILINE)
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()


def items(chunks: Iterable[bytes], what: str, key: str = "", *, may_lack: bool = False) -> Iterator[tuple[Any, str]]:
    """Gives each item of a list, and its text as it came. `key` is the name of the list in the object that it is in.
    `may_lack`: an object without it has an empty list, as protocol buffers write it.

    The items are objects or lists. Lines before the JSON are passed over, and what comes behind the list is read to its
    end. Raises CannotReadError if there is no such list, or if it breaks off; `what` says in the message who printed
    it.
    """
    text = _Text(chunks, what)
    if not text.begin(f'"{key}"' if key else "", may_lack=may_lack) or text.take("]"):
        text.rest()
        return
    while True:
        yield text.item()
        if text.take("]"):
            break
        if not text.take(","):
            raise text.broken()
    text.rest()


class _Text:
    """What has come and is not used yet."""

    def __init__(self, chunks: Iterable[bytes], what: str) -> None:
        self._chunks = iter(chunks)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._at = self._passed = 0
        self._what = what

    def broken(self) -> CannotReadError:
        """Returns the error of a list that is none."""
        return CannotReadError(f"{self._what} printed no whole list in JSON")

    def begin(self, key: str, *, may_lack: bool) -> bool:
        """Goes to the first item of the list, which in an object comes behind its key. Returns whether there is one."""
        while not (found := _BEGIN.search(self._text)):
            passed, ended, last = self._text.rpartition("\n")
            self._idle(passed + ended)
            self._text = last
            self._more()
        self._at = found.start()
        if not key:
            self._demand("[")
            return True
        self._demand("{")
        if may_lack and self.take("}"):
            return False
        while not self.take(key):
            self._value()
            self._demand(":")
            self._value()
            if may_lack and self.take("}"):
                return False
            self._demand(",")
        self._demand(":")
        self._demand("[")
        return True

    def take(self, word: str) -> bool:
        """Goes over a word, if it comes next."""
        while len(self._text) - (at := self._next()) < len(word) and word.startswith(self._text[at:]):
            self._more()
        if found := self._text.startswith(word, at):
            self._at = at + len(word)
        return found

    def item(self) -> tuple[Any, str]:
        """Goes over an item, and returns it with its text."""
        if self.take("{") or self.take("["):
            self._at -= 1
            return self._value()
        raise self.broken()

    def rest(self) -> None:
        """Reads what is left, so that the program that prints it comes to its end."""
        for chunk in self._chunks:
            self._idle(chunk)

    def _idle(self, passed: bytes | str) -> None:
        """Counts what is no part of the list. Raises CannotReadError if it is too much, for it may have no end."""
        self._passed += len(passed)
        if self._passed > MAX_ITEM:
            raise CannotReadError(f"{self._what} printed more than {MAX_ITEM:,} characters beside the list in JSON")

    def _value(self) -> tuple[Any, str]:
        while True:
            at = self._next()
            try:
                value, end = _DECODER.raw_decode(self._text, at)
            except json.JSONDecodeError:
                self._more()
                continue
            except (RecursionError, ValueError):  # a number of too many digits
                raise self.broken() from None
            if end == len(self._text) and not isinstance(value, dict | list | str):  # a number may go on
                self._more()
                continue
            self._at = end
            return value, self._text[at:end]

    def _demand(self, word: str) -> None:
        if not self.take(word):
            raise self.broken()

    def _next(self) -> int:
        found = _SPACE.match(self._text, self._at)
        assert found is not None  # the expression matches nothing at all, too
        return found.end()

    def _more(self) -> None:
        """Adds what comes next. Raises CannotReadError if nothing does, or if an item is too long."""
        chunk = next(self._chunks, b"")
        self._text, self._at = self._text[self._at :] + self._decoder.decode(chunk, not chunk), 0
        if not chunk:
            raise self.broken()
        if len(self._text) > MAX_ITEM:
            raise CannotReadError(f"{self._what} printed an item of more than {MAX_ITEM:,} characters")
