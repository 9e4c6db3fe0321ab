"""Sends a request, and turns what an HTTP library raises where no answer came into one error of ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from jobreport.client.errors import ConnectionFailedError
from jobreport.client.flow import NO_ANSWER, Ask, Flow

_NEVER = (httpx.InvalidURL, httpx.UnsupportedProtocol)


def sent(request: Ask) -> Flow[httpx.Response]:
    """The answer; ConnectionFailedError where none came."""
    with as_connection_failure(request.url):
        response: httpx.Response = yield request
    return response


@contextmanager
def as_connection_failure(url: str) -> Iterator[None]:
    """Turns what an HTTP client raises where no answer came, or half of one, into ConnectionFailedError."""
    try:
        yield
    except NO_ANSWER as error:
        # Without its cause: the request in it bears the secret.
        raise ConnectionFailedError(
            f"no answer from {url}: {error or type(error).__name__}", temporary=not isinstance(error, _NEVER)
        ) from None


def without_user(url: str) -> str:
    """`url` without `user:password@`: it would not be used, and must not show up in messages."""
    return re.sub(r"^(\w+://)[^/?#]*@", r"\1", url)
