"""Warnings on standard error, for the person at the keyboard or the log of a timer."""

import contextlib

import click


def warn(message: str) -> None:
    """Writes `message` to standard error in one piece. Does nothing if standard error is closed."""
    with contextlib.suppress(OSError):  # nobody can read the warning any more; the backup goes on
        click.echo(f"jobreport: {message}", err=True)
