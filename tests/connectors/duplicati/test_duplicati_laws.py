"""Whatever a row of the log says, it is a job that can be kept, or is refused with words; and none is Successful unless
Duplicati says so.
"""

import json
from typing import Any

from fakes.duplicati.answers import OPERATIONS, RESULTS
from fakes.duplicati.duplicati_server import result
from hypothesis import given
from hypothesis import strategies as st

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.duplicati.records import Backup, Row, job_of
from jobreport.connectors.names import without_dates
from jobreport.contract.job_fields import NAMES
from jobreport.model.catalog import JobState
from jobreport.model.job import faults
from strategies import NOW

TEXTS = st.sampled_from(["a", "ü", "\0", "a\x1b[0m\n"]) | st.text(max_size=9)
FIELDS = {
    "MainOperation": st.sampled_from(OPERATIONS),
    "ParsedResult": st.sampled_from(RESULTS),
    **dict.fromkeys(("Interrupted", "PartialBackup", "Dryrun"), st.booleans()),
    **dict.fromkeys(
        (
            "ExaminedFiles",
            "FilesWithError",
            "NotProcessedFiles",
            "TooLargeFiles",
            "SizeOfExaminedFiles",
            "RestoredFiles",
        ),
        st.integers(-1, 2**63 - 1),
    ),
    **dict.fromkeys(("BeginTime", "EndTime"), st.sampled_from(["0001-01-01T00:00:00", "2026-03-02T22:00:01Z", "9"])),
    **dict.fromkeys(("Errors", "Warnings"), st.none() | st.lists(TEXTS, max_size=2)),
    "Message": st.none() | TEXTS,
}
RESULT = st.fixed_dictionaries({}, optional=FIELDS).map(lambda fields: result(NOW) | fields)
ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | TEXTS, st.lists, max_leaves=3)
MESSAGES = RESULT.map(json.dumps) | st.dictionaries(st.sampled_from([*FIELDS]), ANYTHING).map(json.dumps) | TEXTS
BACKUPS = st.builds(Backup, number=st.just("DB-2"), name=TEXTS, machine_id=TEXTS, machine=TEXTS)


@given(MESSAGES, BACKUPS)
def test_law_whatever_a_row_says_it_is_a_job_that_can_be_kept(message: str, backup: Backup) -> None:
    try:
        job = job_of(Row(7, 1_772_489_071, "Result", message), backup)
    except UnreadableRecordError:
        return
    if job is not None:
        assert not faults(without_dates(job), NAMES)
        told: dict[str, Any] = json.loads(message)
        assert job.state is not JobState.Successful or told["ParsedResult"] == "Success"
