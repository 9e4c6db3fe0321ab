"""The numbers of a list's pages: the first, the last, and those near the page that is shown."""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

_NEAR: Final = 2


class Numbered(msgspec.Struct, frozen=True):
    """The pages of a list. `current` and the numbers count from 1. `numbers` has each number with its address; where
    some are left out, the address is None. `before` and `after` are the addresses of the neighbours, None at the ends.
    """

    current: int
    count: int
    numbers: tuple[tuple[int, str | None], ...]
    before: str | None
    after: str | None


def page_numbers(page: int, count: int, address: Callable[[int], str]) -> Numbered:
    """Returns the pages near `page` (from 0) of `count`. `address` gives the address of a page (from 0)."""
    return Numbered(
        page + 1,
        count,
        tuple(_numbers(page, count, address)),
        address(min(page, count) - 1) if page and count else None,
        address(page + 1) if page + 1 < count else None,
    )


def _numbers(page: int, count: int, address: Callable[[int], str]) -> Iterator[tuple[int, str | None]]:
    near = range(page - _NEAR, page + _NEAR + 1)
    last = -1
    for one in sorted(one for one in {0, *near, count - 1} if 0 <= one < count):
        if one != last + 1:
            yield last + 2, None
        yield one + 1, address(one)
        last = one
