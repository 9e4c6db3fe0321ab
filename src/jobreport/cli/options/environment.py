"""Options that can also be set by an environment variable, which `--help` then names."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def option(*names: str, envvar: str, **more: Any) -> Callable[[F], F]:
    """A click option that the environment variable `envvar` sets where the command line does not."""
    return click.option(*names, envvar=envvar, show_envvar=True, **more)


def on_command_line(name: str) -> bool:
    """Whether the option with this parameter name was written on the command line, not taken from the environment."""
    return click.get_current_context().get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
