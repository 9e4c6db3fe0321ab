"""`/sign-in/return`: where the company's OpenID provider sends the browser back, with a code for an ID token.

Nobody can send somebody else's browser here with a code of theirs: the `state` is that of a sign-in which this very
browser has begun.
"""

import re
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.oauth.documents import IssuerError
from jobreport.identity.oauth.jwts import ClaimError, Claims
from jobreport.identity.openid import people, transactions
from jobreport.identity.openid.people import NotAdmittedError
from jobreport.identity.openid.provider import MAX_CODE, CodeError, Provider, signed_in_at
from jobreport.identity.openid.transactions import SKEW, Transaction, TransactionError
from jobreport.identity.operators.sessions import Proof
from jobreport.model.audit import Actor
from jobreport.monitor import cookies, provider
from jobreport.monitor.html import see_other
from jobreport.monitor.page import Page, signed_in
from jobreport.monitor.pages import confirm, sign_in
from jobreport.monitor.pages.provider_start import unreachable
from jobreport.server import query_string
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store import Store
from jobreport.store.registry.operators import Operator
from jobreport.store.registry.sign_ins import OPERATOR
from jobreport.threads import READS, REFUSALS, WRITES, in_thread

_ERROR: Final = re.compile(r"[a-z_]{1,40}")
"""The error codes of RFC 6749 §4.1.2.1 and OpenID Connect Core 1.0 §3.1.2.6 look so."""
_MAX_LOGGED: Final = 200


class _FailedError(Exception):
    """Raised if the browser brings nothing that signs somebody in. The message is for the visitor."""


async def come_back(request: Request) -> Response:
    """Signs in, or notes that the person signed in once more, and goes to the page that was wanted."""
    asked, known = provider.configured(request), services(request)
    given, secret = _parameters(request), cookies.get(request, cookies.PROVIDER)
    transaction = Transaction(aim="sign in", begun=0)
    about: dict[str, str | list[str]] = {}
    try:
        state, now = given.get("state", ""), known.store.clock()
        transaction = transactions.taken_up(state, secret, now, "sign in", "confirm")
        token, claims = await provider.asked(asked, partial(_claims, asked, known.store, given, secret))
        if transaction.aim == "confirm":
            return await _confirm(request, transaction, claims)
        operator = await _admitted(request, claims)
        response = see_other(request, transaction.wanted)
        proof = Proof(by="provider", given=signed_in_at(claims), id_token=token)
        await sign_in.begin_session(request, response, operator, proof)
    except (TransactionError, _FailedError) as error:
        said, status, reason = str(error), 400, str(error)
    except CodeError:
        said = f"{asked.settings.label} does not accept this sign-in any more. Begin it again."
        status, reason = 400, "the code was used, has expired or was never given"
    except ClaimError as error:
        said, reason = f"The answer of {asked.settings.label} cannot be accepted: {error}.", f"ID token: {error}"
        status = 400
    except IssuerError as error:
        said, status, reason = unreachable(request), 503, str(error)
    except NotAdmittedError as error:
        said, status, reason, about = str(error), 403, str(error), error.about
    else:
        return response
    provider.refused(request, reason, **about)
    headers = provider.LATER if status == 503 else None
    if transaction.aim == "confirm" and await signed_in(request):
        return confirm.form(request, transaction.wanted, said, status, headers)
    return sign_in.form(request, transaction.wanted, error=said, status=status, headers=headers)


def _parameters(request: Request) -> dict[str, str]:
    """Returns the parameters of the answer. Raises ProblemError 400 if one is there twice (RFC 6749 §3.1)."""
    pairs = query_string.pairs(request)
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ProblemError(400, "A parameter is there twice.")
    return found


def _claims(asked: Provider, store: Store, given: dict[str, str], secret: str) -> tuple[str, Claims]:
    """Returns the ID token that the answer leads to, and its claims. Raises what `come_back` tells apart."""
    state, code = given["state"], given.get("code", "")
    if not asked.is_own_answer(given.get("iss")):
        raise _FailedError(f"This answer is not one of {asked.settings.label}. Begin the sign-in again.")
    transactions.use_once(store, state)
    if error := given.get("error"):
        kind = error if _ERROR.fullmatch(error) else "an error"
        raise _FailedError(f"{asked.settings.label} did not sign you in: it says {kind}.")
    if not 0 < len(code) <= MAX_CODE:
        raise _FailedError(f"{asked.settings.label} sent no code. Begin the sign-in again.")
    token = asked.id_token(code, transactions.verifier_of(state, secret))
    return token, asked.claims(token, transactions.nonce_of(state, secret))


async def _admitted(request: Request, claims: Claims) -> Operator:
    """Returns the account of the person. Raises NotAdmittedError if this person may not use the monitor."""
    settings, known = provider.configured(request).settings, services(request)
    address = request.client.host if request.client else ""
    actor = Actor("", address, request.scope["request_id"])
    subject = str(claims["sub"])
    try:
        person = people.person_of(claims, settings)
        operator, unknown = await in_thread(WRITES, people.admit, known.store, settings, person, actor)
    except NotAdmittedError as error:
        known.sign_ins.refused(f"{OPERATOR}{subject}", address, known.store.clock())
        await in_thread(REFUSALS, people.end_sessions, known.store, settings, subject, actor)
        error.about |= {"subject": subject[:_MAX_LOGGED]}
        raise
    if unknown:
        named = unknown[: people.MOST_VALUES]
        provider.noted(request, "claimed tenants that there are not", operator=operator.name, tenants=named)
    return operator


async def _confirm(request: Request, transaction: Transaction, claims: Claims) -> Response:
    """Notes that the person of this session gave proof again. Raises _FailedError if it was not this person, or not
    now.
    """
    known, who, label = services(request), await signed_in(request), provider.label(request)
    if who is None or who.session != transaction.session:
        raise _FailedError("You were signed out meanwhile. Sign in again.")
    if signed_in_at(claims) < transaction.begun - SKEW:
        raise _FailedError(
            f"{label} does not say that you gave proof just now: auth_time is missing in the ID token, or is too old."
        )
    settings = provider.configured(request).settings
    if not await in_thread(READS, people.is_account_of, known.store, settings, str(claims["sub"]), who.operator):
        raise _FailedError(f"You signed in at {label} as somebody else. Sign in there as {who.name}.")
    await _admitted(request, claims)
    await in_thread(WRITES, known.sessions.confirm, who)
    return see_other(request, transaction.wanted)


RETURN: Final = Page(handler=come_back, id="sign-in-return", needs=None, of_tenant=False)
