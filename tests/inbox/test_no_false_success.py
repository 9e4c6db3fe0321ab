"""Reports that contradict each other, or are about others than they seem: no failure is lost behind a success."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from jobreport.configuration.file import Configuration
from jobreport.inbox.report import ReportedJob, UnreadableError
from jobreport.inbox.webhooks import backrest, duplicati, pve
from jobreport.inbox.webhooks.base import Delivery, Format
from jobreport.inbox.webhooks.mapping import DocumentMapping
from jobreport.model.catalog import JobState
from stored_jobs import AT, Jobs

FAILED, EXCEPTION, SUCCESSFUL = JobState.Failed, JobState.Exception, JobState.Successful
START, END, LATER = "2026-11-22T20:00:00Z", "2026-11-22T20:10:00Z", "2026-11-22T20:10:01Z"
TABLE = """
[mapping.states]
ok = "Successful"
bad = "Failed"
"""


def mapping(fields: str, more: str = "") -> Format:
    text = f'[[mapping]]\nname = "m"\n{more}\n[mapping.fields]\n{fields}\n{TABLE}'
    (table,) = Configuration(Path("jobreport.toml"), text).tables("mapping")
    return DocumentMapping(table).read


def deliver(store: Jobs, form: Format, body: Any, at: int = AT) -> None:
    content = msgspec.json.encode(body)
    one = Delivery(method="POST", headers={}, query=(), content_type="application/json", body=content)
    store.deliver(form(one).jobs, content, at)


def states(form: Format, *bodies: Any) -> list[JobState]:
    store = Jobs()
    for number, body in enumerate(bodies):
        deliver(store, form, body, AT + number)
    return sorted(one.job.state for one in store.stored.values())


WARNED = {
    "Data": {"ParsedResult": "Warning", "BeginTime": START, "EndTime": END, "ExaminedFiles": 9, "FilesWithError": 3},
    "Extra": {"machine-id": "m", "backup-id": "DB-1", "OperationName": "Backup"},
}
RUNS = {
    "status": "Progress",
    "startedUtc": START,
    "reportedUtc": LATER,
    "operation": "Backup",
    "metadata": {"machineId": "m", "backupId": "DB-1"},
}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("before", [[], [RUNS]])
def test_the_report_of_duplicati_counts_before_a_status_that_tells_no_result(order: Any, before: list[Any]) -> None:
    both = (WARNED, RUNS | {"status": "Completed"})
    assert states(duplicati.read, *before, *(both[number] for number in order)) == [EXCEPTION]


def test_a_success_of_duplicati_whose_log_has_errors_is_none() -> None:
    told = WARNED | {"Data": {"ParsedResult": "Success"}, "LogLines": ["2026-11-22 - [Error-Main-Full]: disk full"]}
    assert states(duplicati.read, told) == [EXCEPTION]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_end_of_backrest_that_does_not_tell_how_undoes_no_error(order: tuple[int, int]) -> None:
    hook = {"backrest": "1", "task": "backup x", "repo": "r", "repoGuid": "g", "plan": "p", "took": 60_000_000}
    at = {"at": 1_763_840_000_000_000}
    both = (
        hook | at | {"event": "CONDITION_SNAPSHOT_ERROR", "error": "no space"},
        hook | at | {"event": "CONDITION_SNAPSHOT_END"},
    )
    assert states(backrest.read, *(both[number] for number in order)) == [FAILED]


def test_guests_of_proxmox_whose_backups_end_in_the_same_second_are_two_jobs() -> None:
    def vzdump(guest: int, word: str, severity: str) -> dict[str, Any]:
        table = f"VMID    Name    Status    Time    Size    Filename\n{guest}    a    {word}    1s    1 GiB    f\n"
        told = {"title": "vzdump backup status (pve1): backup ended", "message": table, "severity": severity}
        return told | {"timestamp": 1_763_840_000, "fields": {"type": "vzdump", "hostname": "pve1"}}

    assert states(pve.read, vzdump(100, "err", "error"), vzdump(101, "ok", "info")) == [SUCCESSFUL, FAILED]


def test_the_same_part_of_two_hosts_documents_is_two_jobs() -> None:
    form = mapping('state = "root().status"\nresource = "root().host"', 'each = "jobs"')
    hosts = ({"host": host, "status": status, "jobs": [{"n": 1}]} for host, status in (("a", "bad"), ("b", "ok")))
    assert states(form, *hosts) == [SUCCESSFUL, FAILED]


def test_a_run_alone_in_a_list_is_the_same_beside_others() -> None:
    form = mapping('state = "state"\nfinish = "end"', 'each = "runs"')
    first, second = {"state": "bad", "end": START}, {"state": "ok", "end": END}
    assert states(form, {"runs": [first]}, {"runs": [first, second]}) == [SUCCESSFUL, FAILED]


def test_an_end_that_is_as_old_as_a_failure_does_not_undo_it() -> None:
    form = mapping('state = "state"\nkey = "id"\nfinish = "end"')
    ok, bad = ({"id": "r", "state": state, "end": END} for state in ("ok", "bad"))
    assert states(form, ok, bad, ok) == [FAILED]
    assert states(form, bad, ok | {"end": LATER}) == [SUCCESSFUL]


def test_a_key_that_several_runs_have_is_told_and_no_failure_hidden() -> None:
    form = mapping('state = "state"\nkey = "root().id"\nresource = "host"', 'each = "runs"')
    runs = [{"host": "a", "state": "bad"}, {"host": "b", "state": "ok"}]
    with pytest.raises(UnreadableError, match="key: 'night' is that of several runs"):
        states(form, {"id": "night", "runs": runs})
    assert states(form, {"id": "night", "runs": [runs[0], runs[0]]}) == [FAILED]


@pytest.mark.parametrize("body", [{}, {"runs": None}, {"tasks": [{"state": "bad"}]}])
def test_a_list_that_is_not_there_is_not_a_list_without_failures(body: Any) -> None:
    form = mapping('state = "state"', 'each = "runs"')
    assert states(form, {"runs": []}) == []
    with pytest.raises(UnreadableError, match="each: runs finds nothing"):
        states(form, body)


@pytest.mark.parametrize("errors", [0.6, 7, "some", True])
def test_failures_that_cannot_be_counted_have_no_default(errors: Any) -> None:
    text = 'state = "state"\nfailed = "length(errors)"\n[mapping.defaults]\nfailed = "0"'
    assert states(mapping(text), {"state": "ok", "errors": errors}) == [EXCEPTION]
    assert states(mapping('state = "state"\nfailed = "errors"'), {"state": "ok", "errors": errors}) == [EXCEPTION]


@pytest.mark.parametrize("end", ["1970-01-01T00:00:00Z", "20261123", "1999-12-31T23:59:59Z", 1, "0001-01-01T00:00Z"])
def test_a_failure_does_not_lie_in_a_year_that_nobody_looks_at(end: Any) -> None:
    store = Jobs()
    deliver(store, mapping('state = "state"\nfinish = "end"'), {"state": "bad", "end": end})
    assert (store.only.job.state, store.only.job.finish) == (FAILED, AT)
    other = Jobs()
    other.deliver([ReportedJob(state=FAILED, key="r", start=1, finish=621_355_968_000_000_001, observed=1)], b"")
    assert (other.only.job.finish, other.only.job.observed) == (AT, AT)
