"""`jobreport prune`: shows how many finished jobs are older than the time to keep them, and with --yes deletes them."""

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import click
from rich import box
from rich.table import Table

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.options.types import Span
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.console import console
from jobreport.cli.output.progress import Advance, progress
from jobreport.cli.output.tables import print_table
from jobreport.model import ticks
from jobreport.model.audit import Action, AuditEntry
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, new_unique_job_id

if TYPE_CHECKING:
    from jobreport.store import Store
    from jobreport.store.admin.prune import Due, Rule

_BEAT: Final = 60
"""Seconds between two heartbeats: reports that the job of this run is still running."""
_BREATH: Final = 0.02
"""Seconds to wait after each transaction, so that other writers are not blocked."""


@click.command()
@click.option("--keep", type=Span(), required=True, help="How long jobs are kept after their start: 400d, 2y.")
@click.option("--keep-failed", type=Span(), help="The same for Failed and Exception.  [default: as --keep]")
@click.option("--tenant", metavar="NAME", help="Only this tenant's jobs.")
@click.option("--yes", is_flag=True, help="Delete them. Without it, only says what would be deleted.")
@json_option
@store_option
def prune(keep: int, keep_failed: int | None, tenant: str | None, yes: bool, as_json: bool, store: str | None) -> None:
    """Deletes finished jobs that are older than --keep. Without --yes it only says how many.

    Jobs that have not ended stay, however old they are. The server may keep running: jobs are deleted in small steps,
    and all totals are right after each step. The deletion itself is a job in each tenant's report: Common, Retention.

    \b
    jobreport prune --keep 400d --keep-failed 3y
    jobreport prune --keep 400d --keep-failed 3y --yes
    jobreport prune --keep 90d --tenant acme --yes --json
    """
    if keep_failed is not None and keep_failed < keep:
        raise click.BadParameter("must not be shorter than --keep", param_hint="--keep-failed")
    from jobreport.store.admin.prune import Rule, due

    target = open_chosen_store(store)
    now = target.clock()
    rule = Rule(_ago(now, keep), _ago(now, keep_failed or keep))
    deletable = due(target, rule, tenant)
    if tenant is not None and not deletable:
        from jobreport.identity.tenants import no_tenant

        raise click.ClickException(no_tenant(tenant))
    deleted: dict[str, int] = {}
    if yes:
        with progress("Deleting", sum(one.jobs for one in deletable), counted=True) as advance:
            for one in deletable:
                deleted[one.name] = _prune(target, one, rule, advance, sum(deleted.values()))
    if as_json:
        click.echo(json.dumps(_document(deletable, deleted, rule), indent=2))
    else:
        _show(deletable, deleted, yes)


def _ago(now: int, seconds: int) -> int:
    return max(0, now - seconds * ticks.PER_SECOND)


def _prune(store: "Store", one: "Due", rule: "Rule", advance: Advance, before: int) -> int:
    """Deletes old jobs of the tenant and returns how many. The run itself is reported as a job, from its beginning to
    its end.
    """
    from jobreport.store import StoreError
    from jobreport.store.admin.prune import prune as prune_tenant

    start = store.clock()
    report = Job(
        job_id=new_unique_job_id(JobType.Retention, start),
        service=ServiceType.Common,
        type=JobType.Retention,
        state=JobState.InProgress,
        start=start,
        description=f"Retention: finished jobs from before {ticks.to_iso(rule.before, digits=0)}",
        plan="jobreport prune",
        origin="jobreport prune",
        heartbeat=_BEAT,
    )
    deleted = 0

    def say(**changes: Any) -> None:
        now = store.clock()
        ended = {"finish": now, "heartbeat": 0} if "state" in changes else {}
        store.record(one.tenant, [report.evolve(successful=deleted, total=deleted, observed=now, **ended, **changes)])

    say()
    said = time.monotonic()
    try:
        for jobs in prune_tenant(store, one.tenant, rule):
            deleted += jobs
            advance(before + deleted, before + deleted)
            if time.monotonic() - said > _BEAT / 2:
                say()
                said = time.monotonic()
            time.sleep(_BREATH)
    except KeyboardInterrupt:
        _note(store, one, rule, deleted)
        say(state=JobState.Stopped, comments="stopped by Ctrl-C; the same command goes on")
        raise
    except Exception as error:
        with suppress(StoreError):  # what is told is what ended it
            _note(store, one, rule, deleted)
        state = JobState.Exception if deleted else JobState.Failed
        say(state=state, comments=f"ended early: {type(error).__name__}")
        raise
    if deleted:
        _note(store, one, rule, deleted)
        say(state=JobState.Successful)
    else:
        say(state=JobState.Skipped, comments="no job is old enough")
    return deleted


def _note(store: "Store", one: "Due", rule: "Rule", deleted: int) -> None:
    """Writes into the tenant's audit log how many jobs were deleted."""
    if not deleted:
        return
    from jobreport.store.registry import audit_log

    before = {"before": ticks.to_iso(rule.before, digits=0), "failedBefore": ticks.to_iso(rule.failed_before, digits=0)}
    entry = AuditEntry(
        tenant=one.tenant,
        at=store.clock(),
        actor=actor(),
        action=Action.JobsPruned,
        target=f"tenant:{one.name}",
        detail={"jobs": deleted, **before},
    )
    with store.writing() as transaction:
        audit_log.append(transaction, entry)


def _show(found: "tuple[Due, ...]", deleted: dict[str, int], yes: bool) -> None:
    table = Table("Tenant", box=box.SIMPLE_HEAD)
    for name in ("Jobs", "Deleted" if yes else "To delete", "Oldest"):
        table.add_column(name, justify="right")
    for one in found:
        oldest = f"{ticks.local(one.oldest):%Y-%m-%d}" if one.oldest else "-"
        table.add_row(one.name, f"{one.of:,}", f"{deleted[one.name] if yes else one.jobs:,}", oldest)
    out = console()
    print_table(out, table)
    if yes:
        out.print(f"Deleted: {counted(sum(deleted.values()), 'job')}.")
    else:
        due = counted(sum(one.jobs for one in found), "job")
        out.print(f"To delete: {due}. Nothing is deleted yet; --yes does it.")


def _document(found: "tuple[Due, ...]", deleted: dict[str, int], rule: "Rule") -> dict[str, object]:
    return {
        "before": ticks.to_iso(rule.before, digits=0),
        "failedBefore": ticks.to_iso(rule.failed_before, digits=0),
        "tenants": [
            {"tenant": one.name, "jobs": one.of, "due": one.jobs, "deleted": deleted.get(one.name, 0)} for one in found
        ],
    }
