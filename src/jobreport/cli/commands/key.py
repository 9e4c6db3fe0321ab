"""`jobreport key`: lists and replaces the keys that sign tokens, and makes the secret key that encrypts them."""

import json
from pathlib import Path

import click

from jobreport import settings
from jobreport.cli.actor import actor
from jobreport.cli.options import secret_file
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.model import ticks


@click.group()
def key() -> None:
    """The keys that sign access tokens."""


@key.command("list")
@json_option
@store_option
def list_(as_json: bool, store: str | None) -> None:
    """Lists the signing keys: which one signs now, which one is next, and which only verify older tokens."""
    from jobreport.cli.output.keys import Keys
    from jobreport.store.registry.signing_keys import signing_keys

    chosen = open_chosen_store(store)
    with chosen.reading() as transaction:
        keys = Keys(signing_keys(transaction), chosen.clock())
    if as_json:
        click.echo(json.dumps(keys.documents(), indent=2))
    else:
        keys.show()


@key.command()
@click.option("--at-once", is_flag=True, help="For a stolen key: destroy it now, and end every token that it signed.")
@json_option
@store_option
def rotate(at_once: bool, as_json: bool, store: str | None) -> None:
    """Makes a new signing key. It is published now, and signs ten minutes later.

    The old key is kept for one more hour, until the last token that it signed has ended. Then it is destroyed. Servers
    need no restart. They replace a key by themselves when it is 90 days old (`--key-days`).

    After --at-once every app must sign in again; programs do so by themselves.

    \b
    jobreport key rotate
    jobreport key rotate --at-once
    """
    from jobreport.identity.keys import rotation, stored_keys
    from jobreport.identity.keys.encryption import SecretKey

    chosen = open_chosen_store(store)  # first: with an installed service's store goes its secret key
    secret = secret_file.secret(settings.SECRET_KEY)
    new = rotation.rotate(chosen, SecretKey(secret) if secret else None, actor(), at_once=at_once)
    begins = new.created + (0 if at_once else stored_keys.LEAD_SECONDS * ticks.PER_SECOND)
    if as_json:
        click.echo(json.dumps({"kid": new.kid, "signsFrom": ticks.to_iso(begins, digits=0)}, indent=2))
    else:
        click.echo(f"Made the key {new.kid}; it signs from {ticks.to_iso(begins, digits=0)} on.")


@key.command()
def secret() -> None:
    """Prints a new secret key, for JOBREPORT_SECRET_KEY or the file that JOBREPORT_SECRET_KEY_FILE names.

    The signing keys in the store are encrypted with it, so that somebody who reads the store, or a copy of it, cannot
    sign tokens. Keep a copy of the secret key elsewhere: without it the signing keys cannot be read, and the server
    does not start.

    \b
    (umask 077 && jobreport key secret > /etc/jobreport/secret.key)
    """
    from jobreport.identity.keys.encryption import new_secret

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
    """Encrypts the signing keys with a new secret key. The old one is read from JOBREPORT_SECRET_KEY[_FILE].

    Running servers keep working with the keys that they know. Restart each of them soon with the new secret key: until
    then it does not notice changes of the keys.

    \b
    (umask 077 && jobreport key secret > new.key)
    JOBREPORT_SECRET_KEY_FILE=old.key jobreport key encrypt --with-file new.key
    """
    from jobreport.identity.keys import provision
    from jobreport.identity.keys.encryption import SecretKey

    try:
        new = SecretKey(file.read_text(encoding="utf-8"))
        secret_file.warn_of_others(f"the file {file}", file)
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    chosen = open_chosen_store(store)
    before = secret_file.secret(settings.SECRET_KEY)
    done = provision.reencrypt(chosen, SecretKey(before) if before else None, new, actor())
    if as_json:
        click.echo(json.dumps({"keys": done, "secretKey": new.name}, indent=2))
    else:
        click.echo(f"Encrypted {done} {'key' if done == 1 else 'keys'} with the secret key {new.name}.")
