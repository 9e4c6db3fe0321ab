"""`jobreport sample-data`: fills a store with the made-up history of companies, for demonstrations and measurements."""

import json
import shlex
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import click

from jobreport import settings
from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import Number
from jobreport.cli.options.environment import on_command_line
from jobreport.cli.options.moment import Moment
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.output.progress import progress
from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.sample.history import UNTIL, history

if TYPE_CHECKING:
    from jobreport.store import Store

_BATCH: Final = 10_000
_NAME: Final = "sample-{}"


@click.command("sample-data")
@click.option(
    "--jobs", "number", type=Number(1, 100_000_000), default=100_000, help="How many jobs, of all tenants together."
)
@click.option(
    "--tenants", type=Number(1, 1000), default=4, help="How many tenants: sample-1 is the largest, and so on."
)
@click.option("--seed", type=Number(), default=7, metavar="N", help="Another number gives other jobs.")
@click.option(
    "--until",
    type=Moment(),
    help=f"When the history ends.  [default: now; with --store, {ticks.to_iso(UNTIL, digits=0)}]",
)
@json_option
@store_option
def sample_data(number: int, tenants: int, seed: int, until: int | None, as_json: bool, store: str | None) -> None:
    """Fills a store with invented jobs of some companies, for demonstrations and measurements.

    Without --store it makes a store of its own, sample.db, whose history goes up to now, and says how to see it and how
    to remove it. The store of an installed service, or of JOBREPORT_STORE, is not touched.

    All services, types and states occur, from some thousand jobs on; nights are busy, some days are bad, and the
    companies grow. The same options give the same jobs, so a second run changes nothing.

    \b
    jobreport sample-data
    jobreport sample-data --store sqlite:////tmp/sample.db
    jobreport sample-data --jobs 1000000 --tenants 4 --seed 7 --until now --store sqlite:////tmp/sample.db
    jobreport jobs --store sqlite:////tmp/sample.db --tenant sample-1 --state Failed
    """
    from jobreport.store import shown

    named = store if on_command_line("store") else None
    url = named or settings.default_store("sample.db")
    target = open_chosen_store(url, create=True)
    started = time.perf_counter()
    created = _fill(target, number, tenants, seed, until or (UNTIL if named else now_ticks()))
    seconds = time.perf_counter() - started
    if as_json:
        names = [_NAME.format(count + 1) for count in range(tenants)]
        click.echo(json.dumps({"jobs": number, "created": created, "tenants": names, "seconds": round(seconds, 3)}))
        return
    click.echo(f"{created:,} of {number:,} jobs were new; {seconds:.1f} s, {number / seconds:,.0f} jobs a second.")
    click.echo(f"The tenants are {_NAME.format(1)} to {_NAME.format(tenants)}.")
    click.echo(f"To see it:     jobreport jobs --store {shlex.quote(shown(url))} --tenant {_NAME.format(1)}")
    if not named:
        click.echo(f"To remove it:  rm {shlex.quote(unquote(urlsplit(url).path[1:]))}*")


def _fill(store: "Store", number: int, tenants: int, seed: int, until: int) -> int:
    """Records the made-up jobs in batches, and returns how many of them were new."""
    from jobreport.identity.tenants import ensure

    by = actor()
    keys = {count + 1: ensure(store, _NAME.format(count + 1), by=by).number for count in range(tenants)}
    waiting: defaultdict[int, list[Job]] = defaultdict(list)
    created = done = 0
    with progress("Recording", number, counted=True) as advance:

        def send(tenant: int) -> None:
            nonlocal created, done
            created += store.record(keys[tenant], waiting[tenant]).created
            done += len(waiting.pop(tenant))
            advance(done, done)

        for tenant, jobs in history(number, tenants, seed, until):
            waiting[tenant] += jobs
            if len(waiting[tenant]) >= _BATCH:
                send(tenant)
        for tenant in sorted(waiting):
            send(tenant)
    return created
