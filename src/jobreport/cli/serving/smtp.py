"""Opens the socket for mails, which all worker processes share, and chooses the certificate for them."""

import socket
from functools import partial
from importlib.util import find_spec

import click

from jobreport.cli.options.smtp import Smtp
from jobreport.cli.serving import tls
from jobreport.cli.serving.listening import listen
from jobreport.extras import command_for
from jobreport.hosts import is_loopback
from jobreport.settings import MailSettings


def mails(smtp: Smtp, tls_cert: str | None, tls_key: str | None) -> MailSettings | None:
    """Returns how mails are taken; None if they are not. Raises ClickException or UsageError if they cannot be."""
    if smtp.endpoint is None:
        return None
    need("aiosmtpd")
    need("lxml")
    host, port = smtp.endpoint
    pair = (tls_cert, tls_key) if tls_cert and tls_key else None
    if smtp.certificate:
        pair = smtp.certificate, smtp.certificate
        try:
            tls.check(*pair)
        except ValueError as error:
            raise click.ClickException(f"--smtp-certificate: {error}") from None
    if not (pair or smtp.networks or is_loopback(host)):
        raise click.UsageError(
            f"{host} is not loopback, and addresses of inboxes must not cross a network in clear text. Give "
            "--smtp-certificate, or, where a network is safe, --smtp-network for it."
        )
    return MailSettings(
        listener=listen(host, port),
        networks=tuple((one.network, one.tenant) for one in smtp.networks),
        senders=smtp.senders,
        tls=partial(tls.renewed, *pair) if pair else None,
        must_encrypt=not (smtp.networks or is_loopback(host)),
    )


def need(library: str) -> None:
    """Raises ClickException if a library of the extra `mail` is not installed."""
    if find_spec(library) is None:
        raise click.ClickException(f"mails need {library}: {command_for('mail')}")


def named(listener: socket.socket) -> str:
    """Returns the address of a socket, as people write it."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
