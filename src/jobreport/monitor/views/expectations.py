"""What is expected of a tenant's series, as rows of a list and as the fields of a form."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from jobreport.contract.expectation import ExpectationDocument, to_document, window_of, window_text
from jobreport.model.audit import SERVICE
from jobreport.model.catalog import SERVICE_LABELS, JobType, ServiceType
from jobreport.model.errors import FieldError
from jobreport.model.expectation import Expectation, is_open, pattern_words
from jobreport.model.series_query import Series
from jobreport.monitor.links import Go
from jobreport.monitor.views.filters import Option
from jobreport.store.registry.tenants import Tenant
from jobreport.watch.expectations import says
from jobreport.watch.suggestions import Suggestion

_LINES: Final = ("cron", "calendar", "windows")
"""Fields with one value a line."""
_WORDS: Final = ("holidays", "off")
"""Fields with values between spaces or commas."""
_LABELS: Final = {
    "tenant": "Tenants",
    "plan": "Plan",
    "resource": "Resource",
    "origin": "Origin",
    "service": "Service",
    "type": "Type",
    "age": "The last good copy is never older than",
    "cron": "Runs are due by lines of cron, one a line",
    "calendar": "Or by calendar events of systemd, one a line",
    "every": "Or so long after the start of the one before",
    "zone": "Time zone of these",
    "grace": "A run that is due has so long to start",
    "longest": "A run takes no longer than",
    "holidays": "Nothing is due on public holidays of",
    "off": "Nothing is due on these days",
    "windows": "Maintenance windows, one a line",
}
_EXAMPLES: Final = {
    "tenant": "customer-*",
    "plan": "laptop-*",
    "resource": "srv-sql-*",
    "origin": "restic",
    "age": "26h",
    "cron": "0 2 * * 1-5",
    "calendar": "Mon..Fri 02:00",
    "every": "4h",
    "grace": "1h",
    "longest": "6h",
    "holidays": "DE-BY",
    "off": "2026-12-24 2026-12-31",
    "windows": "2026-12-24T18:00Z/2026-12-27T08:00Z or 0 22 * * 6 for 4h",
}
_GROUPS: Final = (
    ("To which series it applies", ("tenant", "plan", "resource", "origin", "service", "type")),
    ("An age", ("age",)),
    ("A schedule", ("cron", "calendar", "every", "zone", "grace", "holidays", "off")),
    ("More", ("longest", "windows")),
)
_OPTIONS: Final[Mapping[str, tuple[Option, ...]]] = {
    "service": tuple((one.name, SERVICE_LABELS[one]) for one in ServiceType),
    "type": tuple((one.name, one.name) for one in JobType),
}


class ExpectationRow(msgspec.Struct, frozen=True):
    """An expectation of the list. `series`: to how many it applies; None if that was not counted. `address`: that of
    the list of these, empty if its pattern is an open one. `by`: who set it, in words. `is_own`: it is the tenant's,
    and can be changed there.
    """

    name: str
    pattern: str
    says: str
    by: str
    series: int | None
    address: str
    is_own: bool


class SuggestedRow(msgspec.Struct, frozen=True):
    """What may be expected, of how many series, and the form that accepts it: its address and its fields."""

    pattern: str
    says: str
    series: int
    address: str
    fields: Mapping[str, str]


class FormField(msgspec.Struct, frozen=True):
    """A field of the form. `options`: what may be chosen; none if it is typed. `error`: what is wrong with it."""

    name: str
    label: str
    value: str
    example: str
    rows: int
    options: tuple[Option, ...]
    error: str


class Group(msgspec.Struct, frozen=True):
    """Fields of the form that belong together."""

    legend: str
    fields: tuple[FormField, ...]


def rows(of: Tenant, series: Sequence[Series] | None, go: Go) -> Iterator[ExpectationRow]:
    """Gives what is expected of a tenant, the most specific first. `series`: all of them, or None."""
    for one in sorted(of.expectations, key=lambda one: (one.rank, one.name), reverse=True):
        is_own = one in of.own
        yield ExpectationRow(
            name=one.name,
            pattern=pattern_words(one),
            says=says(one),
            by=by_words(one) if is_own else "the operator of the service, for several tenants",
            series=sum(map(_fits(one), series)) if series is not None and not one_of_others(one, of) else None,
            address=_address(one, go) if not one_of_others(one, of) else "",
            is_own=is_own,
        )


def suggested_rows(found: Sequence[Suggestion], go: Go) -> list[SuggestedRow]:
    """Returns rows for what may be expected."""
    return [
        SuggestedRow(
            pattern=one.pattern,
            says=says(one.expectation),
            series=one.series,
            address=go(f"/expectations/{one.expectation.name}/change" if one.expectation.name else "/expectations/new"),
            fields={name: text for name, text in values_of(one.expectation).items() if text},
        )
        for one in found
    ]


def by_words(one: Expectation) -> str:
    """Returns in words where an expectation comes from."""
    return "jobreport.toml" if one.file else f"the app {one.by}" if one.by else "people"


def one_of_others(one: Expectation, of: Tenant) -> bool:
    """Returns whether an expectation of the operator's own tenant is for series of other tenants."""
    return bool(one.tenant) and of.number == SERVICE


