"""The reports that the benchmark asks for: from a seed, every mix of filters and every kind of page."""

import json
import random
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final
from urllib.parse import urlencode

from msgspec.structs import replace

from jobreport.model import ticks
from jobreport.model.catalog import GENERATION_1_SERVICES, GENERATION_1_TYPES, JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery
from jobreport.sample.history import UNTIL
from jobreport.sample.kinds import BY_HAND, NIGHTLY, UPKEEP
from jobreport.store import Store
from load import Call
from options import SEED
from servers import REPORT

PAGES: Final = ("first", "middle", "last")
Pair = tuple[ServiceType, JobType]
KINDS: Final[tuple[Pair, ...]] = tuple(dict.fromkeys((kind.service, kind.type) for kind in NIGHTLY + BY_HAND + UPKEEP))
"""Every pair of service and type that occurs in the sample data, the rarest too."""
_GENERATION_1: Final = tuple(
    (service, kind) for service, kind in KINDS if service in GENERATION_1_SERVICES and kind in GENERATION_1_TYPES
)
_LIKELY: Final = 0.8


@dataclass(frozen=True)
class Question:
    """A query, where its page lies, and how many jobs match."""

    query: JobQuery
    page: str
    total: int

    @property
    def paged(self) -> bool:
        """Whether the first page and the last are two."""
        return self.total > self.query.size


