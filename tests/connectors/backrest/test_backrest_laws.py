"""Whatever an operation says that its message allows, it is a job that can be kept, and none is Successful unless
Backrest says so.
"""

import json
from typing import Any

from fakes.backrest.messages import MESSAGES, STATUSES, faults
from hypothesis import given
from hypothesis import strategies as st

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.backrest.operations import job_of, operation_of
from jobreport.connectors.names import without_dates
from jobreport.contract.job_fields import NAMES
from jobreport.model.catalog import JobState
from jobreport.model.job import faults as broken

TIMES = st.integers(946_684_800_000, 7_258_118_399_999).map(str)
NUMBERS = st.integers(1, 2**63 - 1).map(str) | TIMES
PLAIN = {
    "int64": NUMBERS,
    "string": st.sampled_from(["a", "ü", "\0", "a\x1b[0m\n"]) | st.text(min_size=1, max_size=9),
    "double": st.floats(0.1, 9.9),
    "bool": st.just(True),
    "OperationStatus": st.sampled_from(STATUSES[1:]),
}


def values(kind: str) -> st.SearchStrategy[Any]:
    """Gives what a type allows."""
    if kind.startswith("["):
        return st.lists(values(kind[1:]), min_size=1, max_size=2)
    if (name := kind.lstrip("|?")) in PLAIN:
        return PLAIN[name]
    declared = MESSAGES[name]
    fields = {one: st.deferred(lambda of=of: values(of)) for one, of in declared.items() if not of.startswith("|")}
    either = [st.fixed_dictionaries({one: values(of)}) for one, of in declared.items() if of.startswith("|")]
    every = st.fixed_dictionaries({}, optional=fields)
    return st.tuples(every, st.one_of(either)).map(lambda two: two[0] | two[1]) if either else every


NAMED = dict.fromkeys(("instanceId", "planId", "repoGuid", "repoId"), PLAIN["string"])
WORK = st.sampled_from(["Backup", "Restore", "Forget", "Prune", "Check", "Stats"])
WHOLE = st.tuples(
    st.fixed_dictionaries(
        {"id": NUMBERS, "unixTimeStartMs": TIMES} | NAMED, optional={"status": PLAIN["OperationStatus"]}
    ),
    WORK.flatmap(
        lambda work: values(f"Operation{work}".replace("Check", "Prune")).map(lambda one: {f"operation{work}": one})
    ),
).map(lambda two: two[0] | two[1])
"""Operations that are jobs."""


@given(WHOLE | values("Operation"))
def test_law_whatever_an_operation_says_it_is_a_job_that_can_be_kept(record: dict[str, Any]) -> None:
    assert not [*faults("Operation", record)]
    try:
        job = job_of(operation_of(record), json.dumps(record))
    except UnreadableRecordError:
        return
    if job is not None:
        assert not broken(without_dates(job), NAMES)
        assert job.state is not JobState.Successful or record.get("status") == "STATUS_SUCCESS"
