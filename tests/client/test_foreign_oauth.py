"""OAuth clients of other makers sign in at the running server and read the report, as their users have them do it."""

import pytest
from oauthlib.oauth2 import BackendApplicationClient
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from jobs import job
from serving import READ, READ_WRITE, REPORT, WRITE_OWN, App, Server


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library insists on HTTPS, but for who says otherwise; and no proxy of this machine's is in between."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def session(app: App, *scope: str) -> OAuth2Session:
    return OAuth2Session(client=BackendApplicationClient(client_id=app.client_id, scope=list(scope) or None))


@pytest.mark.parametrize("scope", [READ_WRITE, READ_WRITE.lower(), READ_WRITE.upper()])
def test_requests_oauthlib_takes_the_token_however_the_scope_is_spelled(app: App, scope: str) -> None:
    app.write(job("one"))
    with session(app, scope) as client:
        # It refuses a token whose scope is not the one that it asked for.
        token = client.fetch_token(f"{app.server.url}/connect/token", client_secret=app.secret, include_client_id=True)
        assert token["scope"] == [scope]
        answer = client.post(f"{app.server.url}{REPORT}", json={})
        assert answer.json()["totalCount"] == 1


def test_requests_oauthlib_signs_in_by_a_basic_header_with_several_scopes_or_none(server: Server) -> None:
    app = server.app("foreign", READ, WRITE_OWN)
    auth = HTTPBasicAuth(app.client_id, app.secret)
    for scope in ((WRITE_OWN.lower(), READ), ()):
        with session(app, *scope) as client:
            client.fetch_token(f"{server.url}/connect/token", auth=auth)
            assert client.get(f"{server.url}/backup/vm/jobs").status_code == 200
