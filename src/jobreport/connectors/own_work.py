"""Reports our own work: reading a connector, or deleting a tenant, is a job of the operator's own tenant.

So these jobs are in the summaries of the operator alone, and in no customer's success rate.
"""

from typing import Final

from jobreport.connectors.base import Kind
from jobreport.connectors.configured import OwnWork
from jobreport.connectors.names import job_id
from jobreport.connectors.stream_reader import StreamResult
from jobreport.identity.tenants import ensure
from jobreport.model import ticks
from jobreport.model.catalog import JobState, ServiceType
from jobreport.model.job import TEXT_LIMITS, Job
from jobreport.model.streams import first_of
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store

_PLAN: Final = "jobreport connectors"


def report(
    store: Store,
    kind: Kind,
    whose: str,
    streams: list[StreamResult],
    error: str,
    *,
    begun: int,
    wanted: OwnWork,
    failed_before: bool,
) -> None:
    """Stores the job of a pass that began at `begun` (ticks), if it is wanted; `whose` names the tenant and the
    connector.

    Of failures, only the first in a row is a job: the others would say the same every few minutes.
    """
    lacking = [one for one in streams if one.error]
    if wanted == "none" or (wanted == "failures" and (failed_before or not (error or lacking))):
        return
    state = JobState.Successful
    if error or lacking:
        state = JobState.Failed if error or len(lacking) == len(streams) else JobState.Exception
    said = first_of([f"{one.stream}: {one.error}" for one in lacking if one.error != error])
    job = Job(
        job_id=job_id("collect", whose, ticks.to_iso(begun)),
        service=ServiceType.Common,
        type=kind.work,
        state=state,
        start=begun,
        finish=max(begun, store.clock()),
        failed=len(lacking),
        successful=len(streams) - len(lacking),
        total=len(streams),
        comments="\n".join(filter(None, [error, *said]))[: TEXT_LIMITS["comments"]],
        description=f"Connector {whose}: reads {kind.name}",
        plan=_PLAN,
        resource=whose,
        origin=_PLAN,
    )
    store.record(ensure(store, SERVICE_NAME).number, [job])
