"""The clients ask for what ended in a time, by night, week and month, and why it was not good; and of each tenant."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobreport.client import JobState, RequestRefusedError
from jobreport.client.question import SUMMARY_KEYWORDS, SummaryQuestion, pairs_of
from jobreport.contract import summary
from jobreport.contract.query_language import TENANT
from jobreport.model import ticks
from jobs import job
from serving import READ, App, typed

# Start, end, state, and the first line of the comments. The nights begin at 20:00 in Berlin, which is 19:00 UTC.
RUNS = {
    "friday": ("2025-10-31T10:00:00Z", "2025-10-31T18:59:59Z", "Successful", ""),
    "saturday": ("2025-11-01T10:00:00Z", "2025-11-01T19:00:00Z", "Failed", "open /srv/1: no space left on device"),
    "sunday": ("2025-11-02T18:00:00Z", "2025-11-02T18:30:00Z", "Exception", "open /srv/2: no space left on device"),
    "monday": ("2025-11-02T20:00:00Z", "2025-11-03T09:00:00Z", "Failed", "the tape is worn"),
}
NIGHT = {"ended_since": datetime(2025, 11, 1, 19, tzinfo=UTC), "ended_until": datetime(2025, 11, 2, 19, tzinfo=UTC)}


@pytest.fixture
def filled(app: App) -> App:
    words = ("--tz", "Europe/Berlin", "--night", "20:00", "--store", app.server.store)
    assert typed("tenant", "set", app.document["tenant"], *words).returncode == 0
    answer = app.write(
        [
            job(name, startTime=begin, finishTime=end, state=state, comments=said, plan=name, bytes=1)
            for name, (begin, end, state, said) in RUNS.items()
        ]
    )
    assert answer.status_code == 200, answer.text
    return app


def ids(found: Any) -> list[str]:
    return [one.job_id for one in found]


def own_cause(asking: Any) -> str:
    """The code of the cause that no list of known ones has."""
    (job,) = asking.search(plan="monday").jobs
    assert job.cause_text == "the tape is worn"
    return str(job.cause)


def test_a_summary_is_by_night_week_or_month(filled: App, asking: Any) -> None:
    def groups(*pairs: tuple[str, str]) -> dict[str, int]:
        return {getattr(one, pairs[0][1]): one.jobs for one in asking.summary(pairs).groups}

    found = asking.summary([("by", "night")])
    assert (found.covers.night, found.covers.time_zone, found.total.jobs) == ("20:00", "Europe/Berlin", 4)
    assert groups(("by", "night")) == {"2025-10-30": 1, "2025-11-01": 2, "2025-11-02": 1}
    # Weeks and months are by the start, in the zone that is asked for.
    assert groups(("by", "week"), ("tz", "Europe/Berlin")) == {"2025-W44": 4}
    assert groups(("by", "week"), ("tz", "Asia/Tokyo")) == {"2025-W44": 2, "2025-W45": 2}
    assert groups(("by", "month")) == {"2025-10": 1, "2025-11": 3}
    assert {(one.night, one.cause): one.jobs for one in asking.summary([("by", "night,cause")]).groups} == {
        ("2025-10-30", ""): 1,
        ("2025-11-01", "no-space"): 2,
        ("2025-11-02", own_cause(asking)): 1,
    }


@pytest.mark.parametrize("form", ["datetime", "ticks", "text"])
def test_jobs_are_asked_for_by_when_they_ended(filled: App, asking: Any, form: str) -> None:
    forms = {"datetime": lambda time: time, "ticks": ticks.from_datetime, "text": datetime.isoformat}
    night = {name: forms[form](time) for name, time in NIGHT.items()}
    assert ids(asking.find(**night).jobs) == ["sunday", "saturday"]
    assert ids(asking.search(**night, state=JobState.Failed).jobs) == ["saturday"]
    assert ids(asking.iter_jobs(**night, sort="startTime", page_size=1)) == ["saturday", "sunday"]
    with asking.export(format="csv", **night) as download:
        assert download.total == 2
    assert ids(asking.find(ended_since=NIGHT["ended_until"]).jobs) == ["monday"]
    assert ids(asking.find(ended_until=NIGHT["ended_since"] - timedelta(microseconds=1)).jobs) == ["friday"]


def test_a_summary_is_asked_for_by_keywords_too(filled: App, asking: Any) -> None:
    night = asking.summary(by="night", cause=["no-space"], state=JobState.Failed)
    assert [(one.night, one.jobs) for one in night.groups] == [("2025-11-01", night.total.jobs)]
    two = asking.summary(by=("month", "state"), tz="Asia/Tokyo", with_=["objects", "last"])
    pairs = asking.summary([("by", "month,state"), ("tz", "Asia/Tokyo"), ("with", "objects,last")])
    assert (two.groups, two.total) == (pairs.groups, pairs.total)
    with pytest.raises(TypeError, match="'page_size' is no keyword of a question; there are search_text"):
        asking.summary(page_size=3)


def test_the_keywords_of_a_summary_are_its_parameters() -> None:
    known = {parameter.name for parameter in (*summary.PARAMETERS, TENANT)}
    assert {pairs_of({name: "1"}, SUMMARY_KEYWORDS)[0][0] for name in SummaryQuestion.__annotations__} == known


def test_jobs_are_asked_for_by_their_cause(filled: App, asking: Any) -> None:
    assert ids(asking.find(cause="no-space").jobs) == ["sunday", "saturday"]
    assert ids(asking.iter_jobs(cause={"no-space", own_cause(asking)}, page_size=1)) == [
        "monday",
        "sunday",
        "saturday",
    ]
    with pytest.raises(RequestRefusedError, match="did you mean no-space"):
        asking.find(cause="nospace")
    (found,) = asking.summary([("by", "cause"), ("cause", "no-space")]).groups
    assert (found.cause, found.cause_text, found.jobs) == ("no-space", "No space left", 2)
    assert asking.history("sunday")["cause"] == "no-space"


def test_a_tenant_or_each_of_a_provider_is_told_how_it_stands(
    filled: App, tenant: str, asking: Any, connect: Any
) -> None:
    (row,) = asking.tenants_summary().tenants
    assert (row.tenant, row.series, row.not_good) == (tenant, 4, 3)
    other = f"{tenant}-other"
    filled.server.app(other, READ)
    provider = filled.server.provider(tenant, other)
    rows = connect(filled.server.url, provider.client_id, provider.secret).tenants_summary().tenants
    assert [(one.tenant, one.series) for one in rows] == [(tenant, 4), (other, 0)]
