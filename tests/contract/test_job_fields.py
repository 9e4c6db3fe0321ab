"""The one table of a job's fields: the model, both readers and the schemas say the same of each."""

import json
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given
from job_documents import DONE

from jobreport.api.openapi import document
from jobreport.app import URLS
from jobreport.contract.fast_decoder import plain_job
from jobreport.contract.job_document import job_from_wire, job_to_wire
from jobreport.contract.job_fields import FIELDS, NAMES, FieldKind, JobField
from jobreport.contract.job_row import COLUMNS, DERIVED
from jobreport.contract.job_schemas import EarlierVersion, job_history
from jobreport.model.errors import InvalidInputError
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobreport.model.stored_job import StoredJob
from strategies import NOW, jobs

DOCUMENT = document(URLS, version="0", server="http://127.0.0.1")
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]


def schema(name: str) -> Any:
    """The validator of a type as the OpenAPI document describes it."""
    return jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]})


REPORT, HISTORY = schema("JobReport"), schema("JobHistory")


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMAS[name]["properties"]
    return found


def test_it_has_every_field_of_a_job_and_no_other() -> None:
    assert tuple(NAMES) == Job.__struct_fields__
    assert [*properties("JobReport")] == [*NAMES.values()]
    assert {*properties("EarlierVersion")} == {*NAMES.values(), "causeText", "presumed", "replacedAt"}
    assert {*properties("JobHistory")} > {*NAMES.values()}
    assert {*EarlierVersion.__struct_fields__} > {*NAMES}
    assert {*COLUMNS} - {*NAMES.values()} == {*DERIVED}


def test_the_schema_requires_what_the_readers_require() -> None:
    required = [field.wire for field in FIELDS if field.required]
    assert SCHEMAS["JobReport"]["required"] == required
    for name in required:
        line = json.dumps({key: value for key, value in DONE.items() if key != name}).encode()
        assert plain_job(line, NOW) is None
        with pytest.raises(InvalidInputError, match=f"{name}: is required"):
            job_from_wire(msgspec.json.decode(line), now=NOW)


@given(jobs())
def test_any_job_as_it_is_written_and_as_it_is_answered_keeps_the_schemas(job: Job) -> None:
    written = msgspec.json.decode(msgspec.json.encode(job_to_wire(job)))
    assert not [*REPORT.iter_errors(written)]
    kept = job_history(StoredJob(job=job, received=NOW, heard=NOW), (), None)
    answered = msgspec.json.decode(msgspec.json.encode(kept))
    assert not [*HISTORY.iter_errors(answered)]


def edges(field: JobField) -> list[Any]:
    """Values at the ends of what a field takes, and just beyond."""
    match field.kind:
        case FieldKind.TEXT:
            return ["x", "x" * field.most, "x" * (field.most + 1), "é", "x\n", 1, True]
        case FieldKind.NUMBER:
            return [0, field.most, field.most + 1, -1, 1.5, "1", True]
        case FieldKind.CODE:
            assert field.codes
            return [*(code.name for code in field.codes), *map(int, field.codes), -1, 10**6, "none", True]
        case FieldKind.TIME:
            return [0, DONE["startTime"], DONE["finishTime"], 1, 1_724_342_448, -1, True, []]
        case FieldKind.RECORD:
            return [None, "x", 1, [1], {"a": None}]
        case FieldKind.SEES:
            return [*Sees, "Runs.", "", 0, True]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.wire)
def test_schema_and_readers_take_and_refuse_the_same_values(field: JobField) -> None:
    for value in edges(field):
        report = DONE | {field.wire: value}
        by_schema = REPORT.is_valid(report)
        try:
            job_from_wire(report, now=NOW)
            faults = set[str]()
        except InvalidInputError as error:
            faults = {fault.field for fault in error.errors}
        # What ties a state to times and counts is beyond a schema.
        alone = by_schema or field.wire in faults
        assert alone, (value, by_schema, faults)
        if not faults:
            assert by_schema, value
            assert plain_job(json.dumps(report).encode(), NOW) == job_from_wire(report, now=NOW)
        elif field.kind is not FieldKind.TIME and field.wire not in ("state", "failedCount"):
            assert not by_schema, (value, faults)
