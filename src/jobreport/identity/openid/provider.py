"""The company's OpenID provider: where it signs people in and out, and the ID token that it gives for a code.

OpenID Connect Core 1.0 §3.1 (authorization code), RFC 7636 (PKCE), RFC 9207 (the issuer in the answer), RP-Initiated
Logout 1.0.
"""

import hmac
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from jobreport.identity.issuer_words import is_safe
from jobreport.identity.oauth import documents, jwts
from jobreport.identity.oauth.claim_values import texts
from jobreport.identity.oauth.documents import IssuerError
from jobreport.identity.oauth.issuers import Issuer
from jobreport.identity.oauth.jwts import ClaimError, Claims
from jobreport.identity.openid import transactions
from jobreport.identity.openid.settings import ProviderError, ProviderSettings
from jobreport.model import ticks

RETURN: Final = "/sign-in/return"
"""The path to which the provider sends the browser back."""
SIGN_IN: Final = "/sign-in"
"""The path to which it sends the browser after signing out."""
SCOPES: Final = ("openid", "profile")
MAX_CODE: Final = 4096
MAX_SUBJECT: Final = 255
"""The most characters of `sub` (OpenID Connect Core 1.0 §2)."""
MAX_ADDRESS: Final = 8000
"""The longest address to which a browser is sent, in characters."""
_TYPES: Final = ("jwt",)


class CodeError(Exception):
    """Raised if the provider gives no ID token for a code, since the code was used, has expired or was never given."""


class Provider:
    """The provider of these settings. `public_url`: where people reach the monitor. Thread-safe.

    Raises ProviderError if the file with its authority cannot be read.
    """

    def __init__(self, settings: ProviderSettings, public_url: str, clock: Callable[[], int]) -> None:
        self.settings = settings
        self._public_url = public_url
        self._clock = clock
        self.issuer = Issuer(settings.issuer, clock, tls_of(settings))

    def sign_in_url(self, state: str, secret: str, *, again: bool) -> str:
        """Returns the address at which the provider signs in. `again`: also who is signed in there already.

        Raises IssuerError if the provider cannot be reached.
        """
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self._public_url + RETURN,
            "scope": " ".join(dict.fromkeys((*SCOPES, *self.settings.scopes))),
            "state": state,
            "nonce": transactions.nonce_of(state, secret),
            "code_challenge": transactions.challenge_of(transactions.verifier_of(state, secret)),
            "code_challenge_method": "S256",
        }
        if again:
            asked |= {"prompt": "login", "max_age": "0"}
        return _with_query(self._endpoint("authorization_endpoint"), asked)

    def sign_out_url(self, state: str, id_token: str) -> str:
        """Returns the address at which the provider signs out; empty if it offers none, or cannot be reached."""
        try:
            endpoint = self._endpoint("end_session_endpoint")
        except IssuerError:
            return ""
        asked = {
            "client_id": self.settings.client_id,
            "post_logout_redirect_uri": self._public_url + SIGN_IN,
            "state": state,
        }
        with_hint = _with_query(endpoint, {"id_token_hint": id_token, **asked})
        # Without the hint, providers ask once more; a longer address they would refuse.
        return with_hint if id_token and len(with_hint) <= MAX_ADDRESS else _with_query(endpoint, asked)

    def is_own_answer(self, issuer: str | None) -> bool:
        """Returns whether the answer that names this issuer is the provider's own (RFC 9207 §2.4).

        Raises IssuerError if the provider cannot be reached.
        """
        if issuer is None:
            return self.issuer.metadata().get("authorization_response_iss_parameter_supported") is not True
        return issuer == self.settings.issuer

    def id_token(self, code: str, verifier: str) -> str:
        """Returns the ID token that the provider gives for a code. It is not verified yet.

        Raises CodeError if it gives none for this code; IssuerError if it cannot be asked.
        """
        endpoint, known = self._endpoint("token_endpoint"), self.settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._public_url + RETURN,
            "client_id": known.client_id,
            "code_verifier": verifier,
        }
        auth = None
        if known.client_secret:
            if self._takes_basic():
                # RFC 6749 §2.3.1: both are encoded as a form's fields are.
                auth = httpx.BasicAuth(quote_plus(known.client_id), quote_plus(known.client_secret))
            else:
                form["client_secret"] = known.client_secret
        status, answer = documents.ask("POST", endpoint, self.issuer.tls, data=form, auth=auth)
        if answer.get("error") == "invalid_grant":
            raise CodeError
        if status != httpx.codes.OK:
            raise IssuerError(f"{endpoint} answered {status} {str(answer.get('error', ''))[:40]!r}")
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise IssuerError(f"{endpoint} gave no ID token")
        return token

    def claims(self, id_token: str, nonce: str) -> Claims:
        """Returns the claims of an ID token, verified (OpenID Connect Core 1.0 §3.1.3.7).

        Raises ClaimError if it is forged, expired, or for another service, browser or sign-in; IssuerError if the
        provider's keys cannot be fetched.
        """
        client = self.settings.client_id
        claims = self.issuer.verified_claims(id_token, _TYPES)
        if claims.get("iss") != self.settings.issuer:
            raise ClaimError("iss is another issuer")
        audience = texts(claims.get("aud"))
        if client not in audience:
            raise ClaimError("aud names another service")
        if claims.get("azp", None if len(audience) > 1 else client) != client:
            raise ClaimError("azp is missing, or names another service")
        now = (self._clock() - ticks.UNIX_EPOCH) / ticks.PER_SECOND
        jwts.check_times(claims, now)
        if "iat" not in claims:
            raise ClaimError("iat is missing")
        given = claims.get("nonce")
        if not isinstance(given, str) or not given.isascii() or not hmac.compare_digest(given, nonce):
            raise ClaimError("nonce belongs to another sign-in")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
            raise ClaimError("sub names nobody")
        return claims

    def _endpoint(self, name: str) -> str:
        found = self.issuer.metadata().get(name)
        if not _is_endpoint(found):
            self.issuer.renew()  # somebody may have mended the document since
            found = self.issuer.metadata().get(name)
        if not _is_endpoint(found):
            raise IssuerError(f"the discovery document of {self.settings.issuer} names no {name} under https")
        return str(found)

    def _takes_basic(self) -> bool:
        ways = self.issuer.metadata().get("token_endpoint_auth_methods_supported")
        return not isinstance(ways, list) or "client_secret_basic" in ways or "client_secret_post" not in ways


def tls_of(settings: ProviderSettings) -> ssl.SSLContext | None:
    """Returns how the provider's certificate is verified; None for by the system's authorities.

    Raises ProviderError if the file with its authority cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=settings.ca) if settings.ca else None
    except OSError as error:  # also of a file that is no certificate
        reason = error.strerror or "no certificate in PEM"
        raise ProviderError(f"{settings.issuer}: ca={settings.ca}: {reason}") from None


def signed_in_at(claims: Claims) -> int:
    """Returns when the person gave proof at the provider (`auth_time`), in ticks; 0 if the provider does not say."""
    value: Any = claims.get("auth_time")
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**40
    return ticks.UNIX_EPOCH + int(value * ticks.PER_SECOND) if known else 0


def _is_endpoint(value: object) -> bool:
    # RFC 6749 §3.1: without a fragment, since a query after it would get lost.
    return isinstance(value, str) and is_safe(value) and "#" not in value


def _with_query(address: str, parameters: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(parameters)}"
