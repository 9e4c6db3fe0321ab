"""Generation 2 of the contract, line by line -> where it stands in /openapi.json -> the test that tries it."""

from typing import Any

import pytest
from test_traceability import SCHEMAS, at, known_tests, plain

from jobreport.model.catalog import JobState, JobType, ServiceType
from serving import FIND, Server

CALL = f"paths/{FIND.replace('/', '~')}/get"
PAGE = f"{SCHEMAS}/JobsPage/properties"
JOB = f"{SCHEMAS}/JobItem/properties"

# Each parameter -> the test.
PARAMETERS = {
    "searchText": "test_walk_gives_what_one_page_of_all_gives_and_the_total_on_each",
    "startTime": "test_times_are_iso_8601_or_ticks_and_both_ends_belong_to_the_range",
    "finishTime": "test_times_are_iso_8601_or_ticks_and_both_ends_belong_to_the_range",
    "serviceType": "test_generation_2_codes_are_kept_shown_and_filtered",
    "jobType": "test_generation_2_codes_are_kept_shown_and_filtered",
    "state": "test_several_values_come_by_repetition_or_with_commas",
    "plan": "test_plan_resource_and_origin_are_names_and_comments_a_text",
    "resource": "test_plan_resource_and_origin_are_names_and_comments_a_text",
    "origin": "test_plan_resource_and_origin_are_names_and_comments_a_text",
    "cause": "test_jobs_are_found_by_why_they_are_not_good_whether_told_or_given",
    "comments": "test_plan_resource_and_origin_are_names_and_comments_a_text",
    "minDuration": "test_least_duration_and_least_number_of_failed_objects",
    "minFailed": "test_least_duration_and_least_number_of_failed_objects",
    "endedSince": "test_what_ended_in_a_night_is_found_whenever_it_began",
    "endedUntil": "test_what_ended_in_a_night_is_found_whenever_it_began",
    "sort": "test_sort_orders_either_way_with_unfinished_jobs_last",
    "pageNumber": "test_walk_by_page_number_ends_with_an_empty_next_link_too",
    "pageSize": "test_page_number_is_ignored_and_page_size_may_change",
    "skiptoken": "test_walk_gives_what_one_page_of_all_gives_and_the_total_on_each",
    "tenant": "test_provider_names_the_tenant_by_parameter_or_by_header",
}
# Each field of the answer: place, type, format -> the test.
FIELDS = {
    f"{PAGE}/totalCount": ("integer", None, "test_walk_gives_what_one_page_of_all_gives_and_the_total_on_each"),
    f"{PAGE}/jobs": ("array", None, "test_both_generations_list_the_same_jobs_in_the_same_order"),
    f"{PAGE}/nextLink": ("string", None, "test_walk_by_page_number_ends_with_an_empty_next_link_too"),
    f"{JOB}/jobId": ("string", None, "test_find_answers_the_documented_fields_in_their_order"),
    f"{JOB}/jobType": ("integer", "int32", "test_generation_2_codes_are_kept_shown_and_filtered"),
    f"{JOB}/status": ("integer", "int32", "test_find_answers_the_documented_fields_in_their_order"),
    f"{JOB}/failedCount": ("integer", "int32", "test_find_answers_the_documented_fields_in_their_order"),
    f"{JOB}/successfulCount": ("integer", "int32", "test_find_answers_the_documented_fields_in_their_order"),
    f"{JOB}/skippedCount": ("integer", "int32", "test_find_answers_the_documented_fields_in_their_order"),
    f"{JOB}/totalCount": ("integer", "int32", "test_find_answers_the_documented_fields_in_their_order"),
    f"{JOB}/startTime": ("string", "date-time", "test_published_pairs_of_times_last_as_published"),
    f"{JOB}/finishTime": ("string", "date-time", "test_unfinished_job_has_an_unset_finish_and_lasts_since_its_start"),
    f"{JOB}/duration": ("string", None, "test_duration_is_of_the_full_times_and_then_cut"),
    f"{JOB}/comments": ("string", None, "test_find_answers_the_documented_fields_in_their_order"),
}
STATUSES = {
    "200": "test_find_answers_the_documented_fields_in_their_order",
    "400": "test_refusal_names_the_parameter_and_what_would_be_right",
    "401": "test_errors_of_generation_2_bear_an_error_model_beside_the_problem",
    "403": "test_each_route_lets_in_who_may_and_nobody_else",
    "429": "test_an_app_is_answered_so_often_and_another_is_not_affected",
    "503": "test_readyz_and_the_report_are_503_while_the_store_is_not_of_this_version",
}


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = server.http.get("/openapi.json").json()
    return found


def test_every_line_of_generation_2_names_a_test_that_exists() -> None:
    named = {*PARAMETERS.values(), *STATUSES.values(), *(line[2] for line in FIELDS.values())}
    assert named <= known_tests(), named - known_tests()


def test_parameters_are_documented_and_no_others(document: dict[str, Any]) -> None:
    found = [one["name"] for one in at(document, f"{CALL}/parameters") if one["in"] == "query"]
    assert found == list(PARAMETERS)


def test_codes_of_both_generations_are_documented_for_their_parameters(document: dict[str, Any]) -> None:
    parameters = {one["name"]: one["schema"] for one in at(document, f"{CALL}/parameters")}
    for name, codes in (("serviceType", ServiceType), ("jobType", JobType), ("state", JobState)):
        by_number, by_name = (at(document, one["$ref"][2:]) for one in parameters[name]["items"]["anyOf"])
        assert by_number["enum"] == [code.value for code in codes]
        assert by_name["enum"] == [code.name for code in codes]


@pytest.mark.parametrize("place", FIELDS)
def test_field_of_generation_2_is_documented_with_its_type(document: dict[str, Any], place: str) -> None:
    kind, form, _ = FIELDS[place]
    schema = plain(document, place)
    assert (schema["type"], schema.get("format")) == (kind, form)


@pytest.mark.parametrize("owner", [PAGE, JOB])
def test_no_field_of_generation_2_is_missing_and_none_is_extra(document: dict[str, Any], owner: str) -> None:
    expected = [place.rpartition("/")[2] for place in FIELDS if place.rpartition("/")[0] == owner]
    assert list(at(document, owner)) == expected
    assert sorted(at(document, owner.removesuffix("/properties"))["required"]) == sorted(expected)


def test_statuses_of_generation_2_are_documented_and_no_others(document: dict[str, Any]) -> None:
    assert sorted(at(document, f"{CALL}/responses")) == sorted(STATUSES)
