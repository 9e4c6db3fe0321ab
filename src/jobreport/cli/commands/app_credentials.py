"""`jobreport app secret` and `jobreport app certificate`: add and end what an app signs in with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from jobreport.cli.actor import actor
from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import Number
from jobreport.cli.options.store import open_chosen_store, store_option
from jobreport.model import ticks

if TYPE_CHECKING:
    from jobreport.store import Store

T = TypeVar("T")

YEARS = Number(1, 3)

app_argument = click.argument("client_id", metavar="APP")
"""The app that a command is about: its client ID, the first characters of it, or its name."""


@click.group()
def secret() -> None:
    """Client secrets: an app has one, and a second while the first is being replaced."""


@secret.command("add")
@app_argument
@click.option("--secret-years", type=YEARS, default=1, show_default=True, help="Life of the secret.")
@json_option
@store_option
def add_secret(client_id: str, secret_years: int, as_json: bool, store: str | None) -> None:
    """Gives an app a second secret and prints it once. The first one still works.

    Install the new secret, and then end the old one:

    \b
    jobreport app secret add 3c8b…
    jobreport app secret revoke 3c8b… 9f86d081
    """
    from jobreport.cli.output.apps import show_issued
    from jobreport.identity.apps import credentials

    chosen = open_chosen_store(store)
    client_id = named_app(chosen, client_id)
    show_issued(
        done_or_told(lambda: credentials.add_secret(chosen, client_id, years=secret_years, by=actor())), as_json
    )


@secret.command("revoke")
@app_argument
@click.argument("secret_id")
@json_option
@store_option
def revoke_secret(client_id: str, secret_id: str, as_json: bool, store: str | None) -> None:
    """Ends one secret of an app now. `jobreport app show` lists the secrets, and when each was last used.

    Tokens that the app got with it still work until they end, for one hour at most.
    """
    from jobreport.cli.output.apps import secret_document
    from jobreport.identity.apps import credentials

    chosen = open_chosen_store(store)
    client_id = named_app(chosen, client_id)
    app, ended = done_or_told(lambda: credentials.end_secret(chosen, client_id, secret_id, by=actor()))
    if as_json:
        click.echo(json.dumps({"clientId": app.client_id, **secret_document(ended)}, indent=2))
    else:
        click.echo(f"Ended the secret {credentials.secret_id(ended)} of {app.name} ({app.client_id}).")


@click.group()
def certificate() -> None:
    """Certificates: an app has one, and a second while the first is being replaced."""


@certificate.command("add")
@app_argument
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@store_option
def add_certificate(client_id: str, file: Path, as_json: bool, store: str | None) -> None:
    """Lets an app also sign in with the key of the certificate in FILE (PEM or DER).

    \b
    openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj "/CN=nightly report" \\
        -addext keyUsage=critical,digitalSignature -keyout app.key -out app.pem
    jobreport app certificate add 3c8b… app.pem
    """
    from jobreport.cli.output.apps import certificate_document
    from jobreport.identity.apps import credentials

    data = certificate_bytes(file)
    chosen = open_chosen_store(store)
    client_id = named_app(chosen, client_id)
    app, kept = done_or_told(lambda: credentials.add_certificate(chosen, client_id, data, by=actor()))
    if as_json:
        click.echo(json.dumps({"clientId": app.client_id, **certificate_document(kept)}, indent=2))
        return
    click.echo(f"Client ID    {app.client_id}")
    click.echo(f"Thumbprint   {kept.thumbprint}")
    click.echo(f"Subject      {kept.subject}")
    click.echo(f"Expires      {ticks.to_iso(kept.expires, digits=0)}")


@certificate.command("remove")
@app_argument
@click.argument("thumbprint")
@json_option
@store_option
def remove_certificate(client_id: str, thumbprint: str, as_json: bool, store: str | None) -> None:
    """Ends a certificate of an app now. THUMBPRINT may be its first digits."""
    from jobreport.cli.output.apps import certificate_document
    from jobreport.identity.apps import credentials

    chosen = open_chosen_store(store)
    client_id = named_app(chosen, client_id)
    app, kept = done_or_told(lambda: credentials.end_certificate(chosen, client_id, thumbprint, by=actor()))
    if as_json:
        click.echo(json.dumps({"clientId": app.client_id, **certificate_document(kept)}, indent=2))
    else:
        click.echo(f"Removed the certificate {kept.thumbprint[:16]}… of {app.name} ({app.client_id}).")


def named_app(store: "Store", word: str) -> str:
    """Returns the client ID of the app that is meant (`app_argument`). Raises ClickException if that is not clear."""
    from jobreport.identity.apps.named import client_id_of

    return done_or_told(lambda: client_id_of(store, word))


def certificate_bytes(file: Path) -> bytes:
    """Returns the bytes of `file`, at most one more than a certificate may have. Raises ClickException if it cannot be
    read.
    """
    from jobreport.identity.apps import certificates

    try:
        with file.open("rb") as opened:
            return opened.read(certificates.MAX_FILE + 1)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from None


def done_or_told(work: Callable[[], T]) -> T:
    """Returns the result of `work`. Raises ClickException with the reason if the registry refuses it."""
    from jobreport.identity.apps.certificates import CertificateError
    from jobreport.identity.apps.registrations import RegistrationError

    try:
        return work()
    except (RegistrationError, CertificateError) as error:
        raise click.ClickException(str(error)) from None
