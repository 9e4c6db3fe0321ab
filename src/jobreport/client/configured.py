"""The parameters of both clients: an address, credentials, time limits and how often to try again."""

import ssl
from abc import ABC, abstractmethod
from typing import Any, Final

import httpx

from jobreport import __version__
from jobreport.client.calls import Calls
from jobreport.client.credentials import Certificate, by_certificate, by_secret
from jobreport.client.sending import without_user
from jobreport.client.sign_in import SignIn

TIMEOUT: Final = 10.0
"""The default timeout, in seconds: for connecting, and for each read and write."""
RETRIES: Final = 4
"""The default number of retries. All together take about 9 seconds, unless the server asks for a longer pause."""


class Configured(ABC):
    """One app registration at one server."""

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str | None = None,
        *,
        certificate: Certificate | None = None,
        token_url: str | None = None,
        scope: str | None = None,
        tenant: str | None = None,
        timeout: float = TIMEOUT,
        retries: int = RETRIES,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """An app registration at a server. Nothing is sent yet.

        url            the server's address, such as https://jobs.example.com
        client_id      the app registration's ID
        client_secret  its secret; or else
        certificate    a PEM file with its certificate and private key, or a pair of files (certificate, key)
        token_url      the token endpoint, by default {url}/connect/token
        scope          the permissions to ask for, separated by spaces; by default all that were granted
        tenant         whose jobs, where a question names no other; an app of one tenant need not, a provider's must
        timeout        seconds that each step of a request may take: connect, send, wait for the next bytes
        retries        how often a call is tried again on 429, 502, 503, 504 and where no answer came; 0: never
        ssl_context    for a private certificate authority or a client certificate of TLS; by default httpx's own

        A token is fetched at the first call, kept until shortly before its end, and renewed once where it is refused.
        Between two tries it waits longer each time, and never less than a Retry-After says; one of more than a minute
        ends the call. Redirects are not followed.

        TypeError for neither or both of a secret and a certificate; CertificateError for one that cannot be used.
        """
        if (client_secret is None) == (certificate is None):
            raise TypeError("give either client_secret or certificate")
        self.url = without_user(url).rstrip("/")
        self.client_id = client_id
        self.tenant = tenant
        proof = by_secret(client_secret) if client_secret is not None else by_certificate(certificate or "")
        endpoint = without_user(token_url) if token_url else f"{self.url}/connect/token"
        self._calls = Calls(self.url, client_id, SignIn(endpoint, client_id, proof, scope), retries, tenant, timeout)
        self._open(
            timeout=httpx.Timeout(timeout),
            headers={"User-Agent": f"jobreport/{__version__}"},
            verify=ssl_context or True,
        )

    @abstractmethod
    def _open(self, **options: Any) -> None:
        """Makes the HTTP client, with httpx's options."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r}, client_id={self.client_id!r})"
