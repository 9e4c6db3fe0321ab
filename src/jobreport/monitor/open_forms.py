"""Pages with a form for somebody who is not signed in: the form's token belongs to a cookie of its own."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from jobreport.monitor import cookies, forms
from jobreport.monitor.html import render


def render_form(
    request: Request, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **model: Any
) -> Response:
    """Returns what `html.render` does, with a token for the form and the cookie to which it belongs."""
    # A page in another tab may still use the secret that is there.
    secret = cookies.get(request, cookies.FORM) or secrets.token_urlsafe(32)
    request.scope["form_token"] = forms.token_of(secret)
    response = render(request, template, status, headers, **model)
    cookies.put(request, response, cookies.FORM, secret)
    return response
