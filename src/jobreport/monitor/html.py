"""Makes the HTML answers of the monitor from its templates.

Every one has the same policy: it loads nothing from elsewhere, and no script or style stands in the page itself.

A page that keeps itself up to date (`live`) names its content by an ETag, so that it is sent again only if it has
changed. The time "as of" is put in afterwards, since it would change every page.
"""

import secrets
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from jobreport.contract.query_language import TENANT
from jobreport.identity.operators.viewer import Viewer
from jobreport.model import zones
from jobreport.model.catalog import SERVICE_LABELS, STATE_LABELS
from jobreport.model.lengths import duration
from jobreport.model.roles import Role
from jobreport.monitor import static_files, texts
from jobreport.monitor.links import Go, go_from
from jobreport.monitor.local_paths import asked
from jobreport.monitor.texts import Times
from jobreport.monitor.views.marks import agreed_words, said
from jobreport.monitor.views.strips import LEGEND
from jobreport.server import query_string
from jobreport.server.operation import services
from jobreport.store.registry.tenants import Tenant

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
NAVIGATION: Final = (
    ("/", "Overview"),
    ("/jobs", "Jobs"),
    ("/series", "Series"),
    ("/night", "Night"),
    ("/incidents", "Incidents"),
)
"""The pages of a tenant in the line on top of each page."""
OF_ADMINS: Final = (("/apps", "Apps"), ("/inboxes", "Inboxes"), ("/audit", "Audit"))
"""Those that only an admin may open."""
_TEMPLATES: Final = Environment(
    loader=PackageLoader("jobreport.monitor"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(
    bdi=texts.bdi,
    lines=texts.lines,
    visible=texts.visible,
    duration=duration,
    age=texts.age,
    bytes=texts.size,
    plural=texts.plural,
    agreed=agreed_words,
    said=said,
)
_TEMPLATES.globals.update(STATES=STATE_LABELS, SERVICES=SERVICE_LABELS, BARS=LEGEND)
# Stand for what is put in last. Random, so that no text of a job is taken for one.
_AS_OF, _ETAG, _TOKEN = (f"{name}-{secrets.token_hex(16)}" for name in ("as-of", "etag", "token"))


def base(request: Request) -> str:
    """Returns the path of the public URL, which stands before every path of the monitor; empty if it has none."""
    return urlsplit(services(request).tokens.issuer).path.rstrip("/")


def go_of(request: Request) -> Go:
    """Returns the function that makes the addresses of pages for this request: it keeps the tenant that is named."""
    return go_from(base(request), _named(request))


def times_of(request: Request) -> Times:
    """Returns what writes times for this request: in the zone of its tenant, as seen now."""
    tenant: Tenant | None = request.scope.get("tenant")
    return Times(tenant.night.zone if tenant else zones.DEFAULT, services(request).store.clock())


def render(
    request: Request,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    live: bool = False,
    **model: Any,
) -> Response:
    """Returns the page that `template` makes of `model`; of a `live` page 304 if the browser has it as it is.

    Each template also gets `base` (see there), `go` (makes addresses), `static` (the address of a file), `viewer` (None
    if nobody is signed in), `tenant` (None if the page is about none), `form_token` (for the field `token` of every
    form; empty if there is no session), `t` (writes times, see `Times`), `here` (path and query of the page, for the
    way back from a form), `undelivered` (how many messages could not be delivered) and `as_of` (the time of the page).
    """
    times: Times = model.pop("t", None) or times_of(request)
    viewer: Viewer | None = request.scope.get("viewer")
    known = {
        "base": base(request),
        "go": go_of(request),
        "static": partial(_static, base(request)),
        "viewer": viewer,
        "tenant": request.scope.get("tenant"),
        "named_tenant": _named(request),
        "navigation": NAVIGATION + (OF_ADMINS if viewer and viewer.role is Role.Admin else ()),
        "path": request.url.path,
        "here": asked(request),
        "form_token": _TOKEN,
        "etag": _ETAG if live else "",
        "as_of": _AS_OF,
        "search": "",
        "mood": "none",
        "undelivered": _undelivered(request),
        "t": times,
    }
    text = _TEMPLATES.get_template(template).render({**known, **model})
    found = {**HEADERS, **(headers or {})}
    etag = ""
    if live:
        # Weak, since the page may be sent compressed or not (RFC 9110 §8.8.1).
        etag = _etag(text)
        found |= {"ETag": etag, "Cache-Control": "private, no-cache", "As-Of": f"{times.local(times.now):%H:%M:%S}"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=found)
    for sign, value in (
        (_TOKEN, request.scope.get("form_token", "")),
        (_ETAG, escape(etag)),
        (_AS_OF, times.clock(times.now)),
    ):
        text = text.replace(sign, value)
    return HTMLResponse(text, status, found)


def _etag(text: str) -> str:
    for sign in (_AS_OF, _ETAG, _TOKEN):
        text = text.replace(sign, "")
    return f'W/"{blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()}"'


def see_other(request: Request, path: str) -> Response:
    """Returns the answer that sends the browser to another page: a path of this monitor, with its query."""
    return moved(base(request) + path)


def moved(address: str) -> Response:
    """Returns the answer that sends the browser to an address that `go` made."""
    return Response(status_code=303, headers={**HEADERS, "Location": address})


def _undelivered(request: Request) -> int:
    """Returns how many messages could not be delivered of the tenants that this page may tell of."""
    viewer: Viewer | None = request.scope.get("viewer")
    tenant: Tenant | None = request.scope.get("tenant")
    shown = viewer.reach if viewer else [tenant.number] if tenant else []
    return services(request).undelivered.number(shown)


def _named(request: Request) -> str | None:
    """Returns the name of the tenant if the address names it."""
    tenant: Tenant | None = request.scope.get("tenant")
    if tenant is None:
        return None
    given = any(name.casefold() == TENANT.name and text for name, text in query_string.pairs(request))
    return tenant.name if given else None


def _static(before: str, source: str) -> str:
    return before + static_files.address(source)
