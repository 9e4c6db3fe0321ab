"""Makes the parameters of the query language options of a command, one option for each parameter."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from jobreport.cli.options.choices import Number
from jobreport.cli.options.completing import of_schema
from jobreport.cli.options.moment import Moment
from jobreport.cli.options.types import Length
from jobreport.contract.parameters import FILTERS, PAGING, SKIPTOKEN, SORT, Parameter
from jobreport.model.job import INT32_MAX
from jobreport.model.query import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

F = TypeVar("F", bound=Callable[..., Any])

# Parameters whose options accept more forms than the query language does, such as `7d`: the type that converts them.
TYPES: Final[Mapping[str, Any]] = {
    "startTime": Moment(),
    "finishTime": Moment(end=True),
    "endedSince": Moment(),
    "endedUntil": Moment(end=True),
    "minDuration": Length(),
    "pageNumber": Number(0, INT32_MAX),
    "pageSize": Number(1, MAX_PAGE_SIZE),
}
HELP: Final = {
    "startTime": "Jobs that started at this time or later: 7d (seven days ago), yesterday, 'last monday 18:00', "
    "ISO 8601 (without a zone: this machine's), or .NET ticks.",
    "finishTime": "Jobs that started at this time or earlier, in the same forms. A day alone counts to its end.",
    "endedSince": "Jobs that ended at this time or later, in the same forms. Jobs that still run are left out.",
    "endedUntil": "Jobs that ended at this time or earlier, in the same forms. A day alone counts to its end.",
    "minDuration": "Jobs that took, or have been running for, at least this time: 90m, 1h30m, PT1H30M (ISO 8601), or "
    "01:30:00.",
    "pageSize": f"Jobs a page.  [default: {DEFAULT_PAGE_SIZE}]",
    "pageNumber": "0 is the first page.",
}
_METAVARS: Final = {
    "searchText": "TEXT",
    "comments": "TEXT",
    "plan": "NAME",
    "resource": "NAME",
    "origin": "NAME",
    "cause": "CODE",
    "minFailed": "N",
}


def query_options(
    *parameters: Parameter, types: Mapping[str, Any] = TYPES, texts: Mapping[str, str] = HELP
) -> Callable[[F], F]:
    """Adds an option for each parameter, under its flag and its full name (`--min-duration`). `types`: the forms of
    values. `texts`: what the help says of a parameter if that is not its meaning.
    """

    def add(function: F) -> F:
        for parameter in reversed(parameters):
            long = "--" + re.sub("([A-Z])", lambda found: f"-{found[1].lower()}", parameter.name)
            names = dict.fromkeys((parameter.flag, long))
            function = click.option(
                *names,
                parameter.name,
                type=types.get(parameter.name, str),
                metavar=_METAVARS.get(parameter.name),
                multiple=parameter.several,
                shell_complete=of_schema(parameter.schema, listed=parameter.listed),
                help=texts.get(parameter.name, parameter.meaning),
            )(function)
        return function

    return add


ALL: Final = (*FILTERS, SORT, *PAGING, SKIPTOKEN)


def given(options: Mapping[str, Any], *parameters: Parameter) -> list[tuple[str, str]]:
    """Returns the name-value pairs of the query language that the options stand for."""
    pairs: list[tuple[str, str]] = []
    for parameter in parameters:
        value = options[parameter.name]
        if value is not None:
            pairs += [(parameter.name, str(one)) for one in (value if parameter.several else (value,))]
    return pairs
