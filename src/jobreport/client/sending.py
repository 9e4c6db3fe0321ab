"""Sends a request, and turns any exception of the HTTP library for a missing answer into one error of ours."""

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from jobreport.client.errors import ConnectionFailedError
from jobreport.client.flow import NO_ANSWER, Ask, Flow

_NEVER = (httpx.InvalidURL, httpx.UnsupportedProtocol)
_UNKNOWN_AUTHORITY: Final = frozenset({18, 19, 20, 21})
"""OpenSSL's X509_V_ERR_… codes where no authority that is trusted here has signed: DEPTH_ZERO_SELF_SIGNED_CERT,
SELF_SIGNED_CERT_IN_CHAIN, UNABLE_TO_GET_ISSUER_CERT_LOCALLY, UNABLE_TO_VERIFY_LEAF_SIGNATURE."""


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
            f"no answer from {url}: {_reason(error)}", temporary=not isinstance(error, _NEVER)
        ) from None


def _reason(error: Exception) -> str:
    """Returns why no answer came, in words. A certificate of an authority unknown here is said so, with what helps."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused: no server listens there"
        if isinstance(cause, socket.gaierror):
            return f"the name of the server cannot be resolved ({cause.strerror})"
        if isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code in _UNKNOWN_AUTHORITY:
            return (
                "its certificate is signed by an authority that this machine does not trust. If the authority is your "
                "own, set SSL_CERT_FILE to a PEM file with the authority's certificate"
            )
        cause = cause.__cause__ or cause.__context__
    return re.sub(r"^\[Errno -?\d+\] ", "", str(error)) or type(error).__name__


def without_user(url: str) -> str:
    """Returns `url` without `user:password@`, which would not be used and must not appear in messages."""
    return re.sub(r"^(\w+://)[^/?#]*@", r"\1", url)
