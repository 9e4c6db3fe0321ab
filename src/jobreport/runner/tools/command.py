"""A command line in; the program behind its wrappers, its options and what is no option out."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from jobreport.runner.tools.redact import redact_arguments
from jobreport.runner.tools.text import clean

# Programs that start another one: their options that take a value, and how many words come before that program.
_WRAPPERS: Final[dict[str, tuple[frozenset[str], int]]] = {
    "sudo": (frozenset({"-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group"}), 0),
    "doas": (frozenset({"-u", "-C"}), 0),
    "env": (frozenset({"-u", "-C", "--unset", "--chdir"}), 0),
    "nice": (frozenset({"-n", "--adjustment"}), 0),
    "ionice": (frozenset({"-c", "-n", "--class", "--classdata"}), 0),
    "timeout": (frozenset({"-k", "-s", "--kill-after", "--signal"}), 1),
    "flock": (frozenset({"-w", "-E", "--timeout", "--wait", "--conflict-exit-code"}), 1),
    "chrt": (frozenset(), 1),
    "taskset": (frozenset(), 1),
    "nohup": (frozenset(), 0),
    "setsid": (frozenset(), 0),
    "time": (frozenset({"-f", "-o"}), 0),
    "stdbuf": (frozenset({"-i", "-o", "-e"}), 0),
    "systemd-inhibit": (frozenset(), 0),
    "caffeinate": (frozenset({"-t", "-w"}), 0),
}
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")
_PYTHON: Final = re.compile(r"(python|pypy)[\d.]*w?")
_ENDING: Final = re.compile(r"\.(exe|cmd|bat|com)$")


class Options(msgspec.Struct, frozen=True):
    """A command's arguments: every value of each option (`""` where it has none), and the words between."""

    options: dict[str, list[str]]
    words: list[str]

    def first(self, *names: str) -> str:
        """The last value of the first of `names` that was given, or an empty text."""
        return next((self.options[name][-1] for name in names if self.options.get(name)), "")

    def has(self, *names: str) -> bool:
        """Whether any of `names` was given."""
        return any(name in self.options for name in names)


def program_name(path: str) -> str:
    """`/usr/bin/Restic.EXE` as `restic`."""
    return _ENDING.sub("", re.split(r"[/\\]", path)[-1].lower())


def unwrap(argv: Sequence[str]) -> list[str]:
    """The command behind sudo, env, nice, timeout and their kind, and `python -m NAME` as `NAME`.

    A wrapper with nothing behind it is the command itself.
    """
    rest = list(argv)
    while rest:
        name = program_name(rest[0])
        if name in _WRAPPERS:
            inner = _behind(rest[1:], *_WRAPPERS[name])
        elif _PYTHON.fullmatch(name):
            inner = _module(rest[1:])
        else:
            return rest
        if not inner:
            return rest
        rest = inner
    return rest


def parse(arguments: Sequence[str], valued: frozenset[str]) -> Options:
    """The arguments that follow the program, secrets masked; `valued` names the options that take a value.

    Of an option that is not known nobody can tell whether the next word is its value: it is taken for a flag.
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


def _behind(rest: list[str], valued: frozenset[str], words: int) -> list[str]:
    while rest:
        word = rest[0]
        if word == "--":
            rest = rest[1:]
            break
        if word.startswith("-") and len(word) > 1:
            rest = rest[2 if word in valued else 1 :]
        elif _ASSIGNMENT.match(word):
            rest = rest[1:]
        else:
            break
    return rest[words:]


def _module(rest: list[str]) -> list[str]:
    """`-m NAME …` behind Python's own flags; empty where a script is run instead."""
    while rest and rest[0].startswith("-"):
        if rest[0] == "-m":
            return rest[1:]
        rest = rest[2 if rest[0] in {"-W", "-X"} else 1 :]
    return []
