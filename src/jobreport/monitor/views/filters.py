"""The form with all filters of jobs: one field for each parameter of the query language."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from jobreport.contract.parameters import FILTERS
from jobreport.contract.series import FILTERS_OF_SERIES
from jobreport.model.catalog import SERVICE_LABELS, STATE_LABELS, JobState, JobType
from jobreport.model.errors import FieldError
from jobreport.monitor.views.question import NOT_GOOD_NAMES, NOT_GOOD_STATES, states
from jobreport.watch.sentence import NAMES

Option = tuple[str, str]
"""What is sent, and the word for it."""

_LABELS: Final = {
    "standing": "How it stands",
    "state": "State",
    "endedSince": "Ended since",
    "endedUntil": "Ended until",
    "searchText": "Part of ID or description",
    "plan": "Plan, its whole name",
    "resource": "Resource, its whole name",
    "serviceType": "Service",
    "jobType": "Type",
    "cause": "Cause",
    "comments": "Part of the comments",
    "startTime": "Started since",
    "finishTime": "Started until",
    "minDuration": "Took at least",
    "minFailed": "Failed objects, at least",
    "origin": "Origin, its whole name",
    "at": "As it stood at",
}
_EXAMPLES: Final = {
    "endedSince": "2026-11-20 18:00",
    "endedUntil": "2026-11-23 08:00",
    "startTime": "2026-11-20",
    "finishTime": "2026-11-23",
    "at": "yesterday 18:00",
    "minDuration": "1h30m",
}


class Field(msgspec.Struct, frozen=True):
    """A field of the form. `options`: what may be chosen; none if it is typed. `more` are further values. `error`: what
    is wrong with what was typed, and what would be right.
    """

    name: str
    label: str
    value: str
    more: tuple[str, ...]
    example: str
    options: tuple[Option, ...]
    error: str = ""


def fields(given: dict[str, list[str]], faults: Sequence[FieldError] = ()) -> tuple[Field, ...]:
    """Returns the fields with what is asked now. `given` are the parameters of the question by their names, and
    `faults` what is wrong with them.
    """
    return tuple(_fields(given, {one.name for one in FILTERS}, faults))


def _fields(given: dict[str, list[str]], names: set[str], faults: Sequence[FieldError]) -> Iterator[Field]:
    errors = {one.field: one.message for one in faults}
    examples = {one.name: one.example for one in (*FILTERS, *FILTERS_OF_SERIES)} | _EXAMPLES
    for name, label in _LABELS.items():
        if name in names:
            value, *more = given.get(name) or [""]
            yield Field(name, label, value, tuple(more), examples[name], _options(name, value), errors.get(name, ""))


def series_fields(given: dict[str, list[str]], faults: Sequence[FieldError] = ()) -> tuple[Field, ...]:
    """Returns the fields of the form for series, in the same way."""
    labels = {"searchText": "Part of plan or resource", "state": "State of the newest job"}
    names = {one.name for one in FILTERS_OF_SERIES} | {"at"}
    return tuple(replace(one, label=labels.get(one.name, one.label)) for one in _fields(given, names, faults))


def _options(name: str, value: str) -> tuple[Option, ...]:
    if name not in _CHOICES:
        return ()
    # Several codes at once are asked by an address, not by this form; it keeps them.
    found = _CHOICES[name]
    return found if not value or value in dict(found) else (*found, (value, value.replace(",", ", ")))


_CHOICES: Final[dict[str, tuple[Option, ...]]] = {
    "standing": tuple((str(one), words) for one, words in NAMES.items()),
    "state": (
        (NOT_GOOD_NAMES, states(NOT_GOOD_STATES)),
        *((state.name, STATE_LABELS[state].lower()) for state in JobState),
    ),
    "serviceType": tuple((service.name, label) for service, label in SERVICE_LABELS.items()),
    "jobType": tuple((one.name, one.name) for one in JobType),
}
