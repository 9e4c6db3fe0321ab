"""The cookies of the monitor: the token of a session, the secrets of forms and sign-ins, and that of a new app.

The last one is encrypted, and kept for a few minutes.

Over HTTPS their names begin with `__Host-`: then a browser takes them only from this very host, over TLS, for all
paths. Plain HTTP, which is for loopback, cannot have that. There the names end with the port, since a browser has one
set of cookies for all servers of this machine: whoever signs in to a second one would be signed out of the first.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from jobreport.server.operation import services

SESSION: Final = "jobreport-session"
FORM: Final = "jobreport-form"
PROVIDER: Final = "jobreport-provider"
SECRET: Final = "jobreport-secret"  # noqa: S105 - the name of the cookie
_MAX_VALUE: Final = 160
"""No value of ours is longer, in characters."""
_HTTP: Final = 80
"""The port of a public URL that names none."""


def is_secure(request: Request) -> bool:
    """Returns whether people reach the monitor over HTTPS, as its public URL says."""
    return services(request).tokens.issuer.startswith("https:")


def get(request: Request, name: str) -> str:
    """Returns the value of the cookie; empty if the request has none, more than one, or one that cannot be ours."""
    wanted = _full_name(request, name)
    found = []
    for field, value in request.scope["headers"]:
        if field == b"cookie":
            for part in value.decode("latin-1").split(";"):
                given, _, text = part.strip(" \t").partition("=")
                if given == wanted:
                    found.append(text)
    # If there are two, somebody else has set one of them.
    ours = len(found) == 1 and len(found[0]) <= _MAX_VALUE and found[0].isascii()
    return found[0] if ours else ""


def put(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Sets the cookie. `seconds`: how long the browser keeps it; None for until it is closed."""
    response.set_cookie(
        _full_name(request, name),
        value,
        max_age=seconds,
        path="/",
        secure=is_secure(request),
        httponly=True,
        # Strict would hide the session from a link in a mail.
        samesite="lax",
    )


def remove(request: Request, response: Response, name: str) -> None:
    """Makes the browser forget the cookie."""
    put(request, response, name, "", 0)


def _full_name(request: Request, name: str) -> str:
    if is_secure(request):
        return f"__Host-{name}"
    return f"{name}-{urlsplit(services(request).tokens.issuer).port or _HTTP}"
