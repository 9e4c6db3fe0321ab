"""The options that name a server and the app registration to sign in as, and the client that is made from them.

The client's libraries are loaded only when a client is made: `jobreport run` starts the backup first, and connects
while it runs.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from jobreport import settings
from jobreport.cli.options.completing import files
from jobreport.cli.options.environment import is_set, option
from jobreport.cli.options.secret_file import secret, warn_of_others
from jobreport.cli.options.types import is_address
from jobreport.cli.output.warning import warn
from jobreport.hosts import is_loopback
from jobreport.settings import SettingError

if TYPE_CHECKING:
    from jobreport.client import CertificateError, JobReportClient

# Not click.Path: it would stop the command if a file cannot be read, but `run` must run the backup in any case.
CONNECTION_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    option("--url", envvar=settings.URL, metavar="URL", help="The server, such as https://backup.example.com."),
    option(
        "--client-id",
        envvar=settings.CLIENT_ID,
        metavar="ID",
        help="The app registration to sign in as, by its secret (JOBREPORT_CLIENT_SECRET[_FILE]) or its certificate.",
    ),
    option(
        "--client-certificate",
        envvar=settings.CLIENT_CERTIFICATE,
        metavar="FILE",
        shell_complete=files,
        help="Instead of the secret: the app's certificate and its private key, in PEM.",
    ),
    option(
        "--client-key",
        envvar=settings.CLIENT_KEY,
        metavar="FILE",
        shell_complete=files,
        help="The certificate's private key in PEM, where it has a file of its own.",
    ),
)
"""`--url`, `--client-id`, `--client-certificate`, `--client-key`."""

_warned: Final[set[str]] = set()


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """A server, an app registration there, and the tenant that a provider's app asks for. Empty or None: not set."""

    url: str
    client_id: str
    certificate: str
    key: str
    tenant: str | None

    def client(self, *, retries: int) -> "JobReportClient":
        """Makes a client of the server. Sends nothing yet.

        Raises SettingError if a setting is missing or cannot be used. The message names the setting and says what would
        be right.
        """
        from httpx import InvalidURL

        from jobreport.client import CertificateError, JobReportClient

        known = self._secret()
        proof = f"{settings.CLIENT_SECRET} (or …_FILE, or {settings.CLIENT_CERTIFICATE})"
        wanted = ((settings.URL, self.url), (settings.CLIENT_ID, self.client_id), (proof, known or self.certificate))
        if missing := [name for name, value in wanted if not value]:
            raise SettingError(f"not set: {', '.join(missing)}")
        if not is_address(self.url):  # The value is not shown, since it may contain a password.
            raise SettingError(f"{settings.URL}: it must be an address such as https://jobs.example.com")
        pair = (self.certificate, self.key or self.certificate)
        try:
            client = JobReportClient(
                self.url,
                self.client_id,
                known,
                certificate=None if known else pair,
                tenant=self.tenant,
                retries=retries,
            )
        except CertificateError as error:
            raise self._unusable(error) from None
        except (OSError, ValueError, ImportError, InvalidURL) as error:
            # Environment variables that every HTTP client uses. Their values are not shown, since the URL of a proxy
            # may contain a password.
            raise SettingError(
                f"no connection can be made with this environment ({type(error).__name__}): "
                "HTTPS_PROXY, HTTP_PROXY and ALL_PROXY must be such as http://proxy.example.com:3128, "
                "and what SSL_CERT_FILE and SSL_CERT_DIR name must be there"
            ) from None
        self._warn_of_clear_text()
        if not known:
            warn_of_others(f"the key {pair[1]}", pair[1])
        return client

    def _warn_of_clear_text(self) -> None:
        """Warns once if what is sent, secrets and tokens too, can be read on the way."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "http" and not is_loopback(host) and host not in _warned:
            _warned.add(host)
            warn(f"everything that goes to {host}, secrets too, can be read on the way: use an https:// address")

    def _secret(self) -> str | None:
        """Returns the secret; None if a certificate is used, or neither is set. Raises SettingError if the settings
        contradict each other.
        """
        variable = settings.secret_variable(settings.CLIENT_SECRET)
        if variable and self.certificate:
            raise SettingError(f"{variable} and {settings.CLIENT_CERTIFICATE} are both set; set one of them")
        if self.key and not self.certificate:
            raise SettingError(
                f"{settings.CLIENT_KEY} is set without {settings.CLIENT_CERTIFICATE}; "
                "the latter must name a PEM file with the app's certificate"
            )
        for name, file in ((settings.CLIENT_CERTIFICATE, self.certificate), (settings.CLIENT_KEY, self.key)):
            if "-----BEGIN" in file:  # not to be repeated as the name of a file that is not there
                raise SettingError(f"{name} is itself PEM; it must name the file that holds it")
        return secret(settings.CLIENT_SECRET)

    def _unusable(self, error: "CertificateError") -> SettingError:
        name, right = settings.CLIENT_CERTIFICATE, "the app's certificate"
        if not self.key:
            right = f"{right} and its private key, unless {settings.CLIENT_KEY} names the key's"
        elif error.file == Path(self.key):
            name, right = settings.CLIENT_KEY, f"the private key of the certificate in {settings.CLIENT_CERTIFICATE}"
        return SettingError(f"{name}: {error}; it must name a PEM file with {right}")


def connection(options: Mapping[str, Any]) -> Connection:
    """Returns the connection that a command's options describe. A tenant is named only if somebody has set it."""
    return Connection(
        url=options["url"] or "",
        client_id=options["client_id"] or "",
        certificate=options["client_certificate"] or "",
        key=options["client_key"] or "",
        # The default is for stores: an app of one tenant can access no other tenant.
        tenant=options["tenant"] if is_set("tenant") else None,
    )
