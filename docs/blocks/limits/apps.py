"""Limits of apps and of outside issuers."""

from typing import Final

from blocks.limits.rows import Rows
from jobreport.api import token
from jobreport.identity.apps import certificates, credentials, registrations
from jobreport.identity.keys import stored_keys
from jobreport.identity.oauth import assertions, documents, failed_sign_ins, issuers, jwts, tokens

ROWS: Final[Rows] = [
    ("Form of a token request", f"{token.MAX_BODY // 1024} KiB", "413"),
    (
        "Failed sign-ins of a client at an address",
        f"{failed_sign_ins.MAX_FAILURES} a minute, of all workers",
        "429",
    ),
    ("Failed sign-ins at an address", f"{failed_sign_ins.MAX_ADDRESS_FAILURES} a minute, of all workers", "429"),
    ("Requests of an app", "what `--rate-limit` says, of each worker; none by default", "429"),
    ("Life of a token", f"{tokens.LIFETIME_SECONDS:,} seconds", ""),
    ("Life of a client secret", f"{', '.join(map(str, registrations.SECRET_YEARS))} years", ""),
    ("Live client secrets of an app, and live certificates", f"{credentials.MOST} each", ""),
    ("File of a certificate", f"{certificates.MAX_FILE // 1024} KiB", ""),
    ("RSA key of a certificate", f"{certificates.RSA_BITS[0]:,} to {certificates.RSA_BITS[1]:,} bits", ""),
    ("Life of a client assertion", f"{assertions.LIFETIME_SECONDS:,} seconds", "401"),
    ("`jti` of a client assertion", f"1 to {assertions.MAX_JTI} characters", "401"),
    (
        "Difference between clocks that is borne in assertions and outside tokens",
        f"{jwts.SKEW_SECONDS} seconds",
        "401",
    ),
    ("Warning before the last secret or certificate of an app ends", f"{credentials.WARN_DAYS} days", ""),
    ("Time for which the published keys may be kept", f"{stored_keys.CACHE_SECONDS} seconds", ""),
    ("Time from the publication of a key to its first use", f"{stored_keys.LEAD_SECONDS} seconds", ""),
    ("Age of an outside issuer's keys until they are renewed", f"{issuers.FRESH_SECONDS:,} seconds", ""),
    ("Age of an outside issuer's keys while it cannot be reached", f"{issuers.STALE_SECONDS:,} seconds", "503"),
    ("Pause between two questions to an outside issuer", f"{issuers.RETRY_SECONDS} seconds", ""),
    (
        "Answer of an outside issuer",
        f"{documents.MAX_DOCUMENT // 1024} KiB, {2 * documents.TIMEOUT_SECONDS} seconds",
        "503",
    ),
    ("Name of an app", f"{registrations.MAX_NAME} characters", ""),
]
