"""Masks the secrets of a command line, and finds them again in what its program prints.

Each word is known as a whole here, so a password may hold blanks, commas or whatever ends one in running text.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from jobreport.runner.tools.command_walk import Command, Secrets
from jobreport.runner.tools.redact import MASK
from jobreport.runner.tools.secret_names import NONE, ShortOptions, is_secret, tells_a_place

_SHORTEST: Final = 4
"""Characters of a secret that is looked for elsewhere; a shorter one would be found in every other word."""
_WHOLE: Final = 6  # characters from which on it is also found inside of words
_OF_ENVIRONMENT: Final = 8  # characters from which on the value of a variable is looked for


def redact_arguments(arguments: Iterable[str]) -> list[str]:
    """The words behind a program whose short options are no secrets, each masked where it is one or holds one."""
    return _words(arguments, NONE, Secrets())


def redact_command(argv: Iterable[str]) -> list[str]:
    """The words of a whole command, its program first. Of a program that is not known, what looks like a password in
    a short option is masked, and a port or a path that looks the same with it."""
    return _words(argv, None, Secrets())


def secrets_of(argv: Iterable[str]) -> frozenset[str]:
    """The secrets in a command line, to be looked for in what its program prints."""
    secrets = Secrets()
    _words(argv, None, secrets)
    return frozenset(secrets.found)


def secrets_in(environment: Mapping[str, str]) -> frozenset[str]:
    """The values of variables that hold secrets by their names, but for those short enough to be any word."""
    return frozenset(
        value
        for name, value in environment.items()
        if len(value) >= _OF_ENVIRONMENT and is_secret(name) and not tells_a_place(name, value)
    )


def hide(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of `secrets`; a short one is looked for as a word of its own, a very short one not at all."""
    for secret in sorted((secret for secret in secrets if secret in text), key=len, reverse=True):
        if len(secret) >= _WHOLE:
            text = text.replace(secret, MASK)
        elif len(secret) >= _SHORTEST:
            text = re.sub(rf"(?:(?<!\w)|(?<=\W-\w)|(?<=^-\w)){re.escape(secret)}(?!\w)", MASK, text)
    return text


def _words(given: Iterable[str], options: ShortOptions | None, secrets: Secrets) -> list[str]:
    """`given` masked, one for one; `options` are the program's, None where `given` begins with the program."""
    command = Command(secrets, options)
    return [command.word(word) for word in given]
