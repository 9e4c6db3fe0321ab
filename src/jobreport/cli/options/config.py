"""The option `--config`, and the file `jobreport.toml` that it names, read for a command."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from jobreport import settings
from jobreport.cli.options.environment import option
from jobreport.cli.options.secret_file import warn_of_others

if TYPE_CHECKING:
    from jobreport.configuration.file import Configuration

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_NAMES_A_SECRET: Final = re.compile(r"(\w+_)?(address|key|password|secret|token|url)_file|certificate_key")
"""The keys of tables that name a file with something secret. A file with authorities is none."""


def config_option(function: F) -> F:
    """Adds `--config FILE`."""
    return option(
        "--config",
        envvar=settings.CONFIG,
        metavar="FILE",
        help="The file with connectors, channels and more. By default jobreport.toml, here or in /etc/jobreport.",
    )(function)


def configuration(named: str | None) -> "Configuration":
    """Returns the file that is named, or the one that is found. Says what is wrong with it, and warns of each file with
    a secret that it names and that others can read or change.
    """
    from jobreport.configuration.file import load

    found = configured(lambda: load(named))
    for key, value in found.texts():
        if _NAMES_A_SECRET.fullmatch(key):
            warn_of_others(f"the file {value} ({key} in {found.path})", value)
    return found


def configured(work: Callable[[], T]) -> T:
    """Returns what `work` makes of the file; says what is wrong with that."""
    from jobreport.configuration.file import ConfigurationError

    try:
        return work()
    except ConfigurationError as error:
        raise click.ClickException(f"{error}.") from None
