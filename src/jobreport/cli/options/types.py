"""Reads the values of options in the forms in which people write them: codes by name, times, durations, addresses."""

import ipaddress
import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final
from urllib.parse import urlsplit

import click

from jobreport.cli.options.completing import words
from jobreport.contract.job_document import code
from jobreport.contract.spoken_times import seconds
from jobreport.model import ticks

_PERIODS: Final = {"second": 1, "minute": 60, "hour": 3600}
_RATE: Final = re.compile(r"(\d{1,9})/(second|minute|hour)")
_CODES: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")
_MAX_EXIT_CODE: Final = 255
_MOST_PORT: Final = 65535


class Span(click.ParamType[int]):
    """A duration such as 30s, 10m, 1h30m, 7d, 4w or 3y (of 365 days)."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Returns seconds. Anything else is a usage error."""
        if isinstance(value, int):
            return value
        found = seconds(str(value))
        if found is None:
            self.fail(
                f"{value!r} is no length of time: write numbers with s, m, h, d, w or y, such as 10m or 1h30m",
                param,
                ctx,
            )
        return found


class ExitCodes(click.ParamType[frozenset[int]]):
    """Exit codes of a command, such as 1,3-7."""

    name = "codes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[int]:
        """Returns the codes, from 1 to 255. Anything else is a usage error."""
        if isinstance(value, frozenset):
            return value
        codes: set[int] = set()
        for part in str(value).split(","):
            found = _CODES.fullmatch(part.strip())
            low, high = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
            if not 1 <= low <= high <= _MAX_EXIT_CODE:
                also = " (0 is success always)" if part.strip() == "0" else ""
                self.fail(f"{part.strip()!r} is no exit code from 1 to 255: write them as 1,3-7{also}", param, ctx)
            codes.update(range(low, high + 1))
        return frozenset(codes)


class Rate(click.ParamType[tuple[int, int]]):
    """A number for a period of time, such as 600/minute."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Returns the number, and the period in seconds. Anything else is a usage error."""
        if isinstance(value, tuple):
            return value
        found = _RATE.fullmatch(str(value).strip().lower())
        if not found or not int(found[1]):
            self.fail(
                f"{value!r} is no rate: write a number and second, minute or hour, such as 600/minute", param, ctx
            )
        return int(found[1]), _PERIODS[found[2]]


class Length(click.ParamType[str]):
    """A duration in the query language's form (ISO 8601), or in the form of `Span`."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the query language's form. Any other text is returned unchanged; the query language refuses it."""
        found = seconds(str(value))
        return str(value) if found is None else ticks.duration(0, found * ticks.PER_SECOND)


class Names(click.ParamType[tuple[str, ...]]):
    """Names with commas between them."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Returns the names. It is a usage error if there is none."""
        if isinstance(value, tuple):
            return value
        names = tuple(filter(None, (name.strip() for name in str(value).split(","))))
        return names or self.fail("name one at least, such as acme,globex", param, ctx)


class Code(click.ParamType[Any]):
    """A code of the contract, written as its number or its name."""

    def __init__(self, codes: type[IntEnum]) -> None:
        self._codes = codes
        self.name = codes.__name__

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[click.shell_completion.CompletionItem]":
        """Returns the names that begin so, for a shell."""
        return words(self._codes.__members__)(ctx, param, incomplete)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the member of the enumeration. For anything else, a usage error lists the codes."""
        try:
            return code(self._codes, int(value) if str(value).isdecimal() else value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def is_address(url: str) -> bool:
    """Returns whether there can be a server at `url`: http or https, a host, and no impossible port."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class PublicURL(click.ParamType[str]):
    """The address of a service: http or https, a host, and at most a port and a path, without a slash at the end."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the URL. It is a usage error if clients could not reach the service by it."""
        if not is_address(str(value)) or re.search(r'[?#@\s"<>\\^`{|}]', str(value)):
            self.fail(f"{value!r} is no address such as https://jobs.example.com:8443", param, ctx)
        return str(value).rstrip("/")


class Proxies(click.ParamType[str]):
    """IP addresses and networks with commas between them, or * for any address."""

    name = "addresses"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the text unchanged. A host name is a usage error, since a proxy is recognised by its address only."""
        for part in str(value).split(","):
            try:
                if part.strip() != "*":
                    ipaddress.ip_network(part.strip())
            except ValueError:
                self.fail(f"{part.strip()!r} is no IP address such as 10.0.0.1, and no network", param, ctx)
        return str(value)


class SignInProvider(click.ParamType[str]):
    """The company's OpenID provider with its settings, as `identity.openid.settings` reads them."""

    name = "provider"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the text unchanged. It is a usage error if it does not describe a provider."""
        # Only `serve` waits for these.
        from jobreport.identity.openid.provider import tls_of
        from jobreport.identity.openid.settings import ProviderError, parse_provider

        try:
            tls_of(parse_provider(str(value)))
        except ProviderError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class OutsideIssuer(click.ParamType[str]):
    """An outside issuer with its settings, as `identity.oauth.trust` reads them."""

    name = "issuer"

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Splits the value of the environment variable at each semicolon, one issuer each."""
        return [part.strip() for part in rv.split(";") if part.strip()]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the text unchanged. It is a usage error if it does not describe an issuer."""
        from jobreport.identity.oauth.trust import TrustError, parse_trusted  # only `serve` waits for its libraries

        try:
            parse_trusted(str(value))
        except TrustError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class Endpoint(click.ParamType[tuple[str, int]]):
    """A host and a port, such as 127.0.0.1:2525 or [::1]:2525."""

    name = "endpoint"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Returns host and port. Anything else is a usage error."""
        if isinstance(value, tuple):
            return value
        host, _, port = str(value).strip().rpartition(":")
        bare = host.removeprefix("[").removesuffix("]")
        if not bare or (":" in bare and bare == host) or not (port.isdecimal() and int(port) <= _MOST_PORT):
            self.fail(f"{value!r} is no address with a port, such as 127.0.0.1:2525", param, ctx)
        return bare, int(port)