def _fits(one: Expectation) -> Any:
    return lambda row: one.fits(int(row.service), int(row.type), row.plan, row.resource, row.origin)


def _address(one: Expectation, go: Go) -> str:
    texts = {name: getattr(one, name) for name in ("plan", "resource", "origin")}
    if any(map(is_open, texts.values())):
        return ""
    document = to_document(one)
    return go("/series", **texts, serviceType=document.service, jobType=document.type)


def values_of(one: Expectation) -> dict[str, str]:
    """Returns an expectation as the values of the form's fields."""
    document = to_document(one)
    found: dict[str, str] = {name: getattr(document, name) for name in _LABELS if name not in (*_LINES, *_WORDS)}
    found |= {name: "\n".join(getattr(document, name)) for name in ("cron", "calendar")}
    found["windows"] = "\n".join(map(window_text, document.windows))
    return found | {name: " ".join(getattr(document, name)) for name in _WORDS}


def document_of(given: Mapping[str, str], name: str = "") -> ExpectationDocument:
    """Returns the document that the values of the form's fields describe."""
    found: dict[str, Any] = {field: given.get(field, "").strip() for field in _LABELS}
    for field in _LINES:
        found[field] = tuple(line.strip() for line in found[field].splitlines() if line.strip())
    for field in _WORDS:
        found[field] = tuple(found[field].replace(",", " ").split())
    found["windows"] = tuple(map(window_of, found["windows"]))
    return ExpectationDocument(name=name, **found)


def groups(of: Tenant, given: Mapping[str, str], faults: Sequence[FieldError] = ()) -> list[Group]:
    """Returns the fields of the form with what is typed in them, and with what is wrong there."""
    errors: dict[str, str] = {}
    for one in faults:
        name = one.field.partition("[")[0]
        errors[name] = "; ".join(filter(None, (errors.get(name, ""), one.message)))
    return [
        Group(
            legend, tuple(_field(name, of, given, errors) for name in names if name != "tenant" or of.number == SERVICE)
        )
        for legend, names in _GROUPS
    ]


def _field(name: str, of: Tenant, given: Mapping[str, str], errors: Mapping[str, str]) -> FormField:
    return FormField(
        name=name,
        label=_LABELS[name],
        value=given.get(name, ""),
        example=of.night.zone if name == "zone" else _EXAMPLES.get(name, ""),
        rows=2 if name in (*_LINES, "off") else 0,
        options=_OPTIONS.get(name, ()),
        error=errors.get(name, ""),
    )
