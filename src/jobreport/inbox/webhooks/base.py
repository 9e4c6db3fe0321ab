"""The types that all webhooks share: a delivery as it arrived, and a reader of deliveries."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from jobreport.inbox.report import Reading

MAX_BODY: Final = 4 * 1024 * 1024
"""The bytes of a body that is taken."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a sender. The names of `headers` are in lower case; `content_type` has no parameters; `query` has
    the pairs behind the `?`, in their order.
    """

    method: str
    headers: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    content_type: str
    body: bytes


Format = Callable[[Delivery], Reading]
"""Reads a delivery in one sender's form. Pure: the same delivery gives the same reading. Raises UnreadableError."""
