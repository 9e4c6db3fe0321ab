"""`jobreport expect`: what is expected of series, and which expectation counts for one of them and why."""

import json
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.config import config_option, configuration, configured
from jobreport.cli.options.expectations import expectation_of, expectation_options, wrong
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.cli.output.amounts import counted
from jobreport.model.errors import InvalidInputError

if TYPE_CHECKING:
    from jobreport.model.expectation import Expectation
    from jobreport.store import Store
    from jobreport.watch.suggestions import Suggestion

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


@click.group()
def expect() -> None:
    """Expectations: how old the last good copy of series may become, and when runs of them are due.

    PATTERN says to which series it applies: plan=laptop-* service=FileShare, with the fields service, type, plan,
    resource and origin; * stands for any characters. A word alone is a pattern of plans, and all stands for all series.
    The most specific expectation counts: jobreport expect explain says which and why.
    """


def _of_tenant(function: F) -> F:
    tenant = click.option("--tenant", default="default", show_default=True, help="Whose series they are.")
    return tenant(json_option(store_option(function)))


@expect.command("set")
@click.argument("pattern", metavar="PATTERN")
@expectation_options
@_of_tenant
def set_(pattern: str, tenant: str, as_json: bool, store: str | None, **options: Any) -> None:
    """Sets what is expected of all series that fit, in the place of what was set for the same PATTERN.

    Runs are due by lines of cron, by calendar events of systemd, or so long after the one before. One that did not
    start when its grace has passed is in the report, as a job that failed.

    \b
    jobreport expect set all --age 26h
    jobreport expect set "plan=nightly" --cron "0 2 * * *" --tz Europe/Berlin --grace 1h
    jobreport expect set "plan=sql-* service=SQL" --every 4h --age 8h
    """
    from jobreport.identity.tenants import readable
    from jobreport.watch import expectations

    wanted = expectation_of(pattern, options)

    def replaced(chosen: "Store") -> "tuple[Expectation | None, Expectation]":
        own = {one.name: one for one in readable(chosen, tenant).own}
        done = expectations.put(chosen, tenant, wanted, by=actor())
        return own.get(done.name), done

    before, done = _do(store, replaced)
    _say([done], tenant, as_json)
    if before and expectations.says(before) != expectations.says(done):
        # Whoever adds a window or an age by it must see that the schedule is gone.
        click.echo(f"jobreport: that is all now. Before it was: {expectations.says(before)}", err=True)


@expect.command("list")
@_of_tenant
def list_(tenant: str, as_json: bool, store: str | None) -> None:
    """Lists what is expected of a tenant's series, the most specific first.

    \b
    jobreport expect list --tenant acme
    """
    from jobreport.identity.tenants import readable

    found = _do(store, lambda chosen: readable(chosen, tenant).expectations)
    _say(sorted(found, key=lambda one: (one.rank, one.name), reverse=True), tenant, as_json)


@expect.command()
@click.argument("name", metavar="NAME")
@_of_tenant
def remove(name: str, tenant: str, as_json: bool, store: str | None) -> None:
    """Removes an expectation. The next less specific one counts, or the default.

    \b
    jobreport expect remove plan-nightly --tenant acme
    """
    from jobreport.watch import expectations

    _do(store, lambda chosen: expectations.remove(chosen, tenant, name, by=actor()))
    click.echo(json.dumps({"tenant": tenant, "removed": name}) if as_json else f"{name} is expected no more.")


@expect.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@config_option
@json_option
@store_option
def apply(dry_run: bool, config: str | None, as_json: bool, store: str | None) -> None:
    """Applies the tables [[expectation]] of jobreport.toml, whole: sets what stands there, and removes what an earlier
    file had besides. What was set otherwise stays.

    \b
    jobreport expect apply --dry-run
    """
    from jobreport.watch import declared

    file = configuration(config)
    if file.path is None:
        raise click.ClickException(
            "there is no jobreport.toml, here or in the folder of the service: say which by --config. A file without "
            "[[expectation]] removes what an earlier one set."
        )
    wanted = configured(lambda: declared.declared(file))
    if dry_run:
        done = _do(store, lambda chosen: [*declared.steps(chosen, wanted)])
    else:
        done = _do(store, lambda chosen: declared.apply(chosen, wanted, by=actor()))
    if as_json:
        steps = [{"step": one.what, "tenant": one.tenant, "name": one.name, "says": one.words} for one in done]
        click.echo(json.dumps({"dryRun": dry_run, "steps": steps}))
        return
    for one in done:
        click.echo(f"{one.what} {one.name} of {one.tenant}: {one.words}")
    click.echo(f"{counted(len(done), 'change')}{', none of them made' if dry_run and done else ''}.")


