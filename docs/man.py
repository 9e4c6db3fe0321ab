"""Writes the manual pages, one for each command, from the texts of `--help`: `python docs/man.py [FOLDER]`.

`man jobreport-jobs-show` is the page of `jobreport jobs show`. The generators that there are (click-man, for one) leave
out defaults and environment variables, and print a dot at the beginning of a line as a command to the formatter.
"""

import argparse
import os
import re
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

sys.path.insert(0, str(Path(__file__).parent))

from blocks.command_line import default, metavar, options, paragraphs, sentence

import jobreport
from jobreport.cli import cli

PROGRAM: Final = "jobreport"
STATUS: Final = {
    "0": "Done.",
    "1": "Failed; the reason is on standard error.",
    "2": "Wrong usage.",
    "130": "Ended by Ctrl-C.",
    "141": "The program that read the output ended before.",
}
RUN_STATUS: Final = "That of the backup command. The reference of the command line has the few exceptions."
_WIDTH: Final = 70
_ESCAPED: Final = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}


def pages() -> Iterator[tuple[str, str]]:
    """The name of each page's file, and its text."""
    for name, command in _below(PROGRAM, cli):
        yield f"{name.replace(' ', '-')}.1", page(name, command)


def _below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    for part, below in _commands(command):
        yield from _below(f"{name} {part}", below)


def _commands(command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """The commands of a group, by name."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for part in command.list_commands(context):
            below = command.get_command(context, part)
            assert below is not None
            yield part, below


def page(name: str, command: click.Command) -> str:
    """The page of a command, in the language of man(7)."""
    title = name.replace(" ", "-")
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    date = datetime.fromtimestamp(int(seconds), UTC) if seconds else datetime.now(UTC)
    texts = [*paragraphs(command)]
    said = next(text for listing, text in texts if not listing)
    brief = re.split(r"\.(?:\s|$)", said)[0]
    lines = [
        f'.TH "{roff(title.upper())}" 1 "{date:%Y-%m-%d}" "{PROGRAM} {jobreport.__version__}" "Jobreport"',
        # Names of settings and options are not to be hyphenated, and words not to be stretched.
        ".nh",
        ".ad l",
        ".SH NAME",
        prose(f"{title} - {brief[:1].lower() + brief[1:]}"),
        *_synopsis(name, command),
        ".SH DESCRIPTION",
        *_description(texts),
    ]
    if command.params:
        lines += [".SH OPTIONS", *_options(name, command)]
    if below := [*_commands(command)]:
        lines.append(".SH COMMANDS")
        for part, one in below:
            lines += [".TP", bold(f"{name} {part}"), prose(one.get_short_help_str(limit=200))]
    lines.append(".SH EXIT STATUS")
    if name == f"{PROGRAM} run":
        lines.append(prose(RUN_STATUS))
    else:
        for status, means in STATUS.items():
            lines += [".TP", bold(status), prose(means)]
    return "\n".join([*lines, ".SH SEE ALSO", *_see_also(name, command), ""])


def _synopsis(name: str, command: click.Command) -> list[str]:
    pieces = command.collect_usage_pieces(click.Context(command, info_name=name))
    return [".SH SYNOPSIS", " ".join([bold(name), *map(roff, pieces)])]


def _description(texts: list[tuple[bool, str]]) -> Iterator[str]:
    for number, (listing, text) in enumerate(texts):
        if number:
            yield ".PP"
        if listing:
            yield from (".RS 4", ".nf", *map(roff, text.splitlines()), ".fi", ".RE")
        else:
            yield prose(text)


def _options(name: str, command: click.Command) -> Iterator[str]:
    for option in options(command):
        value = metavar(option)
        yield from (".TP", ", ".join(map(bold, option.opts)) + (f" \\fI{roff(value)}\\fR" if value else ""))
        text = sentence(option)
        if known := default(option, name).replace("`", ""):
            text += f" Default: {known}."
        if option.envvar:
            text += f" Environment: {option.envvar}."
        yield prose(text)
    yield from (".TP", bold("-h") + ", " + bold("--help"), "Show this text.")


def _see_also(name: str, command: click.Command) -> Iterator[str]:
    """The page above and the pages below."""
    parts = name.split(" ")
    above = ["-".join(parts[:-1])] if len(parts) > 1 else []
    named = [*above, *(f"{name} {part}".replace(" ", "-") for part, _ in _commands(command))]
    yield ",\n".join(f"{bold(one)}(1)" for one in named) or bold(f"{PROGRAM}(1)")


def bold(text: str) -> str:
    """The text in bold."""
    return f"\\fB{roff(text)}\\fR"


def prose(text: str) -> str:
    """The text in lines that an editor can show; the formatter fills them again."""
    return "\n".join(map(roff, textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)))


def roff(text: str) -> str:
    """The text so that it is printed as it is: no character of it is a command or another sign."""
    escaped = "".join(_ESCAPED.get(one, one if one.isascii() else f"\\[u{ord(one):04X}]") for one in text)
    return f"\\&{escaped}" if escaped.startswith((".", "\\(aq")) else escaped


def main(folder: Path) -> int:
    """Writes all pages into the folder. Returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for name, text in pages():
        (folder / name).write_text(text, encoding="ascii")
        number += 1
    return number


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Writes the manual pages.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[1] / "dist/man/man1")
    target = parser.parse_args().folder
    print(f"{main(target)} pages in {target}")
