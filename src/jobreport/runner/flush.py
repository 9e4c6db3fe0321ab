"""Delivers the reports that wait in a spool, each to the server, the app and the tenant that it was made for."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet

import msgspec

from jobreport.runner.delivery import DeliveryError, RefusedError, Sink, TenantRefusedError
from jobreport.runner.report_file import Difference
from jobreport.runner.spool import Spool


class Flushed(msgspec.Struct, kw_only=True):
    """The result of a flush: how many reports were delivered, refused or left, and why some were left (empty: none
    was).
    """

    delivered: int = 0
    refused: int = 0
    reason: str = ""


def flush(
    spool: Spool,
    sink: Sink,
    warn: Callable[[str], None],
    *,
    ignored: AbstractSet[Difference] = frozenset(),
    skip: str = "",
    wait: float = 0,
    adopt: bool = False,
) -> Flushed:
    """Delivers each report that waits for `sink`, except that of the job `skip`. Waits up to `wait` seconds for another
    flush to end. A report for a destination that is another only in what is `ignored` is delivered, too. A report
    that names a tenant goes to this tenant, whichever one the sink is for. One that names none is sent without one, for
    the next run may be of another customer; with `adopt` it goes to the sink's tenant.

    Stops at the first report that cannot be delivered now. Safe while other flushes and runs work: a report that is
    delivered twice counts once, and only a delivered report is removed. Raises OSError if the folder cannot be used.
    """
    result = Flushed()
    sinks = {sink.tenant: sink}
    with spool.flushing(wait) as ours:
        if not ours:
            return Flushed(reason="another process is delivering them")
        spool.sweep()
        for entry in spool.entries(warn):
            if entry.job.job_id == skip:
                continue
            if differences := entry.differences(sink) - ignored:
                result.reason = result.reason or _made_for_another(entry.destination, differences)
                continue
            tenant = entry.tenant or (sink.tenant if adopt else "")
            try:
                sinks[tenant] = sinks.get(tenant) or sink.for_tenant(tenant)
                sinks[tenant].send(entry.job)
            except RefusedError as error:
                spool.refuse(entry.job, str(error))
                warn(f"the report of job {entry.job.job_id} was refused and put aside: {error}")
                result.refused += 1
            except TenantRefusedError as error:  # others may be for other tenants
                result.reason = result.reason or str(error)
            except DeliveryError as error:
                result.reason = str(error)
                break
            else:
                spool.remove(entry.job)
                result.delivered += 1
    return result


def _made_for_another(destination: str, differences: AbstractSet[Difference]) -> str:
    options = " ".join(f"--any-{difference}" for difference in sorted(differences))
    return (
        f"made for {destination}, which is not the destination that is set now; "
        f"`jobreport flush {options}` delivers it all the same, and `jobreport spool list` shows all"
    )
