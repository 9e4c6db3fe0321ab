"""Reads what a program says of an incident (`PUT /api/incidents/{incident}`), with every fault named."""

from typing import Any, Final

import msgspec

from jobreport.contract.incidents_answer import IncidentChange
from jobreport.contract.job_document import describe, moment, unknown_field
from jobreport.contract.json_value import parse
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.need import MAX_NOTE, MAX_TICKET

_TEXTS: Final = {"ticket": MAX_TICKET, "note": MAX_NOTE}
_NAMES: Final = IncidentChange.__struct_fields__


class Change(msgspec.Struct, frozen=True):
    """What was said. Of what is None, nothing was said. `until` is in ticks, 0: when all is well again."""

    ticket: str | None = None
    acknowledged: bool | None = None
    note: str = ""
    until: int = 0


def read_change(body: bytes) -> Change:
    """Returns what a body says. Raises InvalidInputError, which names each fault."""
    document = parse(body)
    if not isinstance(document, dict):
        raise InvalidInputError.of("", f"the body must be a JSON object, not {describe(document)}")
    found: dict[str, Any] = {}
    faults = [unknown_field(name, _NAMES) for name in document if name not in _NAMES]
    for name in _NAMES:
        if (value := document.get(name)) is not None:
            try:
                found[name] = _value(name, value)
            except ValueError as error:
                faults.append(FieldError(name, str(error)))
    if found.get("acknowledged") is not True:
        faults += [
            FieldError(name, "is only taken with acknowledged true") for name in ("note", "until") if found.get(name)
        ]
    if faults:
        raise InvalidInputError(faults)
    return Change(**found)


def _value(name: str, value: object) -> object:
    if name == "acknowledged":
        if not isinstance(value, bool):
            raise ValueError(f"must be true or false, not {describe(value)}")
        return value
    if name == "until":
        return moment(value)
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {describe(value)}")
    if len(value) > (most := _TEXTS[name]):
        raise ValueError(f"has {len(value):,} characters; at most {most:,} are taken")
    return value.strip()
