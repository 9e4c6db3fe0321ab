"""What an operator does beside a running server: apps are revoked, tenants suspended, deleted and resumed."""

from serving import App, Server, typed

TENANT = "Jobreport-Tenant"


def run(server: Server, *words: str) -> None:
    done = typed(*words, "--store", server.store)
    assert done.returncode == 0, done.stderr


def revoke(app: App) -> None:
    run(app.server, "app", "revoke", app.client_id)
