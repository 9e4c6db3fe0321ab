"""Writes the table of environment variables, with the commands that know each."""

from collections.abc import Callable
from typing import Final

import click

from blocks.command_line import commands, default, options, sentence
from blocks.markdown import table
from jobreport import settings

# What a variable that is no option is for.
_SECRETS: Final = {
    settings.CLIENT_SECRET: "The client secret, shown once by `jobreport app create`.",
    f"{settings.CLIENT_SECRET}_FILE": "A file with the client secret, instead of the variable above; one of the two.",
    settings.SECRET_KEY: "What the signing keys in the store are encrypted with, made by `jobreport key secret`.",
    f"{settings.SECRET_KEY}_FILE": "A file with the secret key, instead of the variable above; one of the two.",
    settings.SIGN_IN_SECRET: "The client secret that the provider of `--sign-in-provider` gave to Jobreport.",
    f"{settings.SIGN_IN_SECRET}_FILE": "A file with that secret, instead of the variable above; one of the two.",
}
# And which commands read it.
_READERS: Final = {
    settings.CLIENT_SECRET: tuple(f"jobreport {name}" for name in ("run", "flush", "jobs", "export", "summary")),
    settings.SECRET_KEY: ("jobreport serve", "jobreport key rotate", "jobreport key encrypt", "jobreport audit"),
    settings.SIGN_IN_SECRET: ("jobreport serve",),
}
# The rows of what is neither an option nor a secret.
_OTHERS: Final = {
    settings.SETTINGS: (
        "none",
        "The folder with `server.env`, the settings of the service that is installed here; empty: none is looked for.",
        "`/etc/jobreport`",
        "all that open a store, where neither `--store` nor `JOBREPORT_STORE` names one",
    ),
}
# What a variable says that is another thing to each command.
_SHARED: Final = {
    settings.TENANT: "Whose jobs, where a store is used directly; whose apps, where they are made or listed.",
}


def variables() -> list[str]:
    """Every environment variable that the settings module reads, secret files included."""
    found = [value for value in vars(settings).values() if isinstance(value, str) and value.startswith("JOBREPORT_")]
    for name in _READERS:
        found.insert(found.index(name) + 1, f"{name}_FILE")
    return found


def environment() -> str:
    """Each variable, the option it stands for, its default and the commands that know it."""
    known: dict[str, list[tuple[str, click.Option]]] = {}
    for name, command in commands():
        for option in options(command):
            known.setdefault(str(option.envvar), []).append((name, option))
    rows = []
    for variable in variables():
        users = known.get(variable, [])
        if variable in _OTHERS:
            rows.append((f"`{variable}`", *_OTHERS[variable]))
            continue
        if not users:
            readers = ", ".join(f"`{name}`" for name in _READERS[variable.removesuffix("_FILE")])
            rows.append((f"`{variable}`", "none", _SECRETS[variable], "", readers))
            continue
        option = users[0][1]
        rows.append(
            (
                f"`{variable}`",
                f"`{option.opts[0]}`",
                _SHARED.get(variable, sentence(option)),
                default(option, users[0][0]),
                ", ".join(f"`{name}`" for name, _ in users),
            )
        )
    return table(("variable", "option", "what it says", "default", "commands"), rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {"environment": environment}
