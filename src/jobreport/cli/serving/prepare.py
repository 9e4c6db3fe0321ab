"""What `jobreport serve` does with the store before it accepts connections."""

from contextlib import closing
from typing import TYPE_CHECKING, Final

import click

from jobreport import settings
from jobreport.cli.options.secret_file import secret
from jobreport.cli.options.store import open_at
from jobreport.cli.output.warning import warn

if TYPE_CHECKING:
    from jobreport.store import Store

_MISCONFIGURED: Final = 78
"""The exit code if the store or its keys cannot be used before somebody acts (EX_CONFIG of sysexits.h). The unit in
deploy/ does not start the service again then."""


def prepared(
    url: str, bound: str, trusted: tuple[str, ...], sign_in_provider: str | None
) -> tuple[str | None, str | None]:
    """Makes or migrates the store before the server accepts connections, and returns the secret key, and the client
    secret for the provider of people.

    At the very first start, says what comes next. Warns of tenants in the settings of issuers and of that provider
    which the store lacks. Ends the command if somebody must act first.
    """
    from jobreport.identity.keys import provision
    from jobreport.identity.keys.encryption import SecretKey, SecretKeyError
    from jobreport.store import UnusableStoreError, shown
    from jobreport.store.registry import apps as registry

    try:
        secret_key, provider_secret = secret(settings.SECRET_KEY), secret(settings.SIGN_IN_SECRET)
        known = SecretKey(secret_key) if secret_key else None
        store = open_at(url, create=True, migrate=None)
        with closing(store):
            provision.ensure(store, known)
            with store.reading() as transaction:
                apps = registry.list_apps(transaction)
            _warn_of_tenants(store, url, trusted, sign_in_provider)
    except (UnusableStoreError, SecretKeyError, settings.SettingError) as error:
        warn(str(error))
        click.get_current_context().exit(_MISCONFIGURED)
    if not apps:
        warn(
            "no app is registered yet, so no program can sign in. Register one in another terminal:\n"
            f'  jobreport app create --name "my first app" --store {shown(url)}\n'
            f"Add a person who may see the monitor at {bound}/:\n"
            f"  jobreport operator add NAME --all-tenants --role admin --store {shown(url)}\n"
            f"and read about the API at {bound}/docs"
        )
    return secret_key, provider_secret


def _warn_of_tenants(store: "Store", url: str, trusted: tuple[str, ...], sign_in_provider: str | None) -> None:
    """Warns of each tenant that the settings name and the store lacks."""
    from jobreport.identity.oauth.trust import parse_trusted
    from jobreport.identity.openid.settings import parse_provider
    from jobreport.store import shown

    named = [
        (f"the tokens of {issuer.issuer} are refused: they are for", {issuer.tenant, *issuer.tenants.values()} - {""})
        for issuer in map(parse_trusted, trusted)
    ]
    if sign_in_provider:
        people = parse_provider(sign_in_provider)
        named.append((f"nobody whom {people.issuer} signs in sees", {*people.named_tenants}))
    for why, names in named:
        for name in sorted(names):
            if store.tenant_id(name) is None:
                warn(
                    f"{why} the tenant {name!r}, which the store does not have. "
                    f"Make it: jobreport tenant create {name} --store {shown(url)}"
                )
