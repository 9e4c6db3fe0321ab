"""Reads the metrics of tenants' jobs, series and connectors from one snapshot of the store."""

from collections.abc import Collection

from jobreport.metrics import catalog
from jobreport.metrics.catalog import Families
from jobreport.metrics.shares import shares
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.judgement import Verdict
from jobreport.store import Store, Transaction
from jobreport.store.query import standings
from jobreport.store.query.job_numbers import job_numbers
from jobreport.store.query.series.last_successes import last_successes, oldest_copy
from jobreport.store.registry import connector_freshness, tenants
from jobreport.store.registry.tenants import TenantStatus
from jobreport.store.watch import deliveries
from jobreport.watch.numbers import Numbers, numbers_of, verdicts_of
from jobreport.watch.series_now import special


def tell(families: Families, store: Store, only: Collection[int] | None, most: int) -> None:
    """Adds all that the store says of the active tenants: `only` of these numbers, or of all if it is None. At most so
    many series are told one by one.
    """
    now = store.clock()
    with store.reading() as transaction:
        listed = tenants.list_tenants(transaction)
        known = {
            one.number: one
            for one in listed
            if one.status is TenantStatus.ACTIVE and (only is None or one.number in only)
        }
        names = {number: one.name for number, one in known.items()}
        _jobs(families, transaction, names)
        specials = special(transaction, known.values(), now)
        standing = numbers_of(transaction, specials)
        _series(families, transaction, names, standing, most)
        for tenant, counts in verdicts_of(transaction, specials, standing).items():
            for verdict in Verdict:
                families.add(catalog.VERDICTS, (names[tenant], verdict), counts[verdict])
        _connectors(families, transaction, names, now)
        for one in standings.begin(transaction, names, now)():
            families.add(catalog.LAST_JOB, (one.name,), seconds(one.last_job))
            families.add(catalog.LAST_REPORT, (one.name,), seconds(one.last_report))


def tell_deliveries(families: Families, store: Store) -> None:
    """Adds how the delivery of messages stands, of all tenants together."""
    with store.reading() as transaction:
        backlog = deliveries.backlog(transaction)
    for channel, one in backlog.items():
        families.add(catalog.WAITING, (channel,), one.waiting)
        families.add(catalog.OLDEST_WAITING, (channel,), seconds(one.oldest))
        families.add(catalog.NOT_DELIVERED, (channel,), one.failed)


def _jobs(families: Families, transaction: Transaction, names: dict[int, str]) -> None:
    for tenant, numbers in job_numbers(transaction, names).items():
        for service, kind, state, jobs in numbers:
            codes = ServiceType(service).name, JobType(kind).name, JobState(state).name
            families.add(catalog.JOBS, (names[tenant], *codes), jobs)


def _series(
    families: Families,
    transaction: Transaction,
    names: dict[int, str],
    standing: dict[int, Numbers],
    most: int,
) -> None:
    sizes = {tenant: numbers.series for tenant, numbers in standing.items()}
    for tenant, share in shares(sizes, most).items():
        name, numbers = names[tenant], standing[tenant]
        for word, number in numbers.words.items():
            families.add(catalog.SERIES, (name, word), number)
        families.add(catalog.OLDEST_COPY, (name,), seconds(oldest_copy(transaction, tenant, numbers.retired)))
        for _, service, kind, *texts, good in last_successes(transaction, tenant, share, numbers.retired):
            codes = ServiceType(service).name, JobType(kind).name
            families.add(catalog.LAST_SUCCESS, (name, *codes, *texts), seconds(good))
        families.add(catalog.NOT_LISTED, (name,), sizes[tenant] - share)


def _connectors(families: Families, transaction: Transaction, names: dict[int, str], now: int) -> None:
    for one in connector_freshness.of_each(transaction, names, now):
        labels = names[one.tenant], one.connector, one.kind
        families.add(catalog.COMPLETE_UNTIL, labels, seconds(one.complete_until))
        families.add(catalog.NO_DATA, labels, int(one.no_data))
        families.add(catalog.HOLES, labels, one.holes)


def seconds(time: int) -> float:
    """Returns a time in ticks as seconds since 1970; 0 for never."""
    return (time - ticks.UNIX_EPOCH) / ticks.PER_SECOND if time else 0.0
