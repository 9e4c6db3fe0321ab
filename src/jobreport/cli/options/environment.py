"""Options that can also be set by an environment variable, which `--help` then names."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def option(*names: str, envvar: str, **more: Any) -> Callable[[F], F]:
    """Makes a click option that the environment variable `envvar` sets if the command line does not."""
    return click.option(*names, envvar=envvar, show_envvar=True, **more)


def on_command_line(name: str) -> bool:
    """Returns whether the option with this parameter name was given on the command line, not by the environment."""
    return click.get_current_context().get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def is_set(name: str) -> bool:
    """Returns whether the option with this parameter name was given by the command line or the environment."""
    source = click.get_current_context().get_parameter_source(name)
    return source in (click.core.ParameterSource.COMMANDLINE, click.core.ParameterSource.ENVIRONMENT)
