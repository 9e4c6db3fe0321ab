"""The command line: one file a command, gathered here. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 Ctrl-C."""

import sys

import click

from jobreport import __version__
from jobreport.cli.apps import app
from jobreport.cli.flush import flush
from jobreport.cli.jobs import jobs
from jobreport.cli.run import run
from jobreport.cli.serve import serve
from jobreport.cli.ticks import ticks
from jobreport.client import JobReportError
from jobreport.settings import SettingError
from jobreport.store import StoreError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="jobreport")
def cli() -> None:
    """The one place where every backup job of a company answers.

    \b
    Start a service:    jobreport serve
    Register an app:    jobreport app create --name "nightly report"
    Report a backup:    jobreport run -- restic -r /srv/repo backup /home --json
    Read the report:    jobreport jobs --since 7d
    """


for command in (serve, app, run, flush, jobs, ticks):
    cli.add_command(command)


def main() -> None:
    """The program's entry: what is the user's to mend is one sentence on standard error, never a trace."""
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        status = 130
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (SettingError, StoreError, JobReportError) as error:
        click.echo(f"jobreport: {error}", err=True)
        status = 1
    except BrokenPipeError:
        # The reader of our output went away, as `| head` does.
        sys.stderr.close()
        status = 141
    sys.exit(status if isinstance(status, int) else 0)
