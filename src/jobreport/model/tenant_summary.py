"""How the series of one tenant stand together, for a provider who looks after many tenants."""

import msgspec


class TenantSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How a tenant stands. Times are ticks; 0 means that there is none.

    `series` is the number of its series, `not_good` of those whose jobs are not good now, `never_good` of those that
    never had a good job. `oldest_good` is the end of the last good job of the series that has waited longest for
    another. `last_job` is the start of its newest job, of a series or not; `last_report` is when it was last heard of.
    """

    name: str
    series: int = 0
    not_good: int = 0
    never_good: int = 0
    oldest_good: int = 0
    last_job: int = 0
    last_report: int = 0
