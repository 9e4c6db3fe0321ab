"""`jobreport collect`: reads the jobs of one origin now, and again and again unless it shall look only once."""

import json
import sys
import time
from typing import TYPE_CHECKING

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.config import config_option
from jobreport.cli.options.connectors import connector_named, ensured
from jobreport.cli.options.store import chosen_store, open_at, store_option
from jobreport.cli.options.types import Span
from jobreport.cli.output.amounts import counted
from jobreport.cli.output.texts import visible
from jobreport.cli.output.warning import warn

if TYPE_CHECKING:
    from jobreport.connectors.collect import PassResult
    from jobreport.connectors.configured import Configured
    from jobreport.connectors.reading import Reading
    from jobreport.connectors.stream_reader import StreamResult
    from jobreport.store import Store


@click.command()
@click.argument("name")
@click.option("--since", type=Span(), metavar="AGE", help="Read it anew from so long ago, such as 30d.")
@click.option("--once", is_flag=True, help="Look once, and end. Without it, look again at its interval.")
@click.option("--create", is_flag=True, help="Make the store if there is none.")
@click.option("--holder", default="", hidden=True, help="The token under which a server has reserved the connector.")
@config_option
@json_option
@store_option
@click.pass_context
def collect(
    context: click.Context,
    name: str,
    since: int | None,
    once: bool,
    create: bool,
    holder: str,
    config: str | None,
    as_json: bool,
    store: str | None,
) -> None:
    """Reads the jobs of the connector NAME of jobreport.toml into the store.

    A server reads its connectors itself; this is for the first look, for a machine that has no server, and to see what
    a connector does. Ends with 0 only if there is a stream, and all could be read to their end. Reading twice changes
    nothing.

    \b
    jobreport collect prod --once
    jobreport collect prod --once --create --since 30d
    """
    from jobreport import logs
    from jobreport.connectors.reading import apart
    from jobreport.garbage import seldom_collected
    from jobreport.model import ticks

    logs.configure(as_json=not _on_terminal())
    wanted = connector_named(config, name)
    back = None if since is None else since * ticks.PER_SECOND
    while True:
        begun = time.monotonic()
        # What reads the origin begins before the store is opened, and loads its library while this process does so.
        with seldom_collected(), apart.begun(wanted.kind, wanted.settings, wanted.origin) as reading:
            url = chosen_store(store)
            with click.Context(context.command, parent=context):  # at its end the store is closed
                passed = _pass(open_at(url, create=create, migrate=False), wanted, reading, back, holder, once=once)
        if passed:
            _say(passed, as_json)
        if once:
            context.exit(0 if passed and passed.whole else 1)
        back, holder = None, ""
        time.sleep(max(0.0, wanted.every - (time.monotonic() - begun)))


def _pass(
    store: "Store", wanted: "Configured", reading: "Reading | None", back: int | None, holder: str, *, once: bool
) -> "PassResult | None":
    """Returns what a pass brought; None if another process reads the connector, which is an error if it is the only
    one.
    """
    from jobreport.connectors.collect import collect as pass_over
    from jobreport.connectors.lease import AlreadyReadError
    from jobreport.intake.load import Patience

    tenant = ensured(store, wanted.tenant, actor())
    try:
        with Patience():  # SIGTERM ends what the pass has started, too
            return pass_over(store, tenant, wanted, reading, back=back, holder=holder or None, tell=_progress)
    except AlreadyReadError as error:
        if once:
            raise click.ClickException(f"{error}.") from None
        warn(str(error))
        return None


def _progress(looked: "StreamResult") -> None:
    if _on_terminal():
        click.echo(f"\r\x1b[K{visible(looked.stream)}: {looked.read:,} jobs", err=True, nl=False)


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _say(passed: "PassResult", as_json: bool) -> None:
    if _on_terminal():
        click.echo("\r\x1b[K", err=True, nl=False)
    if as_json:
        import msgspec

        click.echo(json.dumps({"complete": passed.whole, **msgspec.to_builtins(passed)}))
        return
    for one in passed.streams:
        found = f"{counted(one.read, 'job')} read, {one.created:,} new, {one.updated:,} changed"
        click.echo(f"{visible(one.stream)}: {found}{f'; then: {visible(one.error)}' if one.error else ''}")
    if passed.error:
        click.echo(f"The streams could not be found: {visible(passed.error)}")
    elif not passed.streams:
        click.echo("It sees nothing to read: its origin has no streams, or shows none for want of a right.")
