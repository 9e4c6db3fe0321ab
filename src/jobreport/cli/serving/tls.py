"""TLS 1.2 and 1.3 with a certificate and its key, which are read again when the signal SIGHUP arrives."""

import asyncio
import signal
import ssl
from pathlib import Path
from typing import Any, Final

import structlog
from cryptography import x509

from jobreport.cli.options.secret_file import warn_of_others

_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""The cipher suites for TLS 1.2: only those with forward secrecy and authenticated encryption. TLS 1.3 has no
others."""

_log = structlog.get_logger()
_pairs: Final[list["Pair"]] = []
"""What this process serves: one for requests, and one for mails."""


def check(cert: str, key: str) -> None:
    """Checks that certificate and key are a pair, and raises ValueError if not. Warns if others can read the key."""
    _context(cert, key)
    warn_of_others(f"the key {key}", key)


def context(config: Any, _default: object) -> ssl.SSLContext:
    """Makes the TLS context for uvicorn, from `config`'s certificate and key, as `renewed` does."""
    return renewed(str(config.ssl_certfile), str(config.ssl_keyfile))


def renewed(cert: str, key: str) -> ssl.SSLContext:
    """Makes a TLS context. From now on, SIGHUP loads its certificate and key again, and those of all others."""
    pair = Pair(cert, key)
    _pairs.append(pair)
    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _reload)
    return pair.context


def _reload() -> None:
    for pair in _pairs:
        pair.reload()


class Pair:
    """A certificate with its key, read from their files at the start and at each `reload`. Raises ValueError if they
    cannot be used.
    """

    def __init__(self, cert: str, key: str) -> None:
        self._cert, self._key = cert, key
        self.context = self._latest = _context(cert, key)
        # A certificate cannot be removed from a context, and half of a new pair must never be served. So each new
        # connection gets the latest complete context.
        self.context.sni_callback = self._hand_over

    def reload(self) -> None:
        """Reads the files again. If they cannot be used, logs the reason and keeps the current certificate and key."""
        try:
            latest = _context(self._cert, self._key)
            until = _ends(self._cert)
        except ValueError as error:
            _log.error("certificate not renewed; the old one is served on", reason=str(error))
            return
        self._latest = latest
        _log.info("certificate renewed", until=until)

    def _hand_over(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._latest


def _context(cert: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(cert, key, password=_no_password)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise ValueError(f"{cert} and {key} are no certificate with its key: {reason}") from None
    return context


def _ends(cert: str) -> str:
    """Returns when the certificate expires, in ISO 8601."""
    try:
        return x509.load_pem_x509_certificate(Path(cert).read_bytes()).not_valid_after_utc.isoformat()
    except (OSError, ValueError) as error:
        raise ValueError(f"{cert} cannot be read: {error}") from None


def _no_password() -> str:
    raise ValueError("the key is encrypted; nobody is there to type its password")
