"""`/sign-in/provider` and `/confirm/provider`: send the browser to the company's OpenID provider.

They are links, not forms: the policy of every page lets its forms go to this monitor alone, also by a redirect.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.oauth.documents import IssuerError
from jobreport.identity.openid.transactions import Transaction
from jobreport.monitor import provider
from jobreport.monitor.local_paths import local
from jobreport.monitor.page import Page, viewer
from jobreport.monitor.pages import confirm, sign_in
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError


async def start(request: Request) -> Response:
    """Goes to the provider to sign in."""
    wanted = local(request.query_params.get("next", "/"))
    try:
        return await provider.go(
            request, Transaction(aim="sign in", begun=services(request).store.clock(), wanted=wanted)
        )
    except IssuerError as error:
        provider.refused(request, str(error))
        return sign_in.form(request, wanted, error=unreachable(request), status=503, headers=provider.LATER)


async def start_again(request: Request) -> Response:
    """Goes to the provider to sign in once more, before a secret is shown."""
    wanted, who = local(request.query_params.get("next", "/")), viewer(request)
    if not who.issuer:
        raise ProblemError(404, "There is no page at this address.")
    begun = services(request).store.clock()
    try:
        return await provider.go(request, Transaction(aim="confirm", begun=begun, wanted=wanted, session=who.session))
    except IssuerError as error:
        provider.refused(request, str(error))
        return confirm.form(request, wanted, unreachable(request), 503, provider.LATER)


def unreachable(request: Request) -> str:
    """Returns what is said if the provider cannot be asked."""
    return f"{provider.label(request)} cannot be asked just now. Try it again in a moment."


START: Final = Page(handler=start, id="sign-in-provider", needs=None, of_tenant=False)
START_AGAIN: Final = Page(handler=start_again, id="confirm-provider", of_tenant=False)
