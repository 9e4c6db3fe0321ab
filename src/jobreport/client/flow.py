"""Describes a call as a series of steps without network or clock; a thread or an asyncio task carries out the steps.

A call is a generator: it yields a step, receives the step's result, and returns the call's result. So each call is
written once, and both clients run it.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar, overload

import httpx

T = TypeVar("T")


class Ask(NamedTuple):
    """The step that sends a request. The flow receives the httpx.Response, or one of `NO_ANSWER` is raised in it.

    If `stream`, the body of a success is still to be read.
    """

    method: str
    url: str
    options: Mapping[str, Any]
    stream: bool = False


class Pause(NamedTuple):
    """The step that waits for `seconds`."""

    seconds: float


class Alone(NamedTuple):
    """The step that runs `flow` while no other `Alone` flow of this client runs."""

    flow: "Flow[None]"


class Items(NamedTuple, Generic[T]):
    """The step that gives `items` to the program that iterates."""

    items: Sequence[T]


Step: TypeAlias = Ask | Pause | Alone
Flow: TypeAlias = Generator[Step, Any, T]
"""A call that yields steps and returns a result of type `T`."""
Walk: TypeAlias = Generator[Step | Items[T], Any, None]
"""A call that yields its results one after another, between its steps."""

NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError)
"""The exceptions that an HTTP client raises if no answer came."""

Came: TypeAlias = httpx.Response | Exception | None
"""The result of a step: a response, an exception that the step raised, or None."""


@overload
def advance(flow: Flow[T], came: Came) -> Step: ...
@overload
def advance(flow: Walk[T], came: Came) -> Step | Items[T]: ...
def advance(flow: Generator[Any, Any, Any], came: Came) -> Any:
    """Returns the next step; `came` is the result of the last step, None before the first. Raises StopIteration with
    the call's result at the end.
    """
    return flow.throw(came) if isinstance(came, Exception) else flow.send(came)
