"""`run --expect`: what a backup declares of itself, once, when it has run for the first time."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from jobreport.cli.options.connection import connection
from jobreport.cli.options.environment import on_command_line
from jobreport.cli.options.expectations import wrong
from jobreport.cli.output.warning import warn
from jobreport.contract.expectation import ExpectationDocument, to_expectation
from jobreport.contract.spoken_times import seconds
from jobreport.model.errors import InvalidInputError
from jobreport.model.expectation import name_for, pattern_words

_WORDS: Final = ("cron", "calendar", "every", "tz", "grace", "longest", "age")
_FIELDS: Final = {"tz": "zone"}
_LINE: Final = 5  # fields of a line of cron


def expected_of(said: Sequence[str], plan: str, resource: str) -> ExpectationDocument | None:
    """Returns what a run expects of itself; None if nothing is said. What is wrong is a usage error."""
    if not said:
        return None
    if not (plan or resource):
        raise click.UsageError("--expect needs --plan or --resource: whose runs are they?")
    found: dict[str, Any] = {"plan": plan, "resource": resource}
    for text in said:
        word, value = _split(text)
        field = _FIELDS.get(word, word)
        if field in ("cron", "calendar"):
            found[field] = (*found.get(field, ()), value)
        elif field in found:
            raise click.UsageError(f"--expect: {word} is said twice.")
        else:
            found[field] = value
    document = ExpectationDocument(**found)
    from jobreport.watch import schedules

    try:
        one = to_expectation(document)
    except InvalidInputError as error:
        raise click.UsageError(f"--expect: {wrong(error).message}") from None
    if faults := schedules.faults(one):
        raise click.UsageError(f"--expect: {wrong(InvalidInputError(faults)).message}")
    return msgspec.structs.replace(document, name=name_for(pattern_words(one)))


def declare(document: ExpectationDocument, options: Mapping[str, Any], folder: Path) -> None:
    """Declares what is expected, unless this machine has done so before (`folder` remembers it). Never fails: a backup
    is as good without.
    """
    said = msgspec.json.encode((document, options["url"] or "", options["store"] or "", options["tenant"]))
    done = folder / hashlib.sha256(said).hexdigest()[:32]
    try:
        if done.exists():
            return
        _put(document, options)
        folder.mkdir(parents=True, exist_ok=True)
        done.touch()
    except Exception as error:  # noqa: BLE001 - the backup has run, and must not look failed
        warn(f"what is expected of this backup is not declared yet: {error}")


def _put(document: ExpectationDocument, options: Mapping[str, Any]) -> None:
    store = options["store"]
    if store and (not options["url"] or (on_command_line("store") and not on_command_line("url"))):
        from jobreport.cli.options.store import open_at
        from jobreport.watch import expectations

        chosen = open_at(store, create=False, migrate=False)
        expectations.put(chosen, options["tenant"], to_expectation(document))
        return
    with connection(options).client(retries=1) as client:
        client.expect(document.name, document)


def _split(text: str) -> tuple[str, str]:
    """Returns what is said, and its value: `26h` is an age, and five fields are a line of cron."""
    word, _, value = text.strip().partition(" ")
    if word in _WORDS and value.strip():
        return word, value.strip()
    if seconds(text) is not None:
        return "age", text.strip()
    if len(text.split()) == _LINE or text.startswith("@"):
        return "cron", text.strip()
    raise click.UsageError(
        f'--expect: {text!r} is nothing to expect: write an age such as 26h, a line of cron such as "0 2 * * *", or '
        f"one of {', '.join(_WORDS)} with its value"
    )
