"""Keeps the keys of an outside token issuer at hand, so that no request has to wait for the issuer's own server."""

from typing import Final

import structlog

from jobreport.identity.oauth.issuers import Issuer
from jobreport.services.periodic import Periodic
from jobreport.threads import of_issuer

EVERY_SECONDS: Final = 60
"""How often the issuer may be asked while nobody sends a token of its."""

_log = structlog.get_logger()


def issuer_keys(issuer: Issuer) -> Periodic:
    """Each reason why the keys cannot be had is logged once, and that they can be had again."""
    logged = ""

    def look() -> None:
        nonlocal logged
        if not issuer.is_due():
            return
        if (reason := issuer.renew()) != logged:
            _log.warning("issuer", issuer=issuer.name, reason=reason or "its keys can be had again")
            logged = reason

    return Periodic(f"keys of {issuer.name}", EVERY_SECONDS, look, threads=of_issuer(issuer.name))
