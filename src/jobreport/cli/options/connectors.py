"""What the commands about connectors share: the connector that `jobreport.toml` names, and whose jobs it brings."""

from typing import TYPE_CHECKING

import click

from jobreport.cli.options.config import configuration, configured

if TYPE_CHECKING:
    from jobreport.configuration.file import Configuration
    from jobreport.connectors.configured import Configured
    from jobreport.model.audit import Actor
    from jobreport.store import Store


def connector_named(config: str | None, name: str) -> "Configured":
    """Returns the connector of this name. Says what is wrong with it, or which there are."""
    from jobreport.connectors.configured import one_named

    file = configuration(config)
    try:
        return configured(lambda: one_named(file, name))
    except LookupError as error:
        raise click.ClickException(f"{error.args[0]}.") from None


def connectors_of(file: "Configuration") -> "list[Configured]":
    """Returns all connectors of the file. Says what is wrong with the first one that is wrong."""
    from jobreport.connectors.configured import configured as read

    return configured(lambda: read(file))


def ensured(store: "Store", tenant: str, by: "Actor") -> int:
    """Returns the number of a tenant, which is made if there is none. Says why it cannot be used."""
    from jobreport.identity.tenants import TenantError, ensure

    try:
        return ensure(store, tenant, by=by).number
    except TenantError as error:
        raise click.ClickException(f"{error}.") from None
