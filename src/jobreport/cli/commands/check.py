"""`jobreport check`: recounts a store, and says whether all that it keeps of its jobs, and its file, are right."""

import json
from enum import IntEnum
from typing import TYPE_CHECKING

import click
from rich import box
from rich.console import Console
from rich.table import Table

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.output.console import console
from jobreport.cli.output.tables import print_table
from jobreport.cli.output.texts import visible
from jobreport.model.audit import SERVICE, Action, AuditEntry
from jobreport.model.catalog import JobState, JobType, ServiceType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobreport.store import Store
    from jobreport.store.admin.check import CheckResult, Difference, SeriesDifference

_SHOWN = 40


@click.command()
@click.option("--repair", is_flag=True, help="Repair wrong counts, sums, series and the search index.")
@json_option
@store_option
@click.pass_context
def check(context: click.Context, repair: bool, as_json: bool, store: str | None) -> None:
    """Reads every job of a store, and checks what is kept beside the jobs: counts, sums, causes, series.

    Totals are read from these counts, so a wrong one is a wrong total. If the store is a file, it also checks that
    searches find every job, and that the file itself is whole. Ends with 0 if all is right (with --repair: if all is
    right now), otherwise with 1. The server may keep running; while something is repaired, others wait to write.

    \b
    jobreport check
    jobreport check --repair --store sqlite:////srv/jobreport/jobs.db
    jobreport check --json | jq .differences
    """
    from jobreport.store.admin import check as checking

    chosen = open_chosen_store(store)
    result = checking.check(chosen, repair=repair)
    if repair and result.repairable and not result.sound:
        _note(chosen, result)
    if as_json:
        click.echo(json.dumps(_document(result, repair), indent=2))
    else:
        _show(result, repair)
    if not result.sound and not (repair and result.repairable):
        context.exit(1)


def _note(store: "Store", result: "CheckResult") -> None:
    """Writes into the service's audit log what was repaired."""
    from jobreport.store.registry import audit_log

    entry = AuditEntry(
        tenant=SERVICE,
        at=store.clock(),
        actor=actor(),
        action=Action.StoreRepaired,
        detail={
            "counts": len(result.differences),
            "series": len({(one.tenant, one.series) for one in result.series}),
            "causes": sum(one.jobs for one in result.causes),
            "searchIndex": result.unsearchable,
        },
    )
    with store.writing() as transaction:
        audit_log.append(transaction, entry)


def _show(result: "CheckResult", repaired: bool) -> None:
    out = console()
    for fault in result.faults:
        out.print(f"The database says: {fault}")
    if result.faults:
        out.print("The store's file is damaged: put a backup in its place with jobreport restore.")
        return
    _show_days(out, result.differences)
    _show_series(out, result.series)
    for one in result.causes:
        out.print(f"Jobs of {one.tenant} with a wrong cause: {one.jobs:,}", markup=False)
    for lost in result.orphans:
        out.print(f"Jobs of {lost.tenant} whose description is lost: {lost.jobs:,}")
    if result.orphans:
        out.print("The store is damaged, and a repair cannot know: put a backup in its place with jobreport restore.")
    wrong = _wrong(result)
    verdict = "all that is kept of them is right"
    if wrong:
        verdict = f"{'repaired' if repaired else 'wrong'} numbers: {wrong:,}"
    out.print(f"Jobs: {result.jobs:,}; tenants: {result.tenants:,}; {verdict}")
    if result.unsearchable:
        out.print(f"Searches miss jobs: the search index {'was wrong, and is new' if repaired else 'is wrong'}.")
    if (wrong or result.unsearchable) and not repaired:
        out.print("jobreport check --repair sets that right.")


def _wrong(result: "CheckResult") -> int:
    """Returns how many numbers are wrong: counts, sums, fields of series, and causes of jobs."""
    return len(result.differences) + len(result.series) + sum(one.jobs for one in result.causes)


def _show_days(out: Console, differences: "Sequence[Difference]") -> None:
    if not differences:
        return
    table = Table("Tenant", "Day", "Service", "Type", "State", "What", box=box.SIMPLE_HEAD)
    table.add_column("Kept", justify="right")
    table.add_column("True", justify="right")
    for one in differences[:_SHOWN]:
        table.add_row(one.tenant, one.day, *_codes(one), one.what, f"{one.kept:,}", f"{one.true:,}")
    print_table(out, table)
    _say_more(out, differences)


def _show_series(out: Console, differences: "Sequence[SeriesDifference]") -> None:
    if not differences:
        return
    table = Table("Tenant", "Plan", "Resource", "What", "Kept", "True", box=box.SIMPLE_HEAD)
    for one in differences[:_SHOWN]:
        cells = (one.tenant, one.plan, one.resource, one.what, str(one.kept), str(one.true))
        table.add_row(*map(visible, cells))
    print_table(out, table)
    _say_more(out, differences)


def _say_more(out: Console, differences: "Sequence[object]") -> None:
    if len(differences) > _SHOWN:
        out.print(f"… and {len(differences) - _SHOWN:,} more: --json lists all")


def _codes(one: "Difference") -> tuple[str, str, str]:
    return _name(ServiceType, one.service), _name(JobType, one.type), _name(JobState, one.state)


def _name(codes: type[IntEnum], code: int) -> str:
    try:
        return "any" if code < 0 else codes(code).name
    except ValueError:
        return str(code)


def _document(result: "CheckResult", repaired: bool) -> dict[str, object]:
    return {
        "tenants": result.tenants,
        "jobs": result.jobs,
        "faults": list(result.faults),
        "differences": [
            {
                "tenant": one.tenant,
                "day": one.day,
                "serviceType": one.service,
                "jobType": one.type,
                "state": one.state,
                "what": one.what,
                "kept": one.kept,
                "true": one.true,
            }
            for one in result.differences
        ],
        "series": [
            {
                "tenant": one.tenant,
                "series": one.series,
                "plan": one.plan,
                "resource": one.resource,
                "what": one.what,
                "kept": one.kept,
                "true": one.true,
            }
            for one in result.series
        ],
        "causes": {one.tenant: one.jobs for one in result.causes},
        "repaired": _wrong(result) if repaired else 0,
        "searchIndex": "sound" if not result.unsearchable else "rebuilt" if repaired else "wrong",
        "jobsWithoutSubject": {one.tenant: one.jobs for one in result.orphans},
    }
