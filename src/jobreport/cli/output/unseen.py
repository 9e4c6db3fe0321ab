"""What connectors cannot see, told on standard error beside a report: what failed there would not be in it.

Standard output and exit code stay as they are, so that no script has to know of it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from jobreport.cli.output.texts import visible
from jobreport.cli.output.warning import warn
from jobreport.contract.completeness import Completeness
from jobreport.model.streams import first_of

if TYPE_CHECKING:
    from jobreport.client import ConnectorItem, ConnectorsAnswer, JobReportClient
    from jobreport.store import Store

_LATE: Final = timedelta(hours=1)
"""A report that is complete until then or later has no hole: an origin remembers a job for longer."""


def unseen_by_server(client: "JobReportClient", seen: Completeness | None) -> list[str]:
    """Returns in sentences what the connectors of a server cannot see, whose report says that it is `seen` so far.

    The server is asked once more, and only where its report says that something is missing.
    """
    from jobreport.client import JobReportError

    if not _is_late(seen):
        return []
    try:
        return _sentences(client.connectors())
    except JobReportError:  # it has no such call, or cannot answer now; the report itself came
        return [f"the connector {visible(name)} has no data" for name in seen.no_data] if seen else []


def unseen_in_store(store: "Store", tenant: int) -> list[str]:
    """Returns in sentences what the connectors of a tenant cannot see."""
    from jobreport.contract.connectors_answer import connectors_answer
    from jobreport.model import ticks
    from jobreport.store.registry import connector_freshness, connectors

    now = store.clock()
    with store.reading() as transaction:
        until = connector_freshness.complete_until(transaction, [tenant]).get(tenant)
        lacking = connector_freshness.without_data(transaction, [tenant], now).get(tenant, [])
        if until is None or not _is_late(Completeness(ticks.to_datetime(until), tuple(lacking))):
            return []
        return _sentences(connectors_answer(connectors.standings(transaction, tenant), now))


def tell(unseen: list[str]) -> None:
    """Says each sentence on standard error; of very many only the first, and how many more there are."""
    for sentence in first_of(unseen):
        warn(f"not all is seen: {sentence}")


def _is_late(seen: Completeness | None) -> bool:
    return seen is not None and (bool(seen.no_data) or seen.until < datetime.now(UTC) - _LATE)


def _sentences(answer: "ConnectorsAnswer") -> list[str]:
    return [sentence for one in answer.connectors for sentence in _of(one)]


def _of(connector: "ConnectorItem") -> Iterable[str]:
    blind = [one for one in connector.streams if one.no_data]
    name = visible(connector.name)
    if blind:
        more = f"; and {len(blind) - 1:,} more of its streams" if len(blind) > 1 else ""
        first = max(blind, key=lambda one: one.jobs > 0)  # what has told of jobs is missed most
        yield f"the connector {name}, {visible(first.stream)}: {visible(first.no_data)}{more}"
    elif connector.error and not connector.streams:
        yield f"the connector {name}: no data yet: {visible(connector.error)}"
    for stream in connector.streams:
        for hole in stream.holes:
            yield (
                f"what ran from {hole.begins} to {hole.ends} in {visible(stream.stream)} of the connector {name}: its "
                f"origin forgot it before anybody looked (jobreport connectors acknowledge {name} ends this)"
            )
