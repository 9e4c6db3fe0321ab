"""Output of `jobreport app`: apps with their secrets and certificates, as tables for people or JSON for scripts."""

import json
from collections.abc import Mapping, Sequence

import click
from rich import box
from rich.table import Table
from rich.text import Text

from jobreport.cli.output.console import console
from jobreport.cli.output.tables import print_table
from jobreport.cli.output.warning import warn
from jobreport.identity.apps.credentials import ID_DIGITS, expiring, lasts, secret_id
from jobreport.identity.apps.registrations import Issued
from jobreport.identity.tenants import no_tenant
from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.registry import apps, credentials, tenants
from jobreport.store.registry.apps import App, AppSecret
from jobreport.store.registry.credentials import AppCertificate


class Apps:
    """The apps of a store with their secrets and certificates, read in one transaction at the time `now` (ticks)."""

    def __init__(self, store: Store, tenant: str | None = None, client_id: str | None = None) -> None:
        self.now = store.clock()
        with store.reading() as transaction:
            if tenant is not None and tenants.find(transaction, tenant) is None:
                raise click.ClickException(no_tenant(tenant))
            if client_id is None:
                self.apps = apps.list_apps(transaction, tenant)
            else:
                found = apps.find_app(transaction, client_id)
                self.apps = (found,) if found else ()
            self._certificates = credentials.all_certificates(transaction, client_id)
            self._names = {one.number: one.name for one in tenants.list_tenants(transaction)}

    def document(self, app: App) -> dict[str, object]:
        """The app as a JSON object, for scripts."""
        return {
            "clientId": app.client_id,
            "name": app.name,
            "tenant": app.tenant_name,
            "tenants": [self._names[number] for number in app.reach],
            "allTenants": app.all_tenants,
            "permissions": list(app.permissions),
            "created": _iso(app.created),
            "revoked": _iso(app.revoked),
            "secretExpires": [_iso(secret.expires) for secret in app.secrets],
            "secrets": [secret_document(secret) for secret in app.secrets],
            "certificates": [certificate_document(kept) for kept in self.certificates(app)],
            "endsSoon": bool(self.ending(app)),
        }

    def certificates(self, app: App) -> Sequence[AppCertificate]:
        """All certificates of the app, also those taken out of use."""
        return self._certificates.get(app.client_id, ())

    def ending(self, app: App) -> list[tuple[str, int]]:
        """The secrets and certificates that should be replaced now: name and end (ticks) of each, see `expiring`."""
        return expiring(app, self.certificates(app), self.now)

    def reach(self, app: App) -> list[str]:
        """The names of the tenants that a provider's app may access, besides its own."""
        return ["every tenant"] if app.all_tenants else [self._names[number] for number in app.reach]

    def standing(self, app: App) -> Text:
        """What the app signs in with: one line for each secret and certificate, or that it is revoked or has none.

        If all secrets have expired, the newest of them is shown.
        """
        if app.revoked:
            return Text(f"revoked {_day(app.revoked)}")
        secrets = [one for one in app.secrets if one.expires > self.now] or list(app.secrets[-1:])
        certificates = [one for one in self.certificates(app) if not one.ended]
        lines = [self._line(f"secret {secret_id(one)}", one) for one in secrets]
        lines += [self._line(f"certificate {one.thumbprint[:ID_DIGITS]}", one) for one in certificates]
        return Text("\n").join(lines) if lines else Text("none")

    def _line(self, name: str, kept: AppSecret | AppCertificate) -> Text:
        gone = kept.expires <= self.now
        soon = not lasts(kept, self.now)
        used = f"used {_day(kept.last_used)}" if kept.last_used else "never used"
        said = f"{name} {'expired' if gone else 'until'} {_day(kept.expires)}, {used}"
        return Text(said, "bold red" if gone else "yellow" if soon else "")


def show_list(found: Apps) -> None:
    """Prints a table with one row for each app, then a warning for each secret or certificate to be replaced now."""
    table = Table("Client ID", "Name", "Tenant", "Permissions", "Created", "Signs in with", box=box.SIMPLE_HEAD)
    for app in found.apps:
        table.add_row(
            app.client_id,
            app.name,
            "\n".join([app.tenant_name, *(f"→ {name}" for name in found.reach(app))]),
            "\n".join(app.permissions),
            f"{ticks.local(app.created):%Y-%m-%d %H:%M}",
            found.standing(app),
        )
    if found.apps:
        print_table(console(), table)
    else:
        click.echo("No app is registered yet: jobreport app create --help")
    for app in found.apps:
        warn_of(found, app)


