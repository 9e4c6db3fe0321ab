"""The contract, line by line -> where it stands in /openapi.json -> the test that tries it."""

import ast
from pathlib import Path
from typing import Any

import pytest
from test_report_request import SERVICES, STATES, TYPES

from jobreport.api import openapi
from jobreport.app import URLS
from serving import REPORT, Server

TESTS = Path(__file__).parents[1]
SCHEMAS = "components/schemas"
REQUEST = f"{SCHEMAS}/ReportJobRequestModel/properties"
PAGE = f"{SCHEMAS}/PaginationModel/properties"
ANSWER = f"{SCHEMAS}/ReportJobModel/properties"
JOB = f"{SCHEMAS}/Jobs/properties"
CALL = "paths/~api~public~jobreport/post"

# Every field of the request and of the answer: place, type, format -> the test.
FIELDS = {
    f"{REQUEST}/searchText": ("string", None, "test_text_is_found_in_job_id_and_description_alone"),
    f"{REQUEST}/startTime": ("integer", "int64", "test_range_takes_in_both_of_its_ends"),
    f"{REQUEST}/finishTime": ("integer", "int64", "test_range_takes_in_both_of_its_ends"),
    f"{REQUEST}/serviceType": ("integer", "int32", "test_every_service_code_finds_its_jobs_and_no_others"),
    f"{REQUEST}/jobType": ("integer", "int32", "test_every_job_type_code_finds_its_jobs_and_no_others"),
    f"{REQUEST}/pagination": ("object", None, "test_pages_follow_one_another_without_gap_or_repetition"),
    f"{PAGE}/pageNumber": ("integer", "int32", "test_page_past_the_end_is_empty_with_the_true_total"),
    f"{PAGE}/pageSize": ("integer", "int32", "test_page_size_is_taken_up_to_ten_thousand"),
    f"{ANSWER}/totalCount": ("integer", None, "test_total_counts_matches_of_the_filter_on_every_page"),
    f"{ANSWER}/jobs": ("array", None, "test_published_jobs_come_back_exactly"),
    f"{JOB}/jobId": ("string", None, "test_published_jobs_come_back_exactly"),
    f"{JOB}/state": ("integer", "int32", "test_every_state_is_answered_by_its_code"),
    f"{JOB}/failedCount": ("integer", "int32", "test_answers_have_the_documented_fields_in_camel_case_and_integers"),
    f"{JOB}/successfulCount": (
        "integer",
        "int32",
        "test_answers_have_the_documented_fields_in_camel_case_and_integers",
    ),
    f"{JOB}/skippedCount": ("integer", "int32", "test_answers_have_the_documented_fields_in_camel_case_and_integers"),
    f"{JOB}/totalCount": ("integer", "int32", "test_answers_have_the_documented_fields_in_camel_case_and_integers"),
    f"{JOB}/startTime": ("integer", "int64", "test_published_jobs_come_back_exactly"),
    f"{JOB}/finishTime": ("integer", "int64", "test_running_job_has_no_finish_and_lasts_since_its_start"),
    f"{JOB}/duration": ("integer", "int64", "test_duration_is_in_ticks_finish_less_start"),
    f"{JOB}/comments": ("string", None, "test_answers_have_the_documented_fields_in_camel_case_and_integers"),
}

# Every list of codes, whole and in the published order -> the test.
CODES = {
    "ProductModel": (SERVICES, "test_another_service_code_is_refused_with_a_list_of_those_there_are"),
    "JobType": (TYPES, "test_another_job_type_code_is_refused_with_a_list_of_those_there_are"),
    "CommonStatus": (STATES, "test_every_state_is_answered_by_its_code"),
}

