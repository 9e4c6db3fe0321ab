"""Shows how tenants stand as a table for people."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from jobreport.cli.output.series import local
from jobreport.contract.tenants_answer import TenantStanding
from jobreport.model.need import Standing


def tenant_table(tenants: Sequence[TenantStanding]) -> Table:
    """Makes a table with one row for each tenant, in the given order."""
    table = Table("Tenant", box=box.SIMPLE_HEAD)
    for name in ("Series", "Need somebody", "Not good", "Never good"):
        table.add_column(name, justify="right")
    for name in ("Oldest last good", "Last job"):
        table.add_column(name, no_wrap=True)
    for one in tenants:
        standing = one.standing or {}
        need = standing.get(Standing.NEEDS_YOU, 0) + standing.get(Standing.IN_HANDS, 0)
        bad, never, call = ("bold red3" if number else "" for number in (one.not_good, one.never_good, need))
        table.add_row(
            Text(one.tenant),
            f"{one.series:,}",
            Text(f"{need:,}" if one.standing else "?", call),
            Text(f"{one.not_good:,}", bad),
            Text(f"{one.never_good:,}", never),
            local(one.oldest_last_good) if one.oldest_last_good else "-",
            local(one.last_job) if one.last_job else Text("never", "bold red3"),
        )
    return table
