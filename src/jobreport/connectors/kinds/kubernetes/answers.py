"""What the API of a cluster answers, as far as it is read: pages of lists, kinds of objects, rights."""

from typing import Any, TypeVar

import msgspec

from jobreport.connectors.base import CannotReadError

T = TypeVar("T")


class ListMetadata(msgspec.Struct, frozen=True):
    """Where a list goes on; empty: it ends here. `left`: how many objects come after this page, where that is told."""

    next: str = msgspec.field(name="continue", default="")
    left: int | None = msgspec.field(name="remainingItemCount", default=None)


class Listed(msgspec.Struct, frozen=True):
    """A page of a list: the text of each object as it came. An answer without `items` is another one than a list."""

    metadata: ListMetadata
    items: list[msgspec.Raw] | None


class Broken(msgspec.Struct, frozen=True):
    """The answer that a list has become too old."""

    metadata: ListMetadata = ListMetadata()


class Group(msgspec.Struct, frozen=True):
    """A group of kinds of objects, with the versions in which they can be read."""

    name: str
    versions: tuple[dict[str, str], ...] = ()


class Groups(msgspec.Struct, frozen=True):
    """The groups that a cluster has."""

    groups: tuple[Group, ...]


class Kinds(msgspec.Struct, frozen=True):
    """The kinds of objects of a group."""

    resources: tuple[dict[str, Any], ...]


class Allowed(msgspec.Struct, frozen=True):
    """Whether there is a right; None: it does not say."""

    allowed: bool | None = None


class Review(msgspec.Struct, frozen=True):
    """What the cluster says of a right."""

    status: Allowed = Allowed()


def token_of(body: bytes | str | None) -> str:
    """Returns by what a list that has become too old goes on; empty: it does not."""
    try:
        return msgspec.json.decode(body or b"", type=Broken).metadata.next
    except msgspec.MsgspecError:
        return ""


def read(body: bytes, type_: type[T]) -> T:
    """Returns an answer as a value of a Struct. Raises CannotReadError."""
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CannotReadError(f"the answer is not what a cluster answers: {error}") from None
