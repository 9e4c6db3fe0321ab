"""The options of `jobreport serve` that say where mails are taken, and from whom."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import click
import msgspec

from jobreport import settings
from jobreport.cli.options.environment import option
from jobreport.cli.options.types import Endpoint
from jobreport.inbox.mail.networks import Network, parse_network, parse_sender


class _Parsed(click.ParamType[Any]):
    """A value that a function reads; its ValueError is a usage error."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name, self._parse = name, parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Smtp(msgspec.Struct, frozen=True, kw_only=True):
    """What the options say. `endpoint` is None if no mails are taken."""

    endpoint: tuple[str, int] | None
    certificate: str | None
    networks: tuple[Network, ...]
    senders: tuple[str, ...]


def smtp_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--smtp` and the options that go with it; the function gets them as `smtp`."""

    @wraps(function)
    def with_smtp(
        *arguments: Any,
        smtp: tuple[str, int] | None,
        smtp_certificate: str | None,
        smtp_networks: tuple[Network, ...],
        smtp_senders: tuple[str, ...],
        **more: Any,
    ) -> Any:
        said = Smtp(endpoint=smtp, certificate=smtp_certificate, networks=smtp_networks, senders=smtp_senders)
        if smtp is None and (smtp_certificate or smtp_networks or smtp_senders):
            raise click.UsageError("--smtp-certificate, --smtp-network and --smtp-sender go with --smtp.")
        return function(*arguments, smtp=said, **more)

    for add in reversed(_OPTIONS):
        with_smtp = add(with_smtp)
    return with_smtp


_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    option(
        "--smtp",
        envvar=settings.SMTP,
        type=Endpoint(),
        metavar="HOST:PORT",
        help="Take mails for inboxes there. By default none are taken.",
    ),
    option(
        "--smtp-certificate",
        envvar=settings.SMTP_CERTIFICATE,
        type=click.Path(exists=True, dir_okay=False),
        metavar="FILE",
        help="The certificate for mails with its chain and its private key, in PEM. By default that of --tls-cert.",
    ),
    option(
        "--smtp-network",
        "smtp_networks",
        envvar=settings.SMTP_NETWORK,
        type=_Parsed("network", parse_network),
        multiple=True,
        metavar="NETWORK[=TENANT]",
        help="Take mails from this network and from no other, encrypted or not. May be repeated.",
    ),
    option(
        "--smtp-sender",
        "smtp_senders",
        envvar=settings.SMTP_SENDER,
        type=_Parsed("sender", parse_sender),
        multiple=True,
        metavar="ADDRESS",
        help="Take mails of this sender, or of @DOMAIN, and of no other. May be repeated.",
    ),
)
