"""Forms: proves that one was sent from a page of this monitor, and reads its fields.

Two proofs are needed. The browser says from which origin the request comes, and the form has a token that only a page
shown to this very browser could have: the HMAC of a random salt under the secret in a cookie, so nothing is stored. The
salt is another one each time, so nobody learns a token from the length of compressed pages (BREACH).
"""

import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from jobreport.server import bodies
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError

MAX_FORM: Final = 16 * 1024
"""The longest body of a form, in bytes."""
MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
TOKEN: Final = "token"  # noqa: S105 - the field's name
_MAX_FIELDS: Final = 100
_SALT_DIGITS: Final = 32


def token_of(secret: str) -> str:
    """Returns a token for the forms of a page that is shown to the browser whose cookie holds `secret`."""
    return _salted(secret, secrets.token_hex(_SALT_DIGITS // 2))


def _salted(secret: str, salt: str) -> str:
    return salt + hmac.new(secret.encode(), b"form " + salt.encode(), hashlib.sha256).hexdigest()


def is_token(given: str, secret: str) -> bool:
    """Returns whether `given` is a token for the browser whose cookie holds `secret`."""
    return bool(secret) and hmac.compare_digest(given.encode(), _salted(secret, given[:_SALT_DIGITS]).encode())


def require_same_origin(request: Request) -> None:
    """Raises ProblemError 403 unless the browser says that a page of this monitor sent the request."""
    site = request.headers.getlist("sec-fetch-site")
    if site:
        if site == ["same-origin"]:
            return
    elif request.headers.getlist("origin") == [_own_origin(request)]:
        # Browsers from before 2023 do not send the other header.
        return
    raise ProblemError(
        403, "This form was not sent from a page of this monitor. Open the page again, and send it anew."
    )


async def receive(request: Request, secret: str) -> None:
    """Reads the form, for `fields`. `secret`: the cookie to which its token must belong.

    Raises ProblemError 403 if it does not, 400, 413 or 415 if it cannot be read.
    """
    if bodies.media_type(request) != MEDIA_TYPE:
        raise ProblemError(415, f"A form must be {MEDIA_TYPE}.")
    bodies.refuse_encoding(request)
    raw = await bodies.read(request, MAX_FORM)
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise ProblemError(400, "The form cannot be read as UTF-8 fields.") from None
    found = dict(pairs)
    if not is_token(found.pop(TOKEN, ""), secret):
        raise ProblemError(
            403, "This form is out of date, or your browser keeps no cookies. Load its page again, and send it anew."
        )
    request.scope["form"] = found


def fields(request: Request) -> dict[str, str]:
    """Returns the fields of the form that was sent, without its token. The last of several with one name counts."""
    found: dict[str, str] = request.scope["form"]
    return found


def _own_origin(request: Request) -> str:
    public = urlsplit(services(request).tokens.issuer)
    return f"{public.scheme}://{public.netloc}".lower()
