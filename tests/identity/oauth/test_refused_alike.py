"""Refused sign-ins are alike: an unknown client costs the store the same statements as a wrong secret."""

import pytest
from sqlalchemy import event

from jobreport.identity.apps import credentials, registrations
from jobreport.identity.oauth.grants import GrantError, client_credentials
from jobreport.store import Store


def refusal(store: Store, client_id: str, secret: str) -> tuple[list[str], str]:
    """The statements that a refused sign-in made the store run, and what it was told."""
    ran: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        ran.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        with pytest.raises(GrantError) as raised:
            client_credentials(store, tuple(form.items()))
    finally:
        event.remove(store._engine, "before_cursor_execute", note)
    return ran, str(raised.value)


def test_unknown_client_wrong_secret_and_revoked_app_cost_the_same_statements_and_are_told_the_same(
    store: Store,
) -> None:
    apps = [
        registrations.create(store, name="a", tenant="t", permissions=["PlatformBackup.Read.All"]) for _ in range(2)
    ]
    credentials.rotate(store, apps[0].app.client_id, overlap_seconds=3600)
    registrations.revoke(store, apps[1].app.client_id)
    found = [
        refusal(store, "00000000-0000-4000-8000-000000000000", "wrong"),
        refusal(store, apps[0].app.client_id, "wrong"),
        refusal(store, apps[1].app.client_id, "wrong"),
        refusal(store, apps[1].app.client_id, apps[1].secret),
    ]
    assert found[0][0]
    assert found == [found[0]] * len(found)
