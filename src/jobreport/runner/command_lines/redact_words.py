"""Masks the secrets of a command line, and finds them again in its program's output.

Each word is known as a whole here, so a password may contain blanks, commas or other characters that end a password in
running text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from jobreport.runner.command_lines.command_walk import Command
from jobreport.runner.command_lines.found_secrets import Secrets
from jobreport.runner.command_lines.secret_names import NONE, ShortOptions, is_secret, tells_a_place
from jobreport.runner.redact import MASK

_SHORTEST: Final = 4
"""Characters of a secret that is looked for elsewhere; a shorter one would be found in every other word."""
_WHOLE: Final = 6  # characters from which on it is also found inside of words
_FOLDERS: Final = frozenset({"PWD", "OLDPWD"})  # the shell's working folder, now and before: no passwords
_OF_ENVIRONMENT: Final = 8  # characters from which on the value of a variable is looked for


def redact_arguments(arguments: Iterable[str]) -> list[str]:
    """Masks the arguments of a program whose short options are not secrets: each one that is a
    secret or contains one.
    """
    return _words(arguments, NONE, Secrets())


def redact_command(argv: Iterable[str]) -> list[str]:
    """Masks the words of a whole command, its program first. If the program is unknown, every short option that may
    have a password as its value (`-p 8080`) is masked, even if it is a port or a path.
    """
    return _words(argv, None, Secrets())


def secrets_of(argv: Iterable[str]) -> frozenset[str]:
    """Returns the secrets in a command line, so that they can be masked in the program's output."""
    secrets = Secrets()
    given = list(argv)
    for word, masked in zip(given, _words(given, None, secrets), strict=True):
        for secret in _behind_masks(word, masked):
            secrets.hide(secret)
    return frozenset(secrets.found)


def _behind_masks(word: str, masked: str) -> Iterator[str]:
    """Gives what of `word` stands behind the masks of `masked`, if that can be told and is no short word."""
    begin, *others = masked.split(MASK)
    at = len(begin) if word.startswith(begin) else len(word)
    for text in others:
        end = word.find(text, at + 1) if text else len(word)
        if end - at < _WHOLE:
            return
        yield word[at:end]
        at = end + len(text)


def secrets_in(environment: Mapping[str, str]) -> frozenset[str]:
    """Returns the values of variables whose names mean a secret, except values so short that they may be any word."""
    return frozenset(
        value
        for name, value in environment.items()
        if len(value) >= _OF_ENVIRONMENT
        and is_secret(name)
        and not tells_a_place(name, value)
        and not (name in _FOLDERS and value.startswith("/"))
    )


def hide(text: str, secrets: Iterable[str]) -> str:
    """Returns `text` with `secrets` masked. A short secret is masked only as a whole word, a very
    short one not at all.
    """
    for secret in sorted((secret for secret in secrets if secret in text), key=len, reverse=True):
        if len(secret) >= _WHOLE:
            text = text.replace(secret, MASK)
        elif len(secret) >= _SHORTEST:
            text = re.sub(rf"(?:(?<!\w)|(?<=\W-\w)|(?<=^-\w)){re.escape(secret)}(?!\w)", MASK, text)
    return text


def _words(given: Iterable[str], options: ShortOptions | None, secrets: Secrets) -> list[str]:
    """Masks each word of `given`. `options` are the program's; None if `given` begins with the program."""
    command = Command(secrets, options)
    return [command.word(word) for word in given]
