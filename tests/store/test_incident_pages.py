"""Lists of incidents: page by page all that match and no other, as a rule with the same filters chooses them."""

from collections.abc import Callable

from example_incidents import Watch
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from naive_series import LAWS

from clocks import Clock
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.incident import Incident, IncidentState
from jobreport.model.incident_query import IncidentFilter, IncidentQuery
from jobreport.model.judgement import NEEDS_SOMEBODY, Verdict
from jobreport.model.query import Position
from jobreport.store import Store
from jobreport.store.watch import incident_pages, incidents
from strategies import NOW

VERDICTS = sorted(NEEDS_SOMEBODY)
PLANS = ["nightly", "SQL hourly", "straße", ""]
CODES = st.sampled_from([ServiceType.VM, ServiceType.FileShare])
INCIDENTS = st.lists(
    st.builds(
        Incident,
        tenant=st.just(0),
        incident=st.just(""),
        series=st.just(0),
        service=CODES,
        type=st.sampled_from([JobType.Backup, JobType.FileBackup]),
        plan=st.sampled_from(PLANS),
        resource=st.sampled_from(["web-1", "WEB-2", "100%"]),
        origin=st.sampled_from(["runner/web-1", "exec/prod"]),
        connector=st.sampled_from(["", "prod"]),
        verdict=st.sampled_from(VERDICTS),
        sentence=st.just("it failed"),
        cause=st.sampled_from(["", "locked"]),
        job=st.just(""),
        opened=st.integers(NOW, NOW + 5),
        changed=st.just(NOW),
        closed=st.sampled_from([0, NOW + 9]),
        held=st.sampled_from(["", "anna"]),
    ),
    max_size=12,
)


def some(*values: object) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


FILTERS = st.builds(
    IncidentFilter,
    search=st.sampled_from(["", "web", "STRASSE", "%", "sql h"]),
    services=some(ServiceType.VM),
    types=some(JobType.Backup),
    plans=some(*PLANS[:2]),
    resources=some("web-1"),
    origins=some("exec/prod"),
    connectors=some("prod"),
    causes=some("locked"),
    verdicts=some(*VERDICTS),
    states=some(*IncidentState),
)


@LAWS
@given(found=INCIDENTS, where=FILTERS, size=st.integers(1, 5))
def test_all_pages_together_have_what_a_rule_chooses_newest_first(
    store: Store, new_tenant: Callable[[], int], found: list[Incident], where: IncidentFilter, size: int
) -> None:
    tenant = new_tenant()
    # Only one of a series is open.
    stored = [
        replace(one, tenant=tenant, incident=f"{number:016x}", series=number) for number, one in enumerate(found, 1)
    ]
    with store.writing() as transaction:
        incidents.add(transaction, stored)
    wanted = [one for one in stored if where.fits(one) and (not where.states or one.state in where.states)]
    wanted.sort(key=lambda one: (one.opened, one.incident), reverse=True)
    listed: list[Incident] = []
    after: Position | None = None
    with store.reading() as transaction:
        while True:
            page = incident_pages.find(transaction, tenant, IncidentQuery(where=where, after=after, size=size))
            assert page.total == len(wanted)
            assert len(page.incidents) <= size
            listed += page.incidents
            after = page.next
            if after is None:
                break
    assert listed == wanted


def test_the_incidents_of_a_message_are_found_by_its_id(
    store: Store, new_tenant: Callable[[], int], clock: Clock
) -> None:
    watch = Watch(store, new_tenant(), clock)
    watch.happens(Verdict.FAILING, 1, 2, cause="locked")
    watch.happens(Verdict.MISSED, 3)
    watch.look()
    by_subject = {one.message.subject[:9]: one.message.incident for one in watch.after(6)}
    with store.reading() as transaction:

        def numbers(*groups: str) -> list[int]:
            found = incident_pages.find(transaction, watch.tenant, IncidentQuery(where=IncidentFilter(groups=groups)))
            return sorted(one.series for one in found.incidents)

        assert numbers(by_subject["2 backups"]) == [1, 2]
        (third,) = incidents.of_series(transaction, watch.tenant, 3, 1)
        assert numbers(third.incident) == [3]
        assert numbers(*by_subject.values()) == [1, 2, 3]
        assert numbers("none") == []
