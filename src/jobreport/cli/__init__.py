"""The command line: one file a command in `commands/`, the options they share in `options/`, tables in `output/`.

A command is loaded when it is called, and what it needs is loaded when it runs: help is there at once, a command that
asks a server never loads the store, and a backup under `jobreport run` starts without delay. So the command modules
import rooms such as `store` inside their functions. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 Ctrl-C; `run`
gives the command's own.
"""

import io
import keyword
import os
import sys
from importlib import import_module
from typing import Final

import click

ASKED_BY_SHELL: Final = "_JOBREPORT_COMPLETE"
"""The environment variable by which a shell asks this program what may come next (`jobreport completion`)."""
COMMANDS: Final = {
    "setup": "jobreport.cli.commands.setup",
    "serve": "jobreport.cli.commands.serve",
    "migrate": "jobreport.cli.commands.migrate",
    "app": "jobreport.cli.commands.app",
    "tenant": "jobreport.cli.commands.tenant",
    "operator": "jobreport.cli.commands.operator",
    "expect": "jobreport.cli.commands.expect",
    "watch": "jobreport.cli.commands.watch",
    "wall": "jobreport.cli.commands.wall",
    "inbox": "jobreport.cli.commands.inbox",
    "key": "jobreport.cli.commands.key",
    "connectors": "jobreport.cli.commands.connectors",
    "collect": "jobreport.cli.commands.collect",
    "notify": "jobreport.cli.commands.notify",
    "incidents": "jobreport.cli.commands.incidents",
    "ack": "jobreport.cli.commands.ack",
    "run": "jobreport.cli.commands.run",
    "flush": "jobreport.cli.commands.flush",
    "spool": "jobreport.cli.commands.spool",
    "jobs": "jobreport.cli.commands.jobs",
    "series": "jobreport.cli.commands.series",
    "export": "jobreport.cli.commands.export",
    "summary": "jobreport.cli.commands.summary",
    "ticks": "jobreport.cli.commands.ticks",
    "check": "jobreport.cli.commands.check",
    "prune": "jobreport.cli.commands.prune",
    "audit": "jobreport.cli.commands.audit",
    "backup": "jobreport.cli.commands.backup",
    "restore": "jobreport.cli.commands.restore",
    "import": "jobreport.cli.commands.import_",
    "sample-data": "jobreport.cli.commands.sample_data",
    "completion": "jobreport.cli.commands.completion",
}


class ReaderGoneError(Exception):
    """The program that reads our output has ended, as `| head` does. Nothing more can be written to it."""


class Commands(click.Group):
    """The commands by name, in the order in which a newcomer needs them."""

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command. Raises ReaderGoneError, where the library itself would end the program with 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderGoneError from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads the command and returns it; None if there is no command of that name."""
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the name, the command and the arguments behind it. For an unknown name, the error suggests one."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            # Commands are loaded late, so the library does not know their names.
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
)
@click.version_option(package_name="jobreport", prog_name="jobreport")
def cli() -> None:
    """Collects the results of all backups in one place, and reports what ran, what failed and what still runs.

    \b
    Start the server:   jobreport serve
    Register an app:    jobreport app create --name "nightly report"
    Report a backup:    jobreport run -- restic -r /srv/repo backup /home --json
    Read the report:    jobreport jobs --since 7d
    """


def main() -> None:
    """Runs the program. An error that the user can mend is one sentence on standard error, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that is not Unicode shows a character that it lacks as \xfc. Without this, printing it would fail.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = cli.main(standalone_mode=False, complete_var=ASKED_BY_SHELL)
    except click.exceptions.Abort:
        status = 130
    except click.ClickException as error:
        _show(error)
        status = error.exit_code
    except ReaderGoneError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    except OSError as error:
        # Not an error of this program: for example, the disk is full or the output is closed.
        click.echo(f"jobreport: {error.strerror or error}{f': {error.filename}' if error.filename else ''}", err=True)
        status = 1
    except Exception as error:
        if not _is_for_people(error):
            raise
        click.echo(f"jobreport: {error}", err=True)
        status = 1
    sys.exit(status if isinstance(status, int) else 0)


def _show(error: click.ClickException) -> None:
    """Prints an error in the form of all messages of this program; of wrong usage, where the right one is told."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    click.echo(f"jobreport: {error.format_message()}", err=True)
    if isinstance(error, click.UsageError) and error.ctx:
        click.echo(f"How to use it: {error.ctx.command_path} --help", err=True)


_FOR_PEOPLE: Final = (
    ("jobreport.client", "JobReportError"),
    ("jobreport.identity.keys.encryption", "SecretKeyError"),
    ("jobreport.settings", "SettingError"),
    ("jobreport.store", "StoreError"),
)
"""The errors whose message is written for the user, each as the module that defines it and its name."""


def _is_for_people(error: Exception) -> bool:
    # If a module was never imported, its errors cannot have been raised.
    loaded = [(sys.modules[module], name) for module, name in _FOR_PEOPLE if module in sys.modules]
    return isinstance(error, tuple(getattr(module, name) for module, name in loaded))
