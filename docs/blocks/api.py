"""Writes the reference of the API: routes, permissions, answers, and the fields of types."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import jobreport
from blocks.markdown import table
from jobreport.api.openapi import document
from jobreport.app import URLS
from jobreport.contract import generation1
from jobreport.identity.apps.permissions import PERMISSIONS


def permissions() -> str:
    """Returns the table of permissions, with what each allows."""
    return table(("permission", "allows"), ((f"`{name}`", text) for name, text in PERMISSIONS.items()))


def routes() -> str:
    """Returns the table of routes, in the order of the URL table."""
    rows = (
        (
            f"`{method} {path.replace(':any}', '}')}`",
            operation.summary,
            " or ".join(f"`{name}`" for name in PERMISSIONS if name in operation.needs) or "none",
        )
        for method, path, operation in URLS
    )
    return table(("route", "what it does", "permission"), rows)


def openapi() -> Mapping[str, Any]:
    """Returns the document that the server has at `/openapi.json`."""
    return document(URLS, version=jobreport.__version__, server="https://jobs.example.com")


def schemas() -> Mapping[str, Any]:
    """Returns the schema of each documented type, by its name."""
    found: Mapping[str, Any] = openapi()["components"]["schemas"]
    return found


def answers() -> str:
    """Returns the table of the statuses and types with which each route answers."""
    rows = []
    for path, operations in openapi()["paths"].items():
        for method, operation in operations.items():
            responses = operation["responses"]
            good = [status for status in responses if status < "400"]
            shapes = [_shape(content) for status in good for content in responses[status].get("content", {}).items()]
            faults = [status for status in responses if status >= "400"]
            rows.append((f"`{method.upper()} {path}`", ", ".join(good), ", ".join(shapes), ", ".join(faults)))
    return table(("route", "answers", "with", "errors"), rows)


def _shape(content: tuple[str, Mapping[str, Any]]) -> str:
    media_type, described = content
    name = described["schema"].get("$ref", "").rpartition("/")[2]
    return f"`{name}`" if name else f"`{media_type}`"


def fields(name: str) -> str:
    """Returns the table of the fields of a documented type."""
    schema = schemas()[name]
    required = schema.get("required", [])
    rows = [
        (f"`{field}`", _kind(shape), _text(shape), "" if field not in required else "yes")
        for field, shape in schema["properties"].items()
    ]
    return table(("field", "JSON", "what it says", "required"), rows)


def _shapes(shape: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield shape
    for part in (*shape.get("anyOf", ()), *shape.get("oneOf", ())):
        yield from _shapes(part)


def _text(shape: Mapping[str, Any]) -> str:
    return next((part["description"] for part in _shapes(shape) if "description" in part), "")


def _kind(shape: Mapping[str, Any]) -> str:
    found: list[str] = []
    for part in _shapes(shape):
        kind = part.get("type")
        if "$ref" in part:
            kind = part["$ref"].rpartition("/")[2]
        elif kind == "array":
            kind = f"array of {_kind(part['items'])}"
        elif kind is None and "const" in part:
            kind = "integer"
        if kind and kind != "null" and kind not in found:
            found.append(kind)
    return " or ".join(found) or "any"


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "permissions": permissions,
    "routes": routes,
    "answers": answers,
    **{
        f"fields-{name}": (lambda name=name: fields(name))
        for name in (
            generation1.ReportJobRequestModel.__name__,
            generation1.PaginationModel.__name__,
            generation1.ReportJobModel.__name__,
            generation1.Jobs.__name__,
            "Pushed",
            "Delivered",
            "JobsPage",
            "JobItem",
            "DetailsPage",
            "JobDetails",
            "ErrorModel",
            "Summary",
            "Coverage",
            "Tally",
            "Group",
            "Objects",
            "SeriesList",
            "SeriesItem",
            "SeriesJob",
            "GoodJob",
            "SeriesDetail",
            "SeriesRun",
            "UsualValues",
            "UsualSeconds",
            "UsualNumber",
            "TenantsSummary",
            "IncidentList",
            "IncidentItem",
            "ToldItem",
            "IncidentChange",
            "IncidentsChanged",
            "TenantStanding",
            "ExpectationList",
            "ExpectationDocument",
            "WindowDocument",
            "ConnectorsAnswer",
            "ConnectorItem",
            "StreamItem",
            "HoleItem",
            "JobReport",
            "WriteResult",
            "JobHistory",
            "EarlierVersion",
            "SeriesOfJob",
            "Health",
            "Problem",
            "FieldError",
            "TokenForm",
            "TokenAnswer",
            "TokenError",
        )
    },
}
