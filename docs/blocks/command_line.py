"""Writes the reference of the command line: what each command does, its usage and its options."""

import re
from collections.abc import Callable, Iterator
from typing import Final

import click

from blocks.markdown import table
from jobreport import settings
from jobreport.cli import cli
from jobreport.cli.options.choices import Number

# Said where the code works the default out.
_COMPUTED: Final = {
    settings.STORE: "`jobs.db` in the platform's data folder",
    settings.SPOOL: "`spool` in the platform's state folder",
    settings.PUBLIC_URL: "the address that is bound",
}
# What a help text itself says of a default that is no fixed value.
_DEFAULT: Final = re.compile(r"\s*\[default: (.*?)\]")
# Where neither a server nor a store is named, reports wait in the spool.
_WITHOUT_A_STORE: Final = frozenset({"jobreport run", "jobreport flush"})


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name."""
    yield from _below("jobreport", cli)


def _below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    if command.invoke_without_command:
        yield name, command
    context = click.Context(command)
    for part in command.list_commands(context):
        found = command.get_command(context, part)
        assert found is not None
        yield from _below(f"{name} {part}", found)


def options(command: click.Command) -> list[click.Option]:
    """A command's options, as `--help` has them."""
    return [parameter for parameter in command.params if isinstance(parameter, click.Option) and not parameter.hidden]


def default(option: click.Option, command: str) -> str:
    """An option's default for people; empty where it has none."""
    if option.envvar == settings.STORE and command in _WITHOUT_A_STORE:
        return ""
    if option.envvar in _COMPUTED:
        return _COMPUTED[str(option.envvar)]
    if said := _DEFAULT.search(option.help or ""):
        return said[1]
    value = option.to_info_dict()["default"]
    if option.is_flag or value in (None, "", ()) or type(value).__name__ == "Sentinel":
        return ""
    return " ".join(f"`{entry}`" for entry in (value if isinstance(value, list | tuple) else [value]))


def metavar(option: click.Option) -> str:
    """What stands for an option's value; empty where it takes none."""
    kind = option.type
    if option.is_flag or option.metavar:
        return "" if option.is_flag else str(option.metavar)
    if isinstance(kind, click.Choice):
        return "|".join(map(str, kind.choices))
    return "N" if isinstance(kind, Number) else "FILE" if isinstance(kind, click.Path) else kind.name.upper()


def _range(option: click.Option) -> str:
    kind = option.type
    return f" {kind.limits.capitalize()}." if isinstance(kind, Number) and kind.limits else ""


def sentence(option: click.Option) -> str:
    """What an option says in `--help`, with its range."""
    text = _DEFAULT.sub("", option.help or "").strip()
    return f"{text}{_range(option)}{' Required.' if option.required else ''}".strip()


def command_line() -> str:
    """Each command: what it does, its usage, its options."""
    parts = []
    for name, command in commands():
        context = click.Context(command, info_name=name)
        usage = command.get_usage(context).removeprefix("Usage: ").replace("\n", " ")
        rows = [
            (
                f"`{', '.join(option.opts)} {metavar(option)}".strip() + "`",
                sentence(option),
                default(option, name),
                f"`{option.envvar}`" if option.envvar else "",
            )
            for option in options(command)
        ]
        parts.append(f"## `{name}`\n\n```text\n{re.sub(' +', ' ', usage)}\n```\n\n{_help(command).strip()}\n")
        if rows:
            parts.append(table(("option", "what it says", "default", "environment"), rows))
    return "\n".join(parts)


def paragraphs(command: click.Command) -> Iterator[tuple[bool, str]]:
    """The paragraphs of a command's help, and of each whether it is a listing, which is not to be wrapped."""
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        first, *rest = paragraph.splitlines()
        if first.strip() != "\b":
            yield False, " ".join(line.strip() for line in paragraph.splitlines())
            continue
        if rest[0].endswith(":") and "jobreport" not in rest[0]:
            rest = rest[1:]
        indent = min(len(line) - len(line.lstrip()) for line in rest)
        yield True, "\n".join(line[indent:] for line in rest)


def _help(command: click.Command) -> str:
    """The command's help as Markdown."""
    texts = (f"```sh\n{text}\n```" if listing else text for listing, text in paragraphs(command))
    return "".join(f"{text}\n\n" for text in texts)


BLOCKS: Final[dict[str, Callable[[], str]]] = {"commands": command_line}
