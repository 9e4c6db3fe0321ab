"""A call as a series of steps that touch no network and no clock; a thread or an asyncio task carries them out.

A call is a generator: it yields a step, is sent what came of it, and returns the call's result. So each call is
written once, and both clients run it.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar, overload

import httpx

T = TypeVar("T")


class Ask(NamedTuple):
    """Send a request. The httpx.Response is sent back, or one of `NO_ANSWER` thrown in.

    If `stream`, a success comes back with its body still to be read.
    """

    method: str
    url: str
    options: Mapping[str, Any]
    stream: bool = False


class Pause(NamedTuple):
    """Wait for so many seconds."""

    seconds: float


class Alone(NamedTuple):
    """Run a flow while no other flow of this client runs so."""

    flow: "Flow[None]"


class Found(NamedTuple, Generic[T]):
    """Give these items to the program that iterates."""

    items: Sequence[T]


Step: TypeAlias = Ask | Pause | Alone
Flow: TypeAlias = Generator[Step, Any, T]
"""A call that returns a result."""
Walk: TypeAlias = Generator[Step | Found[T], Any, None]
"""A call that gives its results one after the other."""

NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError)
"""What an HTTP client raises where no answer came."""

Came: TypeAlias = httpx.Response | Exception | None
"""What came of a step."""


@overload
def advance(flow: Flow[T], came: Came) -> Step: ...
@overload
def advance(flow: Walk[T], came: Came) -> Step | Found[T]: ...
def advance(flow: Generator[Any, Any, Any], came: Came) -> Any:
    """The next step, after what came of the last one (of none: None); StopIteration with the result at the end."""
    return flow.throw(came) if isinstance(came, Exception) else flow.send(came)