def warn_of(found: Apps, app: App) -> None:
    """Warns on standard error of each secret or certificate of the app that should be replaced now (see `expiring`)."""
    others = any(lasts(one, found.now) for one in app.secrets)
    others |= any(lasts(one, found.now) and not one.ended for one in found.certificates(app))
    for name, ends in found.ending(app):
        another = f"jobreport app {'certificate' if name.startswith('cert') else 'secret'} add gives it another"
        warn(
            f"{app.name} ({app.client_id}): its {name} {'expired' if ends <= found.now else 'ends'} on {_day(ends)}, "
            f"and {'it still signs in with that' if others else f'nothing lasts longer; {another}'}"
        )


def show_one(found: Apps, app: App) -> None:
    """Prints everything about one app."""
    lines: Mapping[str, str] = {
        "Client ID": app.client_id,
        "Name": app.name,
        "Tenant": " → ".join([app.tenant_name, *([", ".join(found.reach(app))] if found.reach(app) else [])]),
        "Permissions": " ".join(app.permissions),
        "Created": str(_iso(app.created)),
        **({"Revoked": str(_iso(app.revoked))} if app.revoked else {}),
    }
    for name, value in lines.items():
        click.echo(f"{name:<12} {value}")
    if app.secrets:
        table = Table("Secret", "Created", "Expires", "Last used", box=box.SIMPLE_HEAD)
        for secret in app.secrets:
            table.add_row(secret_id(secret), _day(secret.created), _until(secret, found.now), _used(secret))
        print_table(console(), table)
    if found.certificates(app):
        table = Table("Certificate (SHA-256)", "Subject", "Added", "Expires", "Last used", box=box.SIMPLE_HEAD)
        for kept in found.certificates(app):
            until = f"ended {_day(kept.ended)}" if kept.ended else _until(kept, found.now)
            table.add_row(kept.thumbprint, Text(kept.subject), _day(kept.created), until, _used(kept))
        print_table(console(), table)
    warn_of(found, app)


def show_issued(issued: Issued, as_json: bool) -> None:
    """Prints what was made for an app: a new secret, which cannot be shown again, or its certificate."""
    app, kept = issued.app, issued.certificate
    document: dict[str, object] = {
        "clientId": app.client_id,
        **({} if kept else {"clientSecret": issued.secret}),
        "tenant": app.tenant_name,
        "permissions": list(app.permissions),
        **({"certificate": certificate_document(kept)} if kept else {"secretExpires": _iso(issued.expires)}),
    }
    if as_json:
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(f"Client ID      {app.client_id}")
    click.echo(f"Certificate    {kept.thumbprint} ({kept.subject})" if kept else f"Client secret  {issued.secret}")
    click.echo(f"Tenant         {app.tenant_name}")
    click.echo(f"Permissions    {' '.join(app.permissions)}")
    click.echo(f"Expires        {_iso(issued.expires)}")
    if not kept:
        click.echo("Keep the secret now: it is stored as a hash only and cannot be shown again.", err=True)


def secret_document(secret: AppSecret) -> dict[str, object]:
    """A secret as a JSON object, for scripts. The secret itself is not known: the store has only its hash."""
    return {
        "id": secret_id(secret),
        "created": _iso(secret.created),
        "expires": _iso(secret.expires),
        "lastUsed": _iso(secret.last_used),
    }


def certificate_document(kept: AppCertificate) -> dict[str, object]:
    """A certificate as a JSON object, for scripts."""
    return {
        "thumbprint": kept.thumbprint,
        "subject": kept.subject,
        "notBefore": _iso(kept.not_before),
        "expires": _iso(kept.expires),
        "created": _iso(kept.created),
        "ended": _iso(kept.ended),
        "lastUsed": _iso(kept.last_used),
    }


def _iso(moment: int) -> str | None:
    return ticks.to_iso(moment, digits=0) if moment else None


def _day(moment: int) -> str:
    return f"{ticks.local(moment):%Y-%m-%d}"


def _until(kept: AppSecret | AppCertificate, now: int) -> str:
    return f"{'expired ' if kept.expires <= now else ''}{_day(kept.expires)}"


def _used(kept: AppSecret | AppCertificate) -> str:
    return f"{ticks.local(kept.last_used):%Y-%m-%d %H}h" if kept.last_used else "never"
