"""A query for incidents, as a value: filters and page. And the page that answers it.

The same filters say in a rule which incidents somebody hears of.
"""

import msgspec

from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.incident import Incident, IncidentState
from jobreport.model.job import fold
from jobreport.model.judgement import Verdict
from jobreport.model.query import DEFAULT_PAGE_SIZE, Position


class IncidentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The filters of a query for incidents. An incident must pass all of them. An empty filter does nothing.

    If a filter has several values, an incident must have one of them. `search` must be in the plan, or in the resource;
    the case does not matter. `groups` are IDs of groups in which it was told, or of incidents themselves.
    """

    search: str = ""
    services: tuple[ServiceType, ...] = ()
    types: tuple[JobType, ...] = ()
    plans: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    connectors: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    states: tuple[IncidentState, ...] = ()
    groups: tuple[str, ...] = ()

    def fits(self, one: Incident) -> bool:
        """Whether an incident passes all filters but those of states and groups, which a rule does not have."""
        term = fold(self.search)
        return (
            _among(one.service, self.services)
            and _among(one.type, self.types)
            and _among(one.plan, self.plans)
            and _among(one.resource, self.resources)
            and _among(one.origin, self.origins)
            and _among(one.connector, self.connectors)
            and _among(one.cause, self.causes)
            and _among(one.verdict, self.verdicts)
            and (not term or term in fold(one.plan) or term in fold(one.resource))
        )


class IncidentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query: filters and a page, newest first. The page begins `after` a position: when an incident was opened, and
    its ID.
    """

    where: IncidentFilter = IncidentFilter()
    after: Position | None = None
    size: int = DEFAULT_PAGE_SIZE


class IncidentPage(msgspec.Struct, frozen=True):
    """The answer to an `IncidentQuery`: the exact total of all that match, and those on the page.

    `next` is the position after which the next page begins; None on the last page.
    """

    total: int
    incidents: tuple[Incident, ...]
    next: Position | None


def _among(value: object, wanted: tuple[object, ...]) -> bool:
    return not wanted or value in wanted
