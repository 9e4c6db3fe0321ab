"""The write side's rules: what a job's JSON may say, and that every refusal names the field and helps."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_documents import DONE, FINISH, START, read_errors, read_job

from jobreport.contract.job_document import job_from_wire, job_to_wire
from jobreport.contract.job_fields import NAMES
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.job import Job
from strategies import NOW, jobs


def test_a_job_needs_no_more_than_its_codes_and_its_times() -> None:
    assert read_job(jobId=...) == Job(
        job_id="",
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        state=JobState.Successful,
        start=START,
        finish=FINISH,
    )


def wire_and_back(job: Job) -> Job:
    return job_from_wire(json.loads(msgspec.json.encode(job_to_wire(job))), now=NOW)


@given(jobs())
def test_a_job_comes_back_from_the_wire_as_it_went(job: Job) -> None:
    assert wire_and_back(job) == job


@given(jobs())
def test_null_in_a_field_that_has_its_default_is_the_same_as_the_field_left_out(job: Job) -> None:
    sent = json.loads(msgspec.json.encode(job_to_wire(job)))
    assert job_from_wire(dict.fromkeys(NAMES.values()) | sent, now=NOW) == job


@given(st.recursive(st.none() | st.integers() | st.text() | st.floats(), lambda inner: st.lists(inner)))
def test_whatever_is_no_object_is_refused(document: object) -> None:
    with pytest.raises(InvalidInputError, match="must be a JSON object"):
        job_from_wire(document, now=NOW)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.floats(), st.lists(st.integers()), st.just(10**400)
)


@given(st.dictionaries(st.sampled_from([*NAMES.values(), "other"]), VALUES))
def test_any_object_gives_a_job_or_faults_that_name_their_fields(fields: dict[str, Any]) -> None:
    faults: tuple[FieldError, ...] = ()
    try:
        job_from_wire(DONE | fields, now=NOW)
    except InvalidInputError as error:
        faults = error.errors or (FieldError("", ""),)
    assert all(fault.message and fault.field in {*NAMES.values(), "other"} for fault in faults)


# Codes


@pytest.mark.parametrize("value", [8, "FileShare", "fileshare", "FILESHARE"])
def test_a_code_may_be_a_number_or_a_name_in_any_case(value: object) -> None:
    assert read_job(serviceType=value).service is ServiceType.FileShare


@pytest.mark.parametrize("service", list(ServiceType))
def test_services_of_both_generations_are_taken(service: ServiceType) -> None:
    assert read_job(serviceType=int(service)).service is read_job(serviceType=service.name).service is service


@pytest.mark.parametrize("kind", list(JobType))
def test_types_of_both_generations_are_taken(kind: JobType) -> None:
    assert read_job(jobType=int(kind)).type is read_job(jobType=kind.name).type is kind


@pytest.mark.parametrize("field", ["serviceType", "jobType", "state"])
@pytest.mark.parametrize("value", [3, -1, "8", "Nothing", "", True, 8.0, [8], {"code": 8}, 10**30])
def test_any_other_code_is_refused_with_the_list_of_those_allowed(field: str, value: object) -> None:
    assert read_errors(**{field: value})[field].startswith("must be one of these names or codes: ")


@pytest.mark.parametrize("field", ["serviceType", "jobType", "state"])
@pytest.mark.parametrize("value", [None, ...])
def test_a_job_without_service_type_or_state_is_refused(field: str, value: object) -> None:
    assert read_errors(**{field: value}) == {field: "is required"}


# Fields


def test_an_unknown_field_is_refused_and_the_nearest_named() -> None:
    assert read_errors(finishtime=1) == {"finishtime": "is not a known field; did you mean finishTime?"}
    assert read_errors(zzzzzz=1)["zzzzzz"].startswith("is not a known field; there are jobId, serviceType, ")


def test_every_fault_is_named_at_once() -> None:
    assert set(read_errors(serviceType=3, jobType=..., failedCount=-1, wrong=1)) == {
        "serviceType",
        "jobType",
        "failedCount",
        "wrong",
    }


def test_an_empty_job_id_is_refused_and_a_missing_one_is_not() -> None:
    assert read_errors(jobId="") == {"jobId": "must not be empty; leave it out and one is made"}
    assert read_job(jobId=None).job_id == read_job(jobId=...).job_id == ""


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("jobId", 128),
        ("description", 1024),
        ("comments", 4096),
        ("plan", 256),
        ("resource", 1024),
        ("origin", 128),
    ],
)
class TestATextField:
    def test_is_taken_up_to_its_limit_in_characters(self, field: str, limit: int) -> None:
        assert job_to_wire(read_job(**{field: "ü" * limit}))[field] == "ü" * limit

    def test_is_refused_beyond_it_and_never_cut(self, field: str, limit: int) -> None:
        assert read_errors(**{field: "x" * (limit + 1)}) == {
            field: f"has {limit + 1} characters; at most {limit} are kept"
        }

    @pytest.mark.parametrize("value", [1, True, ["x"], {}])
    def test_is_refused_where_it_is_no_text(self, field: str, limit: int, value: object) -> None:
        assert read_errors(**{field: value})[field].startswith("must be a text, not ")

    @pytest.mark.parametrize("value", ["a\0b", "a\ud800b", "\udfff"])
    def test_is_refused_with_what_no_database_can_hold(self, field: str, limit: int, value: str) -> None:
        assert read_errors(**{field: value})[field].startswith("holds a NUL or half of a surrogate pair")


@pytest.mark.parametrize("job_id", ["a/b?c#d", "a b", "%2F", "'; DROP TABLE job", "日本", "😀", "\n", ".."])
def test_a_job_id_may_have_any_character(job_id: str) -> None:
    assert read_job(jobId=job_id).job_id == job_id


# Counts


@pytest.mark.parametrize("field", ["failedCount", "successfulCount", "skippedCount", "totalCount"])
class TestACount:
    def test_is_an_int32_from_0(self, field: str) -> None:
        assert job_to_wire(read_job(state="Exception", **{field: 2**31 - 1}))[field] == 2**31 - 1

    @pytest.mark.parametrize("value", [-1, 2**31, 2**63, 10**400])
    def test_is_refused_outside(self, field: str, value: int) -> None:
        assert read_errors(**{field: value}) == {field: "must be from 0 to 2147483647"}

    @pytest.mark.parametrize("value", [1.0, 1.5, "1", True, [1]])
    def test_is_a_whole_number_and_nothing_else(self, field: str, value: object) -> None:
        assert read_errors(**{field: value})[field].startswith("must be a whole number, not ")


def test_a_total_that_is_left_out_is_the_sum_of_the_other_counts() -> None:
    counts = {"failedCount": 1, "successfulCount": 20, "skippedCount": 300}
    assert read_job(state="Exception", **counts).total == 321
    assert read_job(state="Exception", **counts, totalCount=0).total == 0


def test_a_sum_that_is_no_int32_is_refused() -> None:
    assert read_errors(successfulCount=2**31 - 1, skippedCount=1) == {"totalCount": "must be from 0 to 2147483647"}


def test_bytes_are_an_int64_from_0() -> None:
    assert read_job(bytes=2**63 - 1).size == 2**63 - 1
    for value in (-1, 2**63):
        assert read_errors(bytes=value) == {"bytes": "must be from 0 to 9223372036854775807"}


def test_a_heartbeat_is_at_most_a_day_and_0_is_none() -> None:
    assert read_job(heartbeat=86_400).heartbeat == 86_400
    assert read_job(heartbeat=0) == read_job()
    assert read_errors(heartbeat=86_401) == {"heartbeat": "must be from 1 to 86400 seconds, or 0 for none"}
    assert "heartbeat" in read_errors(heartbeat=-1)


# The origin's own record


@pytest.mark.parametrize("value", [{"a": [1, "ü", None]}, [], {}, "", 0, False, "text", 10**30])
def test_the_origins_record_is_any_json(value: object) -> None:
    assert json.loads(read_job(raw=value).raw) == value


def test_a_record_of_null_is_none() -> None:
    assert read_job(raw=None).raw == ""


def test_the_origins_record_has_at_most_64_kibibytes() -> None:
    assert len(read_job(raw="x" * (65_536 - 2)).raw) == 65_536
    assert read_job(raw="ü" * 32_767).raw
    for value in ("x" * 65_535, "ü" * 32_768):
        assert read_errors(raw=value) == {
            "raw": "is longer than 65536 bytes of JSON; shorten what the origin recorded",
        }


def test_a_record_with_half_a_surrogate_pair_is_refused() -> None:
    assert "surrogate" in read_errors(raw={"name": "a\ud800"})["raw"]


# Faults


def test_a_fault_is_named_by_its_path_in_the_whole_document() -> None:
    assert FieldError("state", "x").under("[3]").field == "[3].state"
    assert FieldError("", "x").under("[3]").field == "[3]"
    assert FieldError("[3].state", "x").under("jobs").field == "jobs[3].state"


def test_an_error_reads_as_its_faults() -> None:
    error = InvalidInputError([FieldError("a", "is wrong"), FieldError("b", "too")])
    assert str(error) == "a: is wrong; b: too"


def test_no_more_faults_are_looked_for_than_are_listed() -> None:
    with pytest.raises(InvalidInputError) as caught:
        job_from_wire({f"k{number}": 1 for number in range(10_000)}, now=NOW)
    assert 100 < len(caught.value.errors) < 110
