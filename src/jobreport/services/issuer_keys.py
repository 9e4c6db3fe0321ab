"""Renews the cached keys of an external token issuer, so that no request has to wait for the issuer's server."""

from typing import Final

import structlog

from jobreport.identity.oauth.issuers import Issuer
from jobreport.services.periodic import Periodic
from jobreport.threads import of_issuer

EVERY_SECONDS: Final = 60
"""Seconds between two checks whether the keys must be renewed."""

_log = structlog.get_logger()


def issuer_keys(issuer: Issuer) -> Periodic:
    """Returns the service. It logs each reason why the keys cannot be fetched once, and when they can be again."""
    logged = ""

    def look() -> None:
        nonlocal logged
        if not issuer.is_due():
            return
        if (reason := issuer.renew()) != logged:
            _log.warning("issuer", issuer=issuer.name, reason=reason or "its keys can be had again")
            logged = reason

    return Periodic(f"keys of {issuer.name}", EVERY_SECONDS, look, threads=of_issuer(issuer.name))