@expect.command()
@click.option(
    "--accept",
    multiple=True,
    metavar="PATTERN",
    help="Set what is suggested for this PATTERN; all for everything. Can be repeated.",
)
@_of_tenant
def suggest(accept: tuple[str, ...], tenant: str, as_json: bool, store: str | None) -> None:
    """Suggests schedules: when series usually run of which nobody has said it, from their last 30 runs; or an age,
    where their hour moves on. Nothing is set unless you accept it.

    \b
    jobreport expect suggest --tenant acme
    jobreport expect suggest --tenant acme --accept plan=nightly
    """
    from jobreport.identity.tenants import readable
    from jobreport.watch import expectations
    from jobreport.watch.suggestions import suggestions

    def found(chosen: "Store") -> "list[Suggestion]":
        with chosen.reading() as transaction:
            return suggestions(transaction, readable(chosen, tenant), chosen.clock())

    listed = _do(store, found)
    if not accept:
        _say([one.expectation for one in listed], tenant, as_json)
        if not listed and not as_json:
            click.echo("Nothing: no series without a schedule runs as regularly as that.")
        return
    by_pattern = {one.pattern: one.expectation for one in listed}
    if unknown := [one for one in accept if one != "all" and one not in by_pattern]:
        raise click.ClickException(f"nothing is suggested for {unknown[0]!r}: jobreport expect suggest lists what is.")
    wanted = [one for pattern, one in by_pattern.items() if pattern in accept or "all" in accept]
    done = _do(store, lambda chosen: [expectations.put(chosen, tenant, one, by=actor()) for one in wanted])
    _say(done, tenant, as_json)


@expect.command()
@click.argument("series", metavar="ID")
@_of_tenant
def explain(series: str, tenant: str, as_json: bool, store: str | None) -> None:
    """Says which expectations count for a series, why, and how it stands to them. ID is its number or its key.

    \b
    jobreport expect explain 7 --tenant acme
    """
    from jobreport.watch.explaining import explained

    found = _do(store, lambda chosen: explained(chosen, tenant, series))
    if as_json:
        click.echo(json.dumps({"tenant": tenant, **found.document}))
    else:
        click.echo("\n".join(found.lines))


@expect.command(context_settings={"allow_interspersed_args": False})
@click.option("--tenant", default="default", show_default=True, help="Whose series they are.")
@store_option
@click.argument("name", metavar="NAME")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
def units(tenant: str, store: str | None, name: str, command: tuple[str, ...]) -> None:
    """Prints how the schedule of an expectation is set up where its backups run: the systemd timer, the line of cron,
    and the task of Windows. COMMAND is the backup; jobreport run is put before it.

    \b
    jobreport expect units plan-nightly -- restic -r /srv/repo backup /home --json
    """
    from jobreport.model.expectation import is_open
    from jobreport.watch.expectations import named
    from jobreport.watch.units import units as units_of

    # What follows NAME belongs to the command, whose own options are not ours to read.
    command = command[1:] if command[:1] == ("--",) else command
    if command and command[0].startswith("-"):
        raise click.UsageError(f"options stand before NAME: jobreport expect units {command[0]} … {name} -- COMMAND")

    def found(chosen: "Store") -> "tuple[Expectation, str]":
        from jobreport.identity.tenants import readable

        whose = readable(chosen, tenant)
        return named(whose, name), whose.night.zone

    one, zone = _do(store, found)
    if not one.is_schedule:
        raise click.ClickException(f"{name} says no schedule: give it --cron, --calendar or --every.")
    plan = ["--plan", one.plan] if one.plan and not is_open(one.plan) else []
    words = ["jobreport", "run", *plan, "--", *(command or ["COMMAND"])]
    printed = units_of(one, zone, shlex.join(words))
    for title, lines in (("systemd", printed.systemd), ("cron", printed.cron), ("Windows", printed.windows)):
        click.echo("\n".join((f"# {title}", *lines, "")))


def _do(store: str | None, work: "Callable[[Store], T]") -> T:
    from jobreport.identity.tenants import TenantError
    from jobreport.watch.expectations import ExpectationError

    try:
        return work(open_chosen_store(store))
    except InvalidInputError as error:
        raise wrong(error) from None
    except (ExpectationError, TenantError) as error:
        raise click.ClickException(f"{error}.") from None


def _say(found: "list[Expectation]", tenant: str, as_json: bool) -> None:
    import msgspec

    from jobreport.contract.expectation import to_document
    from jobreport.model.expectation import pattern_words
    from jobreport.watch.expectations import says

    if as_json:
        documents = [msgspec.to_builtins(to_document(one)) for one in found]
        click.echo(json.dumps({"tenant": tenant, "expectations": documents}))
        return
    for one in found:
        click.echo(": ".join(filter(None, (one.name, pattern_words(one), says(one)))))
