"""Completes the values of options and arguments when somebody presses TAB in a shell: codes by name, words, files.

The library that does it is only loaded when a shell asks (`jobreport completion`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from jobreport.contract.code_schemas import CODE_SCHEMAS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Completing = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
"""Takes the beginning of a value, and returns the values that it may become."""


def files(_context: click.Context, _parameter: click.Parameter, beginning: str) -> "list[CompletionItem]":
    """Leaves it to the shell to complete the name of a file."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(beginning, type="file")]


def words(known: Iterable[str], *, listed: bool = False) -> Completing:
    """Returns what completes one of these words, in any case. `listed`: or several, with commas between them."""
    every = list(known)

    def complete(_context: click.Context, _parameter: click.Parameter, beginning: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        before, comma, last = beginning.rpartition(",") if listed else ("", "", beginning)
        given = {word.casefold() for word in before.split(",")}
        return [
            CompletionItem(before + comma + word)
            for word in every
            if word.casefold().startswith(last.casefold()) and word.casefold() not in given
        ]

    return complete


def of_schema(schema: Mapping[str, Any], *, listed: bool) -> Completing | None:
    """Returns what completes a value of this JSON schema; None if the schema names no words."""
    known = [*_words(schema)]
    return words(known, listed=listed) if known else None


def _words(schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("type") == "string":
        yield from schema.get("enum", ())
    for part in schema.get("anyOf", ()):
        name = part.get("$ref", "").rpartition("/")[2]
        yield from _words(CODE_SCHEMAS.get(name, part))
