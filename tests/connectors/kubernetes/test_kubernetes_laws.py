"""Whatever an object says, it is a job that can be kept, and none is Successful of which nobody said so."""

import json
from typing import Any

import msgspec
import pytest
from fakes.kubernetes_objects import metadata
from fakes.kubernetes_schema import CRDS, is_valid
from fakes.kubernetes_server import KINDS
from hypothesis import given
from hypothesis import strategies as st
from kubernetes_records import ABOUT, ENTRIES

from jobreport.connectors.base import Look
from jobreport.connectors.kinds.kubernetes.jobs import JobMaker
from jobreport.contract.job_fields import NAMES
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job, faults

NOW = ticks.from_iso("2026-11-30T00:00:00Z")
STATES = {
    "backups.postgresql.cnpg.io": ["completed", "failed", "running", "other"],
    "backups.longhorn.io": ["", "Completed", "Error", "InProgress", "Unknown", "Deleting", "other"],
    "systembackups.longhorn.io": ["", "Ready", "Error", "Uploading", "other"],
}
GOOD = {"Completed", "completed", "Ready"}
TIMES = st.integers(0, 10**6).map(lambda seconds: ticks.to_iso(NOW + (seconds - 10**6) * ticks.PER_SECOND, digits=0))
TEXTS = st.one_of(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), TIMES)


def values(type_: Any) -> st.SearchStrategy[Any]:
    """Gives what the schema of a field allows."""
    match type_:
        case {"?": inner}:
            return st.none() | values(inner)
        case {"*": inner}:
            return st.dictionaries(st.sampled_from(["RecurringJob", "other"]), values(inner), max_size=2)
        case dict():
            fields = {name.rstrip("!"): values(inner) for name, inner in type_.items()}
            required = {name: one for name, one in fields.items() if f"{name}!" in type_}
            return st.fixed_dictionaries(
                required, optional={name: one for name, one in fields.items() if name not in required}
            )
        case [inner]:
            return st.lists(values(inner), max_size=2)
    plain = {"text": TEXTS, "int": st.integers(0, 2**40), "bool": st.booleans(), "time": TIMES, "any": st.none()}
    name = type_.removeprefix("?")
    known = plain[name] if name in plain else st.sampled_from(name.split("|"))
    return known if name == type_ else st.none() | known


def statuses(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    schema = CRDS[kind]["status"]
    said = {"phase" if "phase" in schema else "state": st.sampled_from(STATES[kind])} if kind in STATES else {}
    fields = {name: values(type_) for name, type_ in schema.items()} | said
    return st.fixed_dictionaries({}, optional=fields)


RECORDS = {kind: st.tuples(values(CRDS[kind].get("spec", CRDS[kind].get("spec!"))), statuses(kind)) for kind in ENTRIES}


def told(kind: str, record: dict[str, Any], look: Look) -> list[Job]:
    job = JobMaker(ENTRIES[kind], ABOUT, look).job(msgspec.Raw(json.dumps(record).encode()))
    return [job] if job else []


@pytest.mark.parametrize("kind", ENTRIES)
@given(data=st.data())
def test_whatever_an_object_says_it_is_a_job_that_can_be_kept(kind: str, data: st.DataObject) -> None:
    spec, status = data.draw(RECORDS[kind])
    record = {"apiVersion": "v1", "kind": KINDS[kind.partition(".")[0]], "metadata": metadata("velero", "a", 0)}
    record |= {"spec": spec, "status": status}
    is_valid(kind, record)
    first = told(kind, record, Look(since=0, now=NOW))
    for job in first:
        assert not faults(job, NAMES)
        said = status.get("phase", status.get("state"))
        assert job.state is not JobState.Successful or said in GOOD
        again = told(kind, record, Look(since=0, now=NOW + ticks.PER_DAY, unfinished=first, state={job.job_id: NOW}))
        assert [one.evolve(observed=0) for one in again] == first
