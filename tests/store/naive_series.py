"""Questions for series, and what reading all series answers."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from naive import ORIGINS, PLANS, RESOURCES, SERVICES, TEXTS, TYPES, some

from jobreport.model.catalog import JobState
from jobreport.model.series_query import Series, SeriesFilter, SeriesKeys, SeriesSort
from long import times

LAWS = settings(max_examples=times(20), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

_ASKED = {
    "search": TEXTS,
    "services": some(SERVICES),
    "types": some(TYPES),
    "states": some(st.sampled_from(JobState)),
    "plans": some(PLANS.filter(bool)),
    "resources": some(RESOURCES.filter(bool)),
    "origins": some(ORIGINS.filter(bool)),
}


@st.composite
def filters(draw: st.DrawFn) -> SeriesFilter:
    names = draw(st.lists(st.sampled_from([*_ASKED]), max_size=3, unique=True))
    return SeriesFilter(**{name: draw(_ASKED[name]) for name in names})


def matches(one: Series, where: SeriesFilter) -> bool:
    term = where.search.casefold()
    return (
        (term in one.plan.casefold() or term in one.resource.casefold())
        and (not where.services or one.service in where.services)
        and (not where.types or one.type in where.types)
        and (not where.states or one.status.ended_state in (where.states if one.status.ended_id else ()))
        and (not where.plans or one.plan in where.plans)
        and (not where.resources or one.resource in where.resources)
        and (not where.origins or one.origin in where.origins)
    )


def in_order(every: list[Series], sort: SeriesSort) -> list[Series]:
    def key(one: Series) -> tuple[object, int]:
        name = f"{one.plan} {one.resource}".strip().casefold()
        return {
            SeriesKeys.NAME: name,
            SeriesKeys.LAST_GOOD: one.status.good_finish,
            SeriesKeys.NOT_GOOD_SINCE: one.status.not_good_since,
        }[sort.key], one.number

    found = sorted(every, key=key, reverse=sort.descending)
    if sort.key is not SeriesKeys.NOT_GOOD_SINCE:
        return found
    return [one for one in found if one.status.not_good] + [one for one in found if not one.status.not_good]


def urgency(one: Series) -> tuple[bool, int, int, int]:
    """What needs somebody first: backups before everything else, and each longest without a good copy first."""
    status = one.status
    first = 0 if status.good_finish else status.first
    return not one.type.name.endswith("Backup"), status.good_finish, first, one.number


SORTS = st.builds(SeriesSort, st.sampled_from(SeriesKeys), st.booleans())
