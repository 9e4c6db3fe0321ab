"""The app registrations of a tenant, for admins: the list, and which of them somebody may change."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.apps import credentials
from jobreport.identity.operators.viewer import Viewer
from jobreport.model.roles import Role
from jobreport.monitor.html import go_of, render
from jobreport.monitor.page import Page, tenant_of, viewer
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store import Store
from jobreport.store.registry import apps as registry
from jobreport.store.registry import credentials as of_apps
from jobreport.store.registry.apps import App, AppSecret
from jobreport.store.registry.credentials import AppCertificate
from jobreport.threads import READS, in_thread


class AppRow(msgspec.Struct, frozen=True):
    """An app of the list. `expires` is when its last credential ends (ticks; 0: it has none). `is_expiring`: it should
    be replaced now. `is_changeable`: the viewer may see all tenants that it may access.
    """

    app: App
    address: str
    certificates: int
    secrets: int
    expires: int
    last_used: int
    is_expiring: bool
    is_changeable: bool


async def show(request: Request) -> Response:
    """Lists the apps of the tenant: those that may be used first."""
    of, who, store, go = tenant_of(request), viewer(request), services(request).store, go_of(request)
    apps, certificates = await in_thread(READS, _read, store, of.name)
    now = store.clock()
    rows = [
        _row(app, certificates.get(app.client_id, ()), now, go(f"/apps/{app.client_id}"), who)
        for app in sorted(apps, key=lambda app: (bool(app.revoked), app.name.casefold(), app.client_id))
    ]
    return render(request, "apps.html", rows=rows)


def _read(store: Store, name: str) -> tuple[tuple[App, ...], dict[str, tuple[AppCertificate, ...]]]:
    with store.reading() as transaction:
        return registry.list_apps(transaction, name), of_apps.all_certificates(transaction)


def _row(app: App, certificates: tuple[AppCertificate, ...], now: int, address: str, who: Viewer) -> AppRow:
    every: list[AppSecret | AppCertificate] = [*app.secrets, *certificates]
    secrets = credentials.live_secrets(app, now)
    live: list[AppSecret | AppCertificate] = [*secrets, *(one for one in certificates if one.is_live(now))]
    return AppRow(
        app=app,
        address=address,
        certificates=len(live) - len(secrets),
        secrets=len(secrets),
        expires=max((one.expires for one in live), default=0),
        last_used=max((one.last_used for one in every), default=0),
        is_expiring=bool(credentials.expiring(app, certificates, now)),
        is_changeable=may_change(app, who),
    )


def may_change(app: App, who: Viewer) -> bool:
    """Returns whether the viewer may change the app: only who sees every tenant that it may access."""
    if who.reach is None:
        return True
    return not app.all_tenants and who.reach.issuperset({app.tenant, *app.reach})


async def changeable(request: Request) -> App:
    """Returns the app that is named in the path. Raises ProblemError 404 if the tenant has no such app, 403 if the
    viewer may not change it.
    """
    store, of = services(request).store, tenant_of(request)
    app = await in_thread(READS, _find, store, request.path_params["clientId"])
    if app is None or app.tenant != of.number:
        raise ProblemError(404, "This tenant has no app with this client ID.")
    if not may_change(app, viewer(request)):
        raise ProblemError(403, "This app may access tenants that you may not see, so you may not change it.")
    return app


def _find(store: Store, client_id: str) -> App | None:
    with store.reading() as transaction:
        return registry.find_app(transaction, client_id)


SHOW: Final = Page(handler=show, id="apps", needs=Role.Admin)
