"""`jobreport.client` in; the blocks of its reference page out, from signatures, annotations and docstrings."""

import inspect
import re
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec

from blocks.markdown import table
from jobreport import client
from jobreport.client.calls import Calls
from jobreport.client.configured import Configured
from jobreport.client.flow import Items
from jobreport.client.question import Time

_CALLS: Final = (
    *("find", "iter_jobs", "search", "history", "report", "iter_report", "summary"),
    *(
        "find_series",
        "series",
        "one_series",
        "find_incidents",
        "incidents",
        "change_incident",
        "tenants_summary",
        "connectors",
        "record",
        "expect",
    ),
)
_TYPES: Final = (
    client.JobsPage,
    client.JobItem,
    client.DetailsPage,
    client.JobDetails,
    client.ReportPage,
    client.ReportedJob,
    client.Summary,
    client.SeriesList,
    client.SeriesItem,
    client.SeriesDetail,
    client.TenantsSummary,
    client.TenantStanding,
    client.Completeness,
    client.ConnectorsAnswer,
    client.ConnectorItem,
    client.StreamItem,
    client.HoleItem,
    client.WriteResult,
    client.ExpectationDocument,
    client.WindowDocument,
)
_OPTION: Final = re.compile(r"^(\w+)  +(\S.*)$")


def _said(of: object) -> str:
    return inspect.getdoc(of) or ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _type(annotation: Any) -> str:
    """An annotation as a reader writes it, without modules."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__name__
    return re.sub(r"(?:\w+\.)+(\w+)", r"\1", str(annotation))


def _keyword(hint: Any) -> str:
    """Without the None that every keyword takes."""
    return _type(hint).replace(" | None", "").replace(_type(Time), "Time")


def _result(of: Any) -> str:
    return _type(inspect.signature(of).return_annotation)


def _signature(of: Callable[..., Any], *, leave: int = 1) -> str:
    """The parameters without their types, which the tables have."""
    kept = [
        parameter.replace(annotation=parameter.empty)
        for parameter in [*inspect.signature(of).parameters.values()][leave:]
    ]
    return str(inspect.Signature(kept))


def _gives(call: Callable[..., Any]) -> str:
    """What a call returns, or each time gives: the result of its flow, or what it finds."""
    steps, _, result = get_args(inspect.signature(call).return_annotation)
    if result not in (None, NoneType):
        return _type(result)
    (found,) = [get_args(step)[0] for step in get_args(steps) if get_origin(step) is Items]
    return f"Iterator[{_type(found)}]"


def clients() -> str:
    """Both clients, and what they are made with."""
    found = []
    before, rows, after = "", [], ""
    for line in _said(Configured.__init__).splitlines():
        if option := _OPTION.match(line):
            rows.append((f"`{option[1]}`", option[2]))
        elif rows:
            after += f"{line}\n"
        else:
            before += f"{line}\n"
    for kind in (client.JobReportClient, client.AsyncJobReportClient):
        close = "close" if hasattr(kind, "close") else "aclose"
        found.append(f"### `{kind.__name__}{_signature(kind, leave=0)}`\n\n{_said(kind)} `{close}()` closes it.\n")
    return "\n".join([*found, _one_line(before) + "\n", table(("", "what it says"), rows), after.strip()])


def calls() -> str:
    """Each call."""
    found = []
    for name in _CALLS:
        call = getattr(Calls, name)
        found.append(f"### `{name}{_signature(call)} -> {_gives(call)}`\n\n{_said(call)}\n")
    export = f"with client.export{_signature(client.JobReportClient.export)} as download"
    found.append(f"### `{export}`\n\n{_said(Calls.open_export)}\n")
    return "\n".join(found)


def keywords() -> str:
    """The keywords of both generations' questions."""
    found = []
    for kind in (
        client.Question,
        client.ExportQuestion,
        client.SeriesQuestion,
        client.SummaryQuestion,
        client.ReportQuestion,
    ):
        rows = ((f"`{name}`", f"`{_keyword(hint)}`") for name, hint in get_type_hints(kind).items() if hint)
        found.append(f"### `{kind.__name__}`\n\n{_said(kind)}\n\n{table(('keyword', 'type'), rows)}")
    return "\n".join([*found, "`Time` is a datetime with a zone, .NET ticks, or ISO 8601."])


def _fields(kind: type[msgspec.Struct]) -> Mapping[str, tuple[str, str]]:
    found = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        meta = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, msgspec.Meta)]
        found[name] = _type(hint), next((one.description for one in meta if one.description), "")
    own = [one for one in reversed(kind.__mro__) if issubclass(one, msgspec.Struct) and one is not msgspec.Struct]
    for name, value in [member for one in own for member in vars(one).items()]:
        if isinstance(value, property):
            found[name] = _result(value.fget), _said(value)
        elif inspect.isfunction(value) and not name.startswith("_"):
            found[f"{name}()"] = _result(value), _said(value)
    return found


def types() -> str:
    """What the calls give."""
    found = []
    for kind in _TYPES:
        rows = ((f"`{name}`", f"`{of}`", _one_line(said)) for name, (of, said) in _fields(kind).items())
        found.append(f"### `{kind.__name__}`\n\n{_said(kind)}\n\n{table(('', 'type', 'what it says'), rows)}")
    found.append(f"### `Download`\n\n{_said(client.Download)} `pieces` are its bytes, to be walked once.\n")
    found.append("`Job`, `ServiceType`, `JobType` and `JobState` are there too: [what to write](write-side.md).")
    return "\n".join(found)


_ATTRIBUTES: Final = """
Each has `temporary`, whether the same call may work later with nothing changed, and `request_id`, which names the \
request in the server's log.
"""


def exceptions() -> str:
    """The tree, and what each says."""
    head, _, tree = _said(client.JobReportError).partition("\n\n")
    below = {name: of for name, of in vars(client).items() if _is_error(of) and of is not client.JobReportError}
    rows = ((f"`{name}`", _one_line(_said(of))) for name, of in below.items())
    return f"{head}\n\n```text\n{tree}\n```\n\n" + table(("exception", "when"), rows) + _ATTRIBUTES


def _is_error(of: object) -> bool:
    return isinstance(of, type) and issubclass(of, client.JobReportError)


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "python-clients": clients,
    "python-calls": calls,
    "python-keywords": keywords,
    "python-types": types,
    "python-exceptions": exceptions,
}
