"""Makes the HTML answers of the monitor from its templates.

Every one has the same policy: it loads nothing from elsewhere, and no script or style stands in the page itself.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from jobreport.server.operation import services

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    # With `no-referrer`, a browser sends forms with the origin `null`, which no check of the origin can accept.
    "Referrer-Policy": "same-origin",
}
_TEMPLATES: Final = Environment(
    loader=PackageLoader("jobreport.monitor"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def base(request: Request) -> str:
    """Returns the path of the public URL, which stands before every path of the monitor; empty if it has none."""
    return urlsplit(services(request).tokens.issuer).path.rstrip("/")


def render(
    request: Request, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **model: Any
) -> Response:
    """Returns the page that `template` makes of `model`.

    Each template also gets `base` (see there), `viewer` (None if nobody is signed in), `tenant` (None if the page is
    about none) and `form_token` (for the field `token` of every form; empty if there is no session).
    """
    known = {
        "base": base(request),
        "viewer": request.scope.get("viewer"),
        "tenant": request.scope.get("tenant"),
        "form_token": request.scope.get("form_token", ""),
    }
    text = _TEMPLATES.get_template(template).render({**known, **model})
    return HTMLResponse(text, status, {**HEADERS, **(headers or {})})


def see_other(request: Request, path: str) -> Response:
    """Returns the answer that sends the browser to another page: a path of this monitor, with its query."""
    return Response(status_code=303, headers={**HEADERS, "Location": base(request) + path})