# Defaults and limits: place, keyword, value -> the test.
LIMITS = [
    (
        f"{PAGE}/pageNumber",
        "says",
        "the first page, and the default",
        "test_page_defaults_are_the_first_page_of_ten",
    ),
    (f"{PAGE}/pageSize", "says", "0 is the default, 10", "test_page_defaults_are_the_first_page_of_ten"),
    (f"{PAGE}/pageNumber", "minimum", 0, "test_page_number_outside_int32_is_refused"),
    (f"{PAGE}/pageNumber", "maximum", 2**31 - 1, "test_page_number_outside_int32_is_refused"),
    (f"{PAGE}/pageSize", "minimum", 0, "test_page_defaults_are_the_first_page_of_ten"),
    (f"{PAGE}/pageSize", "maximum", 10_000, "test_page_size_outside_its_limits_is_refused"),
    (f"{REQUEST}/searchText", "maxLength", 256, "test_text_of_256_characters_is_taken_and_of_257_refused"),
    (f"{REQUEST}/startTime", "ranges", [0, (621355968000000000, 693937151999999999)], "test_other_numbers_are_refused"),
    (
        f"{REQUEST}/finishTime",
        "ranges",
        [0, (621355968000000000, 693937151999999999), (3155063616000000000, 2**63 - 1)],
        "test_upper_end_from_the_year_9999_on_is_open",
    ),
    (f"{SCHEMAS}/ReportJobRequestModel", "additionalProperties", False, "test_unknown_field_is_named_with_the_nearest"),
    (f"{SCHEMAS}/PaginationModel", "additionalProperties", False, "test_unknown_field_is_named_with_the_nearest"),
    (f"{SCHEMAS}/ReportJobRequestModel", "required", [], "test_zero_null_and_empty_are_as_if_left_out"),
    (CALL, "operationId", "PublicAPI_GetAllJobDetails", "test_every_route_is_in_the_table"),
    (f"{CALL}/requestBody", "required", True, "test_broken_json_is_400_with_a_reason"),
]

# Every status of the report -> the test. 405 has no place at an operation; 500 is never expected.
STATUSES = {
    "200": "test_published_jobs_come_back_exactly",
    "400": "test_every_fault_of_a_request_is_named_at_once",
    "401": "test_refused_token_is_challenged_as_bearer",
    "403": "test_each_route_lets_in_who_may_and_nobody_else",
    "413": "test_body_of_64_kib_is_read_and_one_byte_more_is_413",
    "415": "test_other_content_types_are_415",
    "429": "test_an_app_is_answered_so_often_and_another_is_not_affected",
    "503": "test_readyz_and_the_report_are_503_while_the_store_is_not_of_this_version",
}


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = server.http.get("/openapi.json").json()
    return found


def at(document: dict[str, Any], place: str) -> Any:
    """What stands at a place: steps by `/`, with `~` for a slash within a step."""
    node: Any = document
    for step in place.split("/"):
        node = node[step.replace("~", "/")]
    return node


def plain(document: dict[str, Any], place: str) -> dict[str, Any]:
    """The schema at a place, without its `null`, and what a reference leads to."""
    node = dict(at(document, place))
    choices = node.pop("anyOf", [])
    if {"type": "null"} in choices:
        (choice,) = [one for one in choices if one != {"type": "null"}]
        node |= choice
    if "$ref" in node:
        node |= at(document, node["$ref"].removeprefix("#/"))
    return node


