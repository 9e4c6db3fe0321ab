"""The schemas of the contract's codes, each with a name, to which parameters and documents refer.

They are references, so that generators make one enumeration of each list of codes. Numbers and names have separate
schemas, since a generator that puts both into one enumeration gets each name twice.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any, Final

from jobreport.model.catalog import GENERATION_1_SERVICES, GENERATION_1_TYPES, JobState, JobType, ServiceType

REFERENCE: Final = "#/components/schemas/{name}"
"""The JSON reference to a named schema in the OpenAPI document."""

_NAMED: Final[Mapping[type[IntEnum], tuple[str, str]]] = {
    ServiceType: ("ServiceTypeCode", "ServiceTypeName"),
    JobType: ("JobTypeCode", "JobTypeName"),
    JobState: ("CommonStatus", "CommonStatusName"),
}


def code_or_name(codes: type[IntEnum]) -> dict[str, Any]:
    """Returns the schema of a value that is a code, given by its number or by its name."""
    return {"anyOf": [{"$ref": REFERENCE.format(name=name)} for name in _NAMED[codes]]}


def _numbers(description: str, codes: Iterable[IntEnum]) -> dict[str, Any]:
    codes = list(codes)
    names = [code.name for code in codes]
    return {
        "type": "integer",
        "format": "int32",
        "description": description,
        "enum": [code.value for code in codes],
        # Two extensions with the names of the codes: NSwag's, as in the publisher's own document, and that of other
        # generators.
        "x-enumNames": names,
        "x-enum-varnames": names,
    }


def _names(description: str, codes: type[IntEnum]) -> dict[str, Any]:
    return {"type": "string", "description": description, "enum": [code.name for code in codes]}


# The contract's names and values of codes that the catalog names differently, or that only the catalog has.
CODE_SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {
    "CommonStatus": _numbers("How a job stands.", JobState),
    "CommonStatusName": _names("How a job stands, by name.", JobState),
    "JobType": _numbers("What a job does.", GENERATION_1_TYPES),
    "JobTypeCode": _numbers("What a job does: the codes of both generations.", JobType),
    "JobTypeName": _names("What a job does, by name.", JobType),
    "ProductModel": _numbers("The service that a job belongs to.", GENERATION_1_SERVICES),
    "ServiceTypeCode": _numbers("The service that a job belongs to: the codes of both generations.", ServiceType),
    "ServiceTypeName": _names("The service that a job belongs to, by name.", ServiceType),
}
"""Each list of codes, by its name in the OpenAPI document."""
