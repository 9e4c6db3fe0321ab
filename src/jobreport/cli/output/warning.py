"""Warnings on standard error, for the person at the keyboard or the log of a timer."""

import contextlib

import click


def warn(message: str) -> None:
    """Writes `message` to standard error in one piece. Does nothing if standard error is closed."""
    with contextlib.suppress(OSError):  # nobody is left to be told, and the backup goes on
        click.echo(f"jobreport: {message}", err=True)
