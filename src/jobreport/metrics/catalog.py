"""All metrics: their names, meanings and labels. The table in the documentation is made from this one.

Times are seconds since 1970 (UTC), 0 for never. Counters begin at 0 when the server starts. All other values are read
from the store at each request, so they are right as soon as the server answers.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import msgspec
from prometheus_client.metrics_core import Metric


class Described(msgspec.Struct, frozen=True):
    """A metric: its name, what it means, the names of its labels, and its type in the format."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    type: str = "gauge"


BUILD: Final = Described("jobreport_build_info", "The version that answers; always 1.", ("version",))
JOBS: Final = Described(
    "jobreport_jobs",
    "Jobs in the store. Fewer after a prune.",
    ("tenant", "service", "type", "state"),
)
SERIES: Final = Described(
    "jobreport_series",
    "Series by how they stand: well, waiting to be judged for the first time, or as the filter `standing` has it.",
    ("tenant", "standing"),
)
VERDICTS: Final = Described(
    "jobreport_series_verdict",
    "Series by their verdict: how they stand to what is expected of them.",
    ("tenant", "verdict"),
)
OLDEST_COPY: Final = Described(
    "jobreport_oldest_good_copy_timestamp_seconds",
    "When the oldest of the last good copies of all series was made; 0: there is none. Retired series do not count.",
    ("tenant",),
)
LAST_JOB: Final = Described(
    "jobreport_last_job_timestamp_seconds", "When the newest job began; 0: there is none.", ("tenant",)
)
LAST_REPORT: Final = Described(
    "jobreport_last_report_timestamp_seconds", "When that job was last heard of; 0: there is none.", ("tenant",)
)
LAST_SUCCESS: Final = Described(
    "jobreport_series_last_success_timestamp_seconds",
    "When the last good job of a series ended; 0: it never had one. Retired series are left out.",
    ("tenant", "service", "type", "plan", "resource", "origin"),
)
NOT_LISTED: Final = Described(
    "jobreport_series_not_listed",
    "Series beyond the limit `series` of the request: those that were good last have no "
    "jobreport_series_last_success_timestamp_seconds. 0: all are there.",
    ("tenant",),
)
COMPLETE_UNTIL: Final = Described(
    "jobreport_connector_complete_until_timestamp_seconds",
    "Until when all streams of a connector have been read without a hole; 0: one never was.",
    ("tenant", "connector", "kind"),
)
NO_DATA: Final = Described(
    "jobreport_connector_no_data",
    "1: the connector, or one of its streams, has no data; else 0.",
    ("tenant", "connector", "kind"),
)
HOLES: Final = Described(
    "jobreport_connector_holes",
    "Times whose jobs the origin deleted before anybody had read them.",
    ("tenant", "connector", "kind"),
)
WAITING: Final = Described(
    "jobreport_deliveries_waiting",
    "Messages that wait to be delivered by a channel; a channel without any is left out.",
    ("channel",),
)
OLDEST_WAITING: Final = Described(
    "jobreport_deliveries_oldest_waiting_timestamp_seconds",
    "Since when the oldest of them waits; 0: none does.",
    ("channel",),
)
NOT_DELIVERED: Final = Described(
    "jobreport_deliveries_failed",
    "Messages that were given up, of each channel that has a message waiting or given up.",
    ("channel",),
)
REQUESTS: Final = Described(
    "jobreport_http_requests",
    "Answered requests by route and status; 499: the client was gone; 0: the answer broke off.",
    ("method", "route", "status"),
    "counter",
)
DURATION: Final = Described(
    "jobreport_http_request_duration_seconds",
    "From the head of a request to the end of its answer.",
    ("method", "route"),
    "histogram",
)
COMMIT: Final = Described(
    "jobreport_commit_jobs",
    "Jobs and pings of each transaction that stored some.",
    type="histogram",
)
METRICS: Final = (
    BUILD,
    JOBS,
    SERIES,
    VERDICTS,
    OLDEST_COPY,
    LAST_JOB,
    LAST_REPORT,
    LAST_SUCCESS,
    NOT_LISTED,
    COMPLETE_UNTIL,
    NO_DATA,
    HOLES,
    WAITING,
    OLDEST_WAITING,
    NOT_DELIVERED,
    REQUESTS,
    DURATION,
    COMMIT,
)


class Families:
    """The metrics of one answer, with their values."""

    def __init__(self) -> None:
        self._families: dict[str, Metric] = {}

    def add(self, metric: Described, labels: Sequence[str], value: float) -> None:
        """Adds a value, for these values of the metric's labels."""
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        self._of(metric).add_sample(name, dict(zip(metric.labels, labels, strict=True)), value)

    def add_spread(
        self, metric: Described, labels: Sequence[str], limits: Sequence[float], groups: Sequence[int], total: float
    ) -> None:
        """Adds how many values lie in each group, whose upper limits are given; the last group has none. `total` is
        the sum of the values.
        """
        named = dict(zip(metric.labels, labels, strict=True))
        family = self._of(metric)
        for limit, number in zip((*limits, float("inf")), accumulate(groups), strict=True):
            family.add_sample(f"{metric.name}_bucket", {**named, "le": _limit(limit)}, number)
        family.add_sample(f"{metric.name}_count", named, sum(groups))
        family.add_sample(f"{metric.name}_sum", named, total)

    def _of(self, metric: Described) -> Metric:
        known = self._families.get(metric.name)
        if known is None:
            known = self._families[metric.name] = Metric(metric.name, metric.meaning, metric.type)
        return known

    def collect(self) -> list[Metric]:
        """Returns all of them, as the library's writer asks for them."""
        return [*self._families.values()]


def _limit(limit: float) -> str:
    return "+Inf" if limit == float("inf") else f"{limit:g}"
