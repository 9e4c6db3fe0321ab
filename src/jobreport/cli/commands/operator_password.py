"""`jobreport operator password`, and how a new password is given: never as an argument, which others could read."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.secret_file import warn_of_others
from jobreport.cli.options.store import open_chosen_store, store_option

T = TypeVar("T")

name_argument = click.argument("name")
"""The operator that a command is about. Upper and lower case are the same."""
file_option = click.option(
    "--password-file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the password; a line end after it does not count.",
)
generate_option = click.option("--generate", is_flag=True, help="Make a password, and print it once.")


@click.command()
@name_argument
@file_option
@generate_option
@json_option
@store_option
def password(name: str, file: Path | None, generate: bool, as_json: bool, store: str | None) -> None:
    """Gives an operator another password, and signs this person out everywhere.

    It is typed twice, or read from standard input, a file, or made here.

    \b
    jobreport operator password anna
    jobreport operator password anna --generate
    """
    from jobreport.cli.output.operators import show_password
    from jobreport.identity.operators import accounts
    from jobreport.identity.operators.passwords import Passwords

    chosen = open_chosen_store(store)
    found = done_or_told(lambda: accounts.find(chosen, name))
    given = chosen_password(found.name, file, generate)
    ended = done_or_told(lambda: accounts.set_password(chosen, name, given, Passwords(), by=actor()))
    show_password(found, ended, given if generate else None, as_json)


def chosen_password(name: str, file: Path | None, generate: bool) -> str:
    """Returns the new password of the operator called `name`, from where the options say; otherwise it is typed, or the
    first line of standard input if that is no terminal. Raises ClickException if it is not allowed.
    """
    from jobreport.identity.operators import passwords

    if generate and file:
        raise click.UsageError("--generate and --password-file exclude each other.")
    if generate:
        return passwords.generate()
    if file:
        warn_of_others(f"the file {file} (--password-file)", file)
        try:
            given = file.read_text(encoding="utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise click.ClickException(f"the file {file} is no text in UTF-8") from None
    elif sys.stdin is not None and sys.stdin.isatty():
        given = click.prompt(f"Password of {name}", hide_input=True, confirmation_prompt="The same again", err=True)
    else:
        given = (sys.stdin.readline() if sys.stdin is not None else "").rstrip("\r\n")
        if not given:
            raise click.UsageError(
                "no password came from standard input: type it, or use --password-file or --generate."
            )
    done_or_told(lambda: passwords.check(given, name))
    return given


def done_or_told(work: Callable[[], T]) -> T:
    """Returns the result of `work`. Raises ClickException with the reason if it is refused."""
    from jobreport.identity.operators.accounts import OperatorError
    from jobreport.identity.operators.passwords import PasswordError

    try:
        return work()
    except (OperatorError, PasswordError) as error:
        raise click.ClickException(str(error)) from None
