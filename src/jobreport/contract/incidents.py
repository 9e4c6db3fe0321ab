"""`GET /api/incidents` in HTTP: the parameters of a question about incidents. A rule says by the same whom it tells."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from msgspec.structs import replace

from jobreport.contract import values
from jobreport.contract.paging import Listing
from jobreport.contract.parameters import FILTERS, MAX_CODES, MAX_NAMES, PAGING, SKIPTOKEN, Parameter
from jobreport.contract.query_language import read
from jobreport.model.errors import InvalidInputError
from jobreport.model.incident import IncidentState
from jobreport.model.incident_query import IncidentFilter, IncidentQuery
from jobreport.model.judgement import NEEDS_SOMEBODY, Verdict
from jobreport.model.spelling import meant

S = TypeVar("S", bound=StrEnum)

MAX_NAME: Final = 64
"""The most characters of the name of a connector, a tenant, or of an ID."""
_OF_JOBS: Final = {parameter.name: parameter for parameter in (*FILTERS, *PAGING)}
_MEANINGS: Final = {
    "searchText": "A part of the plan or of the resource, whatever the case.",
    "serviceType": "Of series of this service, by code or name. For several, put commas between them or repeat it.",
    "jobType": "Of series of jobs of this type, by code or name. For several, put commas between them or repeat it.",
    "plan": "Of the plan with this name. The whole name, exactly. For several, repeat it.",
    "resource": "Of this resource. The whole name, exactly. For several, repeat it.",
    "origin": "Of series that this connector or runner reports. The whole name, exactly. For several, repeat it.",
    "cause": "With this cause, by its code. For several, put commas between them or repeat it.",
}


def _one_of(words: Iterable[S]) -> Callable[[str], S | None]:
    known = {word.value.casefold(): word for word in words}

    def convert(text: str) -> S | None:
        if text and text.casefold() not in known:
            names = [word.value for word in known.values()]
            raise ValueError(meant(text, names, f"must be one of {', '.join(names)}"))
        return known[text.casefold()] if text else None

    return convert


_VERDICTS: Final = [verdict for verdict in Verdict if verdict in NEEDS_SOMEBODY]
VERDICT: Final = Parameter(
    name="verdict",
    field="verdicts",
    flag="--verdict",
    meaning=(
        "With this verdict: missed: it did not start; failing: its newest job was not good; overlong: it runs longer "
        "than expected; stale: its last good copy is too old; shrunk: it has far less than usual; noData: its "
        "connector sees nothing. For several, put commas between them or repeat it."
    ),
    schema={"type": "string", "enum": [verdict.value for verdict in _VERDICTS]},
    convert=_one_of(_VERDICTS),
    example="missed,stale",
    most=len(Verdict),
    listed=True,
)
CONNECTOR: Final = Parameter(
    name="connector",
    field="connectors",
    flag="--connector",
    meaning="Of series that the connector of this name reads. The whole name, exactly. For several, repeat it.",
    schema={"type": "string", "maxLength": MAX_NAME},
    convert=values.text_of(MAX_NAME),
    example="prod",
    most=MAX_NAMES,
)
TENANTS: Final = Parameter(
    name="tenant",
    field="tenants",
    flag="--tenant",
    meaning="Of the tenant of this name. For several, put commas between them or repeat it.",
    schema={"type": "string", "maxLength": MAX_NAME},
    convert=values.text_of(MAX_NAME),
    example="acme",
    most=MAX_CODES,
    listed=True,
)
STATE: Final = Parameter(
    name="state",
    field="states",
    flag="--state",
    meaning=(
        "open: it goes on, and nobody has it; held: it goes on, and somebody looks after it; closed: it is over. By "
        "default what goes on, and of a group all. For several, put commas between them or repeat it."
    ),
    schema={"type": "string", "enum": list(IncidentState)},
    convert=_one_of(IncidentState),
    example="open",
    most=len(IncidentState),
    listed=True,
)
GROUP: Final = Parameter(
    name="group",
    field="groups",
    flag="--group",
    meaning="Those of a message: the ID that the message has for its incident; or the ID of one incident.",
    schema={"type": "string", "maxLength": MAX_NAME},
    convert=values.text_of(MAX_NAME),
    example="9f86d081884c7d65",
    most=MAX_NAMES,
)
ABOUT: Final = (
    *(replace(_OF_JOBS[name], meaning=meaning) for name, meaning in _MEANINGS.items()),
    CONNECTOR,
    VERDICT,
)
"""The parameters that choose incidents by what they are about."""
OF_RULES: Final = (TENANTS, *ABOUT)
"""Those by which a rule chooses."""
CHOSEN: Final = (*ABOUT, STATE, GROUP)
PAGE_SIZE: Final = replace(
    _OF_JOBS["pageSize"], meaning=_OF_JOBS["pageSize"].meaning.replace("Jobs a page", "Incidents a page")
)
PARAMETERS: Final = (*CHOSEN, PAGE_SIZE, SKIPTOKEN)
GOES_ON: Final = (IncidentState.HELD, IncidentState.OPEN)


def incident_query(found: Mapping[str, Any]) -> IncidentQuery:
    """Returns the question that the values of `query_language.read` describe: about what goes on, unless they say
    otherwise or name a group.
    """
    where = _filter({"states": () if found.get("groups") else GOES_ON, **found})
    return IncidentQuery(where=where, **{name: found[name] for name in ("size",) if name in found})


def read_rule(text: str) -> tuple[tuple[str, ...], IncidentFilter]:
    """Returns the tenants and the filter that the text of a rule says: parameters with & between them, as in a URL.

    Raises ValueError; the message names the parameter, what was wrong, and what would be right.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
        found = read(pairs, OF_RULES)
    except InvalidInputError as error:
        raise ValueError("; ".join(f"{fault.field} {fault.message}" for fault in error.errors)) from None
    except (ValueError, UnicodeDecodeError):
        raise ValueError('must be parameters with & between them, such as "plan=nightly&verdict=missed"') from None
    return found.get("tenants", ()), _filter(found)


def _filter(found: Mapping[str, Any]) -> IncidentFilter:
    return IncidentFilter(**{name: found[name] for name in IncidentFilter.__struct_fields__ if name in found})


INCIDENTS: Final = Listing("incidents", CHOSEN, (PAGE_SIZE,), incident_query)
"""The list of incidents."""
