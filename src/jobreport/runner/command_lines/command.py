"""Splits the arguments of a command line into options with their values, and the words between them.

Each tool says which of its options take a value; without that, a value could not be told from a word.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from jobreport.runner.command_lines.redact_words import redact_arguments
from jobreport.runner.text import clean

_ENDING: Final = re.compile(r"\.(exe|cmd|bat|com)$")


class Options(msgspec.Struct, frozen=True):
    """A command's arguments: all values of each option (`""` if it has none), and the words between the options."""

    options: dict[str, list[str]]
    words: list[str]

    def first(self, *names: str) -> str:
        """Returns the last value of the first of `names` that was given, or an empty text."""
        return next((self.options[name][-1] for name in names if self.options.get(name)), "")

    def has(self, *names: str) -> bool:
        """Returns whether any of `names` was given."""
        return any(name in self.options for name in names)


def program_name(path: str) -> str:
    """Returns the name of a program: `/usr/bin/Restic.EXE` becomes `restic`."""
    return _ENDING.sub("", re.split(r"[/\\]", path)[-1].lower())


def parse(arguments: Sequence[str], valued: frozenset[str]) -> Options:
    """Splits the arguments after the program, with secrets masked; `valued` names the options that take a value.

    An unknown option is taken for one without a value, so the next word is a word of its own.
    """
    options: dict[str, list[str]] = {}
    words: list[str] = []
    rest = iter([clean(argument) for argument in redact_arguments(arguments)])
    for argument in rest:
        if argument == "--":
            words.extend(rest)
        elif argument.startswith("--"):
            name, joint, value = argument.partition("=")
            if not joint and name in valued:
                value = next(rest, "")
            options.setdefault(name, []).append(value)
        elif argument.startswith("-") and len(argument) > 1:
            _single_dash(argument, valued, rest, options)
        else:
            words.append(argument)
    return Options(options, words)


def _single_dash(argument: str, valued: frozenset[str], rest: Iterator[str], options: dict[str, list[str]]) -> None:
    """Adds `-r repo`, `-rrepo`, `-avz` or azcopy's and Go's `-name=value` to `options`."""
    name, joint, value = argument.partition("=")
    if joint and len(name) > 2:
        options.setdefault(f"-{name}", []).append(value)
        return
    for position, letter in enumerate(argument[1:], start=1):
        if (flag := f"-{letter}") in valued:
            attached = argument[position + 1 :]
            options.setdefault(flag, []).append(attached or next(rest, ""))
            return
        options.setdefault(flag, []).append("")
