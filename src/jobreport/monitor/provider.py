"""What the pages about the company's OpenID provider share: the cookie of a sign-in, and going to the provider."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

import structlog
from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.openid.provider import Provider
from jobreport.identity.openid.transactions import LASTS, Transaction, state_of
from jobreport.model import ticks
from jobreport.monitor import cookies
from jobreport.monitor.html import moved
from jobreport.server.operation import services
from jobreport.server.problem import RETRY_SECONDS, ProblemError
from jobreport.threads import READS, in_thread, of_issuer

T = TypeVar("T")

LATER: Final = {"Retry-After": str(RETRY_SECONDS)}
_MOST_WAITING: Final = 100
"""So many requests wait for the provider at the most; then there is no use in waiting."""

_log = structlog.get_logger()


def configured(request: Request) -> Provider:
    """Returns the provider. Raises ProblemError 404 if the settings name none."""
    if found := services(request).provider:
        return found
    raise ProblemError(404, "There is no page at this address.")


def label(request: Request) -> str:
    """Returns how people call the provider; empty if the settings name none."""
    found = services(request).provider
    return found.settings.label if found else ""


async def asked(provider: Provider, work: Callable[[], T]) -> T:
    """Returns the result of `work`, which may have to ask the provider. Raises ProblemError 503 if too many wait."""
    threads = of_issuer(provider.settings.issuer)
    if threads.statistics().tasks_waiting >= _MOST_WAITING:
        raise ProblemError(503, "Too many people sign in just now.", headers=LATER)
    return await in_thread(threads, work)


async def go(request: Request, transaction: Transaction) -> Response:
    """Returns the answer that sends the browser to the provider. Raises IssuerError if that cannot be reached."""
    provider = configured(request)
    secret = secret_of(request)
    state = state_of(transaction, secret)
    again = transaction.aim == "confirm"
    response = moved(await asked(provider, partial(provider.sign_in_url, state, secret, again=again)))
    keep(request, response, secret)
    return response


async def way_out(request: Request, id_token: str) -> tuple[str, str]:
    """Returns the address at which the provider signs out, and the secret for `keep`. The address is empty if there is
    none, or the provider is too busy.
    """
    provider = configured(request)
    secret = secret_of(request)
    state = state_of(Transaction(aim="sign out", begun=services(request).store.clock()), secret)
    with suppress(ProblemError):
        return await asked(provider, partial(provider.sign_out_url, state, id_token)), secret
    return "", secret


async def id_token(request: Request) -> str:
    """Returns the ID token by which the browser's session was begun; empty if it was none."""
    return await in_thread(READS, services(request).sessions.id_token, cookies.get(request, cookies.SESSION))


def secret_of(request: Request) -> str:
    """Returns the secret of this browser. One that is there stays: a sign-in in another tab may still need it."""
    return cookies.get(request, cookies.PROVIDER) or secrets.token_urlsafe(32)


def keep(request: Request, response: Response, secret: str) -> None:
    """Gives the browser its secret, for as long as a sign-in may take."""
    cookies.put(request, response, cookies.PROVIDER, secret, LASTS // ticks.PER_SECOND)


def refused(request: Request, reason: str, **about: str | list[str]) -> None:
    """Logs why somebody was not signed in."""
    noted(request, "sign-in refused", reason=reason, **about)


def noted(request: Request, event: str, **about: str | list[str]) -> None:
    """Logs what whoever looks after the provider should know."""
    provider = configured(request).settings.issuer
    _log.warning(event, provider=provider, request_id=request.scope.get("request_id", ""), **about)
