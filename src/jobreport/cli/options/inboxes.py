"""What the commands about inboxes share: whose they are, where people reach the server, and the secret key."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jobreport import settings
from jobreport.cli.options import secret_file

if TYPE_CHECKING:
    from jobreport.identity.keys.encryption import SecretKey

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def tenant_option(function: F) -> F:
    """Adds `--tenant`."""
    return click.option("--tenant", default="default", show_default=True, help="Whose jobs come of it.")(function)


def url_option(function: F) -> F:
    """Adds `--url`."""
    return click.option(
        "--url", default="http://127.0.0.1:8080", show_default=True, help="Where senders reach the server."
    )(function)


def form_option(function: F) -> F:
    """Adds `--form`."""
    return click.option(
        "--form", default="", metavar="NAME", help="Print the address for reports in this form, such as duplicati."
    )(function)


def address_of(url: str, secret: str, form: str) -> str:
    """Returns where an inbox takes pings, or where it takes reports of this form."""
    return f"{url.rstrip('/')}/hook/{secret}/{form}" if form else f"{url.rstrip('/')}/ping/{secret}"


def secret_key() -> "SecretKey | None":
    """Returns the operator's secret key; None if none is set. To be called after the store was opened, since with an
    installed service's store goes its secret key.
    """
    from jobreport.identity.keys.encryption import SecretKey, SecretKeyError

    found = secret_file.secret(settings.SECRET_KEY)
    try:
        return SecretKey(found) if found else None
    except SecretKeyError as error:
        raise click.ClickException(f"{error}.") from None


def told(work: Callable[[], T]) -> T:
    """Returns what `work` returns; says why if that cannot be done."""
    from jobreport.identity.inboxes import InboxError
    from jobreport.identity.tenants import TenantError

    try:
        return work()
    except (InboxError, TenantError) as error:
        raise click.ClickException(f"{error}.") from None
