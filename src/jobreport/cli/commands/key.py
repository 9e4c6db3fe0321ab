"""`jobreport key`: the keys that tokens are signed with, listed and replaced; and the secret key that encrypts them."""

import json
from pathlib import Path

import click
from rich import box
from rich.table import Table

from jobreport import settings
from jobreport.cli.options import secret_file
from jobreport.cli.options.actor import actor
from jobreport.cli.options.store import json_option, open_chosen_store, store_option
from jobreport.cli.output.tables import console
from jobreport.identity.keys import provision, rotation, stored_keys
from jobreport.identity.keys.encryption import SecretKey, is_encrypted, new_secret
from jobreport.model import ticks
from jobreport.store.registry import signing_keys as kept
from jobreport.store.registry.signing_keys import SigningKey


@click.group()
def key() -> None:
    """The keys that access tokens are signed with."""


@key.command("list")
@json_option
@store_option
def list_(as_json: bool, store: str | None) -> None:
    """Lists the signing keys: which one signs, which is to come, and which still verify what they signed."""
    chosen = open_chosen_store(store, create=False)
    now = chosen.clock()
    with chosen.reading() as transaction:
        found = kept.signing_keys(transaction)
    signs = stored_keys.signer(found, now)
    rows = [(one, stored_keys.stage(one, now) if one != signs else "signs") for one in found]
    if as_json:
        click.echo(json.dumps([_document(one, how) for one, how in rows], indent=2))
        return
    table = Table("Key ID", "Standing", "Created", "Signs until", "In the store", box=box.SIMPLE_HEAD)
    for one, how in rows:
        until = f"{ticks.local(one.retired):%Y-%m-%d %H:%M}" if one.retired else "-"
        withdrawn = 0 < one.retired < one.created
        table.add_row(
            one.kid,
            "withdrawn" if withdrawn else _WORDS[how],
            f"{ticks.local(one.created):%Y-%m-%d %H:%M}",
            "-" if withdrawn else until,
            _form(one, how),
        )
    console().print(table if found else "There is no key yet: `jobreport serve` makes the first.")


@key.command()
@click.option("--at-once", is_flag=True, help="The key got out: destroy it now, and end every token that it signed.")
@json_option
@store_option
def rotate(at_once: bool, as_json: bool, store: str | None) -> None:
    """Makes a new signing key. It is published at once, and signs from ten minutes on.

    The one before verifies until the last token that it signed is over, an hour; then it is destroyed. Servers need
    not be started again. They replace a key of 90 days by themselves (`--key-days`).

    \b
    jobreport key rotate
    jobreport key rotate --at-once     every app has to sign in again, which programs do by themselves
    """
    secret = secret_file.secret(settings.SECRET_KEY)
    chosen = open_chosen_store(store, create=False)
    new = rotation.rotate(chosen, SecretKey(secret) if secret else None, actor(), at_once=at_once)
    begins = new.created + (0 if at_once else stored_keys.LEAD_SECONDS * ticks.PER_SECOND)
    if as_json:
        click.echo(json.dumps({"kid": new.kid, "signsFrom": ticks.to_iso(begins, digits=0)}, indent=2))
    else:
        click.echo(f"Made the key {new.kid}; it signs from {ticks.to_iso(begins, digits=0)} on.")


@key.command()
def secret() -> None:
    """Prints a new secret key, for JOBREPORT_SECRET_KEY or a file that JOBREPORT_SECRET_KEY_FILE names.

    The signing keys in the store are encrypted with it, so that who reads the store, or a copy, can sign nothing. Keep
    a copy elsewhere: without it they cannot be read, and every token ends with `jobreport key rotate --at-once`.

    \b
    (umask 077 && jobreport key secret > /etc/jobreport/secret.key)
    """
    click.echo(new_secret())


@key.command()
@click.option(
    "--with-file",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the new secret key.",
)
@json_option
@store_option
def encrypt(file: Path, as_json: bool, store: str | None) -> None:
    """Encrypts the signing keys with another secret key; the one before is read from JOBREPORT_SECRET_KEY[_FILE].

    Servers that run go on with the keys that they know. Start each again with the new secret key soon: until then it
    does not see what is done to the keys.

    \b
    (umask 077 && jobreport key secret > new.key)
    JOBREPORT_SECRET_KEY_FILE=old.key jobreport key encrypt --with-file new.key
    """
    before = secret_file.secret(settings.SECRET_KEY)
    try:
        new = SecretKey(file.read_text(encoding="utf-8"))
        secret_file.warn_of_others(f"the file {file}", file)
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    chosen = open_chosen_store(store, create=False)
    done = provision.reencrypt(chosen, SecretKey(before) if before else None, new, actor())
    if as_json:
        click.echo(json.dumps({"keys": done, "secretKey": new.name}, indent=2))
    else:
        click.echo(f"Encrypted {done} {'key' if done == 1 else 'keys'} with the secret key {new.name}.")


_WORDS = {
    "signs": "signs",
    "in use": "published, signs next",
    "verifying": "verifies what it signed",
    "over": "over",
}


def _form(one: SigningKey, how: str) -> str:
    if is_encrypted(one.jwk):
        return "encrypted"
    return "public half" if how == "over" else "plain"


def _document(one: SigningKey, how: str) -> dict[str, object]:
    return {
        "kid": one.kid,
        "standing": {"in use": "next"}.get(how, how),
        "created": ticks.to_iso(one.created, digits=0),
        "signsUntil": ticks.to_iso(one.retired, digits=0) if one.retired else None,
        "encrypted": is_encrypted(one.jwk),
    }
