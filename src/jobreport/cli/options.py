"""Options that several commands share, each also an environment variable that `--help` names."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from jobreport import settings

if TYPE_CHECKING:
    from jobreport.store import Store

F = TypeVar("F", bound=Callable[..., Any])

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN: Final = re.compile(r"(\d{1,9})([smhdw])")


def option(*names: str, envvar: str, **more: Any) -> Callable[[F], F]:
    """A click option with its environment variable shown."""
    return click.option(*names, envvar=envvar, show_envvar=True, **more)


def store_option(function: F) -> F:
    """`--store URL`."""
    return option(
        "--store", envvar=settings.STORE, metavar="URL", help="The store, such as sqlite:////srv/jobreport/jobs.db."
    )(function)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")(function)


def open_chosen_store(url: str | None) -> "Store":
    """The store that was named, or the default one."""
    from jobreport.store import open_store  # only commands that touch a store wait for its libraries

    return open_store(url or settings.default_store())


class Span(click.ParamType[int]):
    """A length of time such as 30s, 10m, 2h, 7d or 4w; in seconds."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds; a usage error for anything else."""
        if isinstance(value, int):
            return value
        found = _SPAN.fullmatch(str(value).strip().lower())
        if not found:
            self.fail(f"{value!r} is no length of time: write a number and s, m, h, d or w, such as 10m", param, ctx)
        return int(found[1]) * _UNITS[found[2]]
