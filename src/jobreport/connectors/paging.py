"""Follows the pages of a list to the end, and notices a page that repeats, and an answer that is short."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final, Generic, TypeVar
from urllib.parse import urlsplit

import msgspec

from jobreport.connectors.base import CannotReadError

T = TypeVar("T")
_PORTS: Final = {"http": 80, "https": 443}
_EMPTY: Final = 1_000
"""So many pages in a row may have nothing."""


class Answer(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list as its origin answered it. `next` names the page after it, in the origin's own way; None: this
    is the last. `total` is how many items the whole list has, where the origin says so.
    """

    items: Sequence[T]
    next: Hashable | None = None
    total: int | None = None


def walk(ask: Callable[[Hashable | None], Answer[T]], what: str) -> Iterator[Sequence[T]]:
    """Gives the items of each page; `ask` is first called with None, then with each `next`. An empty page is not the
    end.

    Raises CannotReadError if a page names one that was asked for already, if what a page has comes again though it is
    named anew, or if the list ends with fewer items than the origin says that it has. `what` names the list in the
    message.
    """
    asked: set[Hashable] = set()
    page: Hashable | None = None
    seen, total, number, empty = 0, 0, 0, 0
    kept: Sequence[T] = ()
    while True:
        answer = ask(page)
        if answer.items and answer.items == kept:
            raise CannotReadError(f"{what}: the same items come again after {seen:,}, so it has no end")
        number += 1
        if not number & (number - 1):  # each page is held against one before it, further and further back: any circle
            kept = answer.items
        empty = 0 if answer.items else empty + 1
        if empty > _EMPTY:
            raise CannotReadError(f"{what}: more than {_EMPTY:,} pages in a row have nothing, so it has no end")
        seen += len(answer.items)
        total = answer.total or 0
        yield answer.items
        if answer.next is None:
            break
        if answer.next in asked:
            raise CannotReadError(f"{what}: the same page comes again after {seen:,} items, so it has no end")
        asked.add(answer.next)
        page = answer.next
    if seen < total:
        raise CannotReadError(f"{what}: it ends after {seen:,} items, and should have {total:,}")


def require_same_host(link: str, url: str, what: str) -> str:
    """Returns a link to the next page, if it leads to the host that was asked. Raises CannotReadError otherwise: a
    token is never sent to a host that a page names.
    """
    if _origin(link) != _origin(url):
        raise CannotReadError(f"{what}: the next page is said to be on another host, which is not asked")
    return link


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", None, None
