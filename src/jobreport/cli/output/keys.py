"""Signing keys as `jobreport key list` shows them: a table for people, objects for scripts."""

from collections.abc import Iterable

import click
from rich import box
from rich.table import Table

from jobreport.cli.output.console import console
from jobreport.cli.output.tables import print_table
from jobreport.identity.keys import stored_keys
from jobreport.identity.keys.encryption import is_encrypted
from jobreport.model import ticks
from jobreport.store.registry.signing_keys import SigningKey

_WORDS = {
    "signs": "signs",
    "in use": "published, signs next",
    "verifying": "verifies what it signed",
    "over": "over",
}


class Keys:
    """The signing keys of a store, each with its stage at the time `now` (ticks): signs, in use, verifying or over."""

    def __init__(self, found: Iterable[SigningKey], now: int) -> None:
        kept = tuple(found)
        signs = stored_keys.signer(kept, now)
        self._stages = [(one, "signs" if one == signs else stored_keys.stage(one, now)) for one in kept]

    def documents(self) -> list[dict[str, object]]:
        """One JSON object for each key, for scripts."""
        return [_document(one, stage) for one, stage in self._stages]

    def show(self) -> None:
        """Prints a table with one row for each key."""
        table = Table("Key ID", "Standing", "Created", "Signs until", "In the store", box=box.SIMPLE_HEAD)
        for one, stage in self._stages:
            until = f"{ticks.local(one.retired):%Y-%m-%d %H:%M}" if one.retired else "-"
            # `key rotate --at-once` sets the end into the past; for a young key, that is before it was created.
            withdrawn = 0 < one.retired < one.created
            table.add_row(
                one.kid,
                "withdrawn" if withdrawn else _WORDS[stage],
                f"{ticks.local(one.created):%Y-%m-%d %H:%M}",
                "-" if withdrawn else until,
                _form(one, stage),
            )
        if self._stages:
            print_table(console(), table)
        else:
            click.echo("There is no key yet: `jobreport serve` makes the first.")


def _form(one: SigningKey, stage: str) -> str:
    if is_encrypted(one.jwk):
        return "encrypted"
    return "public half" if stage == "over" else "plain"


def _document(one: SigningKey, stage: str) -> dict[str, object]:
    return {
        "kid": one.kid,
        "standing": "next" if stage == "in use" else stage,
        "created": ticks.to_iso(one.created, digits=0),
        "signsUntil": ticks.to_iso(one.retired, digits=0) if one.retired else None,
        "encrypted": is_encrypted(one.jwk),
    }
