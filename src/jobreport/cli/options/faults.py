"""What is wrong with a question or a request in, by names on the wire; the same by the flags that said it, out."""

import re
from collections.abc import Mapping
from typing import Final

import click

from jobreport.client import JobReportError, RequestRefusedError, SignInRefusedError
from jobreport.client.calls import TENANT_HEADER
from jobreport.contract.parameters import FILTERS, PAGING, SKIPTOKEN, SORT, TENANT
from jobreport.model.errors import FieldError, InvalidInputError

Flags = Mapping[str, str]

# A name such as state is a word of sentences, too; of these, none is.
_NAMES: Final = [one.name for one in (*FILTERS, *PAGING, SKIPTOKEN) if one is SKIPTOKEN or not one.name.islower()]
# Not what somebody wrote, which messages repeat in quotes.
_NAMED: Final = re.compile(rf"(?<![\w'-])({'|'.join(_NAMES)})(?![\w'])")


def flags() -> Flags:
    """The flag for each name of what the command that runs takes."""
    found: dict[str, str] = {}
    for option in click.get_current_context().command.params:
        for name in (option.name or "", *(word.removeprefix("--") for word in option.opts)):
            found.setdefault(name, option.opts[0])
    if TENANT.name in found:
        found[TENANT_HEADER] = found[TENANT.name]
    return found


def refused(error: InvalidInputError) -> click.UsageError:
    """The usage error for the faults of a question."""
    known = flags()
    return click.UsageError("; ".join(_said(fault, known) for fault in error.errors))


def told(error: JobReportError, known: Flags) -> str:
    """What a server refused, where it names something that has a flag; or else the error's own words."""
    faults = error.errors if isinstance(error, RequestRefusedError | SignInRefusedError) else ()
    if not any(fault.field in known for fault in faults):
        return str(error)
    said = "; ".join(_said(fault, known) for fault in faults[:5])
    if isinstance(error, RequestRefusedError):
        return f"the server refused the request ({error.status}): {said}"
    return f"{error} ({said})"


def _said(fault: FieldError, known: Flags) -> str:
    # What there is to sort by has such names as well: there they are what is to be written.
    words = fault.message
    if fault.field != SORT.name:
        words = _NAMED.sub(lambda found: known.get(found[1], found[1]), words)
    return f"{known.get(fault.field, fault.field)}: {words}".lstrip(": ")
