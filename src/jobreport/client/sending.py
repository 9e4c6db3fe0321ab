"""Sends a request, and turns any exception of the HTTP library for a missing answer into one error of ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from jobreport.client.errors import ConnectionFailedError
from jobreport.client.flow import NO_ANSWER, Ask, Flow

_NEVER = (httpx.InvalidURL, httpx.UnsupportedProtocol)


def sent(request: Ask) -> Flow[httpx.Response]:
    """Sends the request and returns the answer. Raises ConnectionFailedError if none came."""
    with as_connection_failure(request.url):
        response: httpx.Response = yield request
    return response


@contextmanager
def as_connection_failure(url: str) -> Iterator[None]:
    """Turns exceptions of an HTTP client for a missing or incomplete answer into ConnectionFailedError."""
    try:
        yield
    except NO_ANSWER as error:
        # `from None`: the request in the original exception contains the secret.
        raise ConnectionFailedError(
            f"no answer from {url}: {error or type(error).__name__}", temporary=not isinstance(error, _NEVER)
        ) from None


def without_user(url: str) -> str:
    """Returns `url` without `user:password@`, which would not be used and must not appear in messages."""
    return re.sub(r"^(\w+://)[^/?#]*@", r"\1", url)