def known_tests() -> set[str]:
    """Every test function there is, read from the files."""
    return {
        node.name
        for file in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_line_of_the_tables_names_a_test_that_exists() -> None:
    named = {line[2] for line in FIELDS.values()} | {line[1] for line in CODES.values()}
    named |= {line[3] for line in LIMITS} | set(STATUSES.values())
    assert named <= known_tests(), named - known_tests()


@pytest.mark.parametrize("place", FIELDS)
def test_field_is_documented_with_its_type(document: dict[str, Any], place: str) -> None:
    kind, form, _ = FIELDS[place]
    schema = plain(document, place)
    assert (schema["type"], schema.get("format")) == (kind, form)


@pytest.mark.parametrize("owner", [REQUEST, PAGE, ANSWER, JOB])
def test_no_field_is_missing_and_none_is_extra(document: dict[str, Any], owner: str) -> None:
    expected = [place.rpartition("/")[2] for place in FIELDS if place.rpartition("/")[0] == owner]
    assert list(at(document, owner)) == expected


@pytest.mark.parametrize("owner", ["ReportJobModel", "Jobs"])
def test_answer_always_has_every_field(document: dict[str, Any], owner: str) -> None:
    schema = at(document, f"{SCHEMAS}/{owner}")
    assert sorted(schema["required"]) == sorted(schema["properties"])


@pytest.mark.parametrize("name", CODES)
def test_codes_and_their_names_stand_in_the_document_whole_and_in_order(document: dict[str, Any], name: str) -> None:
    codes, _ = CODES[name]
    schema = at(document, f"{SCHEMAS}/{name}")
    assert schema["type"] == "integer"
    assert schema["x-enumNames"] == list(codes)
    assert schema["enum"] == list(codes.values())


def test_fields_take_the_codes_that_are_listed_for_them(document: dict[str, Any]) -> None:
    for field, name in (("serviceType", "ProductModel"), ("jobType", "JobType")):
        found = plain(document, f"{REQUEST}/{field}")["anyOf"]
        assert found == [{"$ref": f"#/{SCHEMAS}/{name}"}, {"const": 0}]
    assert at(document, f"{JOB}/state") == {"$ref": f"#/{SCHEMAS}/CommonStatus"}


@pytest.mark.parametrize(("place", "keyword", "value", "_test"), LIMITS)
def test_default_or_limit_is_documented(
    document: dict[str, Any], place: str, keyword: str, value: object, _test: str
) -> None:
    schema = plain(document, place)
    if keyword == "ranges":
        assert [
            entry["const"] if "const" in entry else (entry["minimum"], entry["maximum"]) for entry in schema["anyOf"]
        ] == value
    elif keyword == "says":
        assert str(value) in schema["description"]
    else:
        assert schema[keyword] == value


def test_statuses_of_the_report_are_documented_and_no_others(document: dict[str, Any]) -> None:
    assert sorted(at(document, f"{CALL}/responses")) == sorted(STATUSES)


def test_content_types_of_the_report_are_json_alone(document: dict[str, Any]) -> None:
    assert list(at(document, f"{CALL}/requestBody/content")) == ["application/json"]
    for status, answer in at(document, f"{CALL}/responses").items():
        kind = "application/json" if status == "200" else "application/problem+json"
        assert list(answer["content"]) == [kind]


def test_permission_of_the_report_is_documented(document: dict[str, Any]) -> None:
    assert {"clientCredentials": ["PlatformBackup.ReadWrite.All"]} in at(document, f"{CALL}/security")
    flow = at(document, "components/securitySchemes/clientCredentials/flows/clientCredentials")
    assert flow["tokenUrl"] == f"{document['servers'][0]['url']}/connect/token"
    assert "PlatformBackup.ReadWrite.All" in flow["scopes"]


def test_document_is_assembled_from_the_routes_and_has_every_one(document: dict[str, Any], server: Server) -> None:
    found = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert found == {(method, path.replace(":any", "")) for method, path, _ in URLS}
    assert ("POST", REPORT) in found
    again = openapi.document(URLS, version=document["info"]["version"], server=server.url)
    assert again["paths"].keys() == document["paths"].keys()


def test_every_answer_documents_its_request_id(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                assert "request-id" in answer["headers"], (path, status)


def test_no_field_has_a_default_for_generators_take_it_for_one_that_is_always_there(document: dict[str, Any]) -> None:
    for name, schema in at(document, SCHEMAS).items():
        assert not [field for field, shape in schema.get("properties", {}).items() if "default" in shape], name


def test_every_operation_says_whether_it_needs_a_token(document: dict[str, Any]) -> None:
    needs = {(method, path.replace(":any", "")): operation.needs for method, path, operation in URLS}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            assert bool(described["security"]) == bool(needs[method.upper(), path]), path


def test_no_choice_has_two_enumerations_in_place(document: dict[str, Any]) -> None:
    def choices(node: Any) -> Any:
        parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        if isinstance(node, dict) and "anyOf" in node:
            yield node["anyOf"]
        for part in parts:
            yield from choices(part)

    found = list(choices(document))
    assert found
    # A generator that makes one enumeration of both has their names twice.
    assert not [one for one in found if sum("enum" in each for each in one) > 1]


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))
