"""Names the flag that was typed in messages about a question or a request, in place of the API's parameter.

The API says `startTime: must not lie after finishTime`; on the command line that is `--since: must not lie after
--until`.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import click

from jobreport.contract.parameters import FILTERS, PAGING, SKIPTOKEN, SORT, TENANT, TENANT_HEADER
from jobreport.model.errors import FieldError, InvalidInputError

if TYPE_CHECKING:
    from jobreport.client import JobReportError

Flags = Mapping[str, str]

# A name such as state is a word of sentences, too; of these, none is.
_NAMES: Final = [one.name for one in (*FILTERS, *PAGING, SKIPTOKEN) if one is SKIPTOKEN or not one.name.islower()]
# Not what somebody wrote, which messages repeat in quotes.
_NAMED: Final = re.compile(rf"(?<![\w'-])({'|'.join(_NAMES)})(?![\w'])")


def flags(command: click.Command) -> Flags:
    """Returns the flag of each option of `command`, under every name that the option has."""
    found: dict[str, str] = {}
    for option in command.params:
        for name in (option.name or "", *(word.removeprefix("--") for word in option.opts)):
            found.setdefault(name, option.opts[0])
    if TENANT.name in found:
        found[TENANT_HEADER] = found[TENANT.name]
    return found


def refused(error: InvalidInputError) -> click.UsageError:
    """Returns the usage error that reports each fault of a question."""
    known = flags(click.get_current_context().command)
    return click.UsageError("; ".join(_with_flags(fault, known) for fault in error.errors))


def by_flags(error: "JobReportError", known: Flags) -> str:
    """Returns the message of `error`. If the server names a parameter that has a flag, the flag stands in its place."""
    from jobreport.client import RequestRefusedError, SignInRefusedError

    faults = error.errors if isinstance(error, RequestRefusedError | SignInRefusedError) else ()
    if not any(fault.field in known for fault in faults):
        return str(error)
    said = "; ".join(_with_flags(fault, known) for fault in faults[:5])
    if isinstance(error, RequestRefusedError):
        return f"the server refused the request ({error.status}): {said}"
    return f"{error} ({said})"


def _with_flags(fault: FieldError, known: Flags) -> str:
    # What there is to sort by has such names as well: there they are what is to be written.
    words = fault.message
    if fault.field != SORT.name:
        words = _NAMED.sub(lambda found: known.get(found[1], found[1]), words)
    return f"{known.get(fault.field, fault.field)}: {words}".lstrip(": ")
