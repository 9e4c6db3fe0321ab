"""The option `--config`, and the file `jobreport.toml` that it names, read for a command."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jobreport import settings
from jobreport.cli.options.environment import option

if TYPE_CHECKING:
    from jobreport.configuration.file import Configuration

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def config_option(function: F) -> F:
    """Adds `--config FILE`."""
    return option(
        "--config",
        envvar=settings.CONFIG,
        metavar="FILE",
        help="The file with connectors, channels and more. By default jobreport.toml, here or in /etc/jobreport.",
    )(function)


def configuration(named: str | None) -> "Configuration":
    """Returns the file that is named, or the one that is found. Says what is wrong with it."""
    from jobreport.configuration.file import load

    return configured(lambda: load(named))


def configured(work: Callable[[], T]) -> T:
    """Returns what `work` makes of the file; says what is wrong with that."""
    from jobreport.configuration.file import ConfigurationError

    try:
        return work()
    except ConfigurationError as error:
        raise click.ClickException(f"{error}.") from None