def mix(store: Store, tenant: int, number: int, *, states: bool = False) -> list[Question]:
    """`number` questions, the same for the same store: every subset of the filters, with values that occur.

    With `states` all pairs and states occur, as generation 2 can be asked; without, those that generation 1 takes.
    """
    dice = random.Random(SEED)
    names = ("services", "types", "since", "until", *(("states",) if states else ()))
    subsets = [subset for size in range(len(names) + 1) for subset in combinations(names, size)]
    if states:
        subsets = [subset for subset in subsets if "states" in subset]
    span = store_span(store, tenant)
    totals: dict[JobQuery, int] = {}
    found = []
    for count in range(number):
        query = _filters(dice, subsets[count % len(subsets)], span, KINDS if states else _GENERATION_1)
        if query not in totals:
            totals[query] = store.list_jobs(tenant, query).total
        size = 10 if dice.random() < _LIKELY else 100
        page = PAGES[dice.randrange(len(PAGES))]
        last = max(0, (totals[query] - 1) // size)
        place = {"first": 0, "middle": last // 2, "last": last}[page]
        found.append(Question(replace(query, page=place, size=size), page, totals[query]))
    dice.shuffle(found)
    return found


def store_span(store: Store, tenant: int) -> tuple[int, int]:
    """From when to when the tenant has jobs, in ticks."""
    total = store.list_jobs(tenant, JobQuery(size=1)).total
    (oldest,) = store.list_jobs(tenant, JobQuery(page=total - 1, size=1)).lines
    return oldest.start, UNTIL


def _filters(dice: random.Random, names: tuple[str, ...], span: tuple[int, int], pairs: tuple[Pair, ...]) -> JobQuery:
    service, kind = dice.choice(pairs)
    # From an hour to all there is, as likely each order of magnitude as another.
    wide = int(min(span[1] - span[0], 3600 * ticks.PER_SECOND * 10 ** (4.5 * dice.random())))
    since = dice.randrange(span[0], span[1] - wide + 1)
    if "until" not in names:  # until now: as far back as people look
        since = span[1] - wide
    values: dict[str, Any] = {
        "services": (service,),
        "types": (kind,),
        "since": since,
        "until": since + wide,
        "states": (dice.choice(list(JobState)),),
    }
    return JobQuery(where=JobFilter(**{name: values[name] for name in names}))


def body(query: JobQuery) -> bytes:
    """The query as generation 1 asks it."""
    where = query.where
    given: dict[str, Any] = {"searchText": where.search, "startTime": where.since, "finishTime": where.until}
    given |= {"serviceType": sum(where.services), "jobType": sum(where.types)}  # one of each, or none
    given = {name: value for name, value in given.items() if value}
    return json.dumps({**given, "pagination": {"pageNumber": query.page, "pageSize": query.size}}).encode()


def call(query: JobQuery, token: str) -> Call:
    """The request of the query."""
    return Call(REPORT, body(query), token)


def call_of_generation_2(query: JobQuery, token: str) -> Call:
    """The same question as generation 2 asks it, whose filters are more."""
    where = query.where
    given = [("serviceType", code.name) for code in where.services] + [("jobType", code.name) for code in where.types]
    given += [("state", code.name) for code in where.states]
    times = {"startTime": where.since, "finishTime": where.until}
    given += [(wire, str(value)) for wire, value in times.items() if value is not None]
    given += [("pageNumber", str(query.page)), ("pageSize", str(query.size))]
    return Call(f"/backup/vm/jobs?{urlencode(given)}", token=token, method="GET")


def of_text(term: str) -> JobQuery:
    """A search for a text."""
    return JobQuery(where=JobFilter(search=term))


def of_pair(service: ServiceType, kind: JobType) -> JobFilter:
    """Jobs of one service and type."""
    return JobFilter(services=(service,), types=(kind,))


def commonest(store: Store, tenant: int) -> tuple[Pair, int]:
    """The pair of service and type that most jobs have, of those that generation 1 can ask for; and how many."""
    totals = Counter(
        {
            (service, kind): store.list_jobs(tenant, JobQuery(where=of_pair(service, kind))).total
            for service, kind in _GENERATION_1
        }
    )
    return totals.most_common(1)[0]


def selective(store: Store, tenant: int, number: int) -> list[str]:
    """Texts that few jobs have: whole job IDs, names of resources, the beginnings of IDs of a day's ten minutes."""
    dice = random.Random(SEED)
    total = store.list_jobs(tenant, JobQuery(size=1)).total
    texts = []
    for count in range(number):
        job = jobs_of(store, tenant, JobQuery(page=dice.randrange(total), size=1))[0]
        # Two letters and YYYYMMDDHHM of YYYYMMDDHHMMSSmmm.
        texts.append((job.job_id, job.resource, job.job_id[:13])[count % 3])
    return texts


def jobs_of(store: Store, tenant: int, query: JobQuery, *, every: int = 1) -> list[Job]:
    """The jobs on a page, or each so-manieth of them, with all that is kept of each."""
    lines = store.list_jobs(tenant, query).lines[::every]
    found = (store.history(tenant, line.job_id) for line in lines)
    return [history.current.job for history in found if history]


def worst(store: Store, tenant: int) -> tuple[str, str]:
    """Two texts that about a third of the tenant's jobs have, judged by a sample of them: one in descriptions, which
    repeat, and one in job IDs, which do not."""
    dice = random.Random(SEED)
    size = min(1_000, total := store.list_jobs(tenant, JobQuery(size=1)).total)
    pages = [JobQuery(page=dice.randrange(max(1, total // size)), size=size) for _ in range(10)]
    jobs = [job for page in pages for job in jobs_of(store, tenant, page, every=5)]
    described, named = [job.description.casefold() for job in jobs], [job.job_id.casefold() for job in jobs]
    return _third(described, named), _third(named, described)


def _third(texts: list[str], others: list[str]) -> str:
    """The part of some text that is nearest to being in a third of them, and in none of the `others`."""
    parts = {text[at : at + size] for text in texts[::40] for size in (4, 5, 6) for at in range(len(text) - size + 1)}
    wrong = {part: abs(sum(part in text for text in texts) / len(texts) - 1 / 3) for part in parts}
    for part in sorted(parts, key=lambda part: (wrong[part], part)):
        if not any(part in text for text in others):
            return part
    raise ValueError("every part of the texts is in the others too")
