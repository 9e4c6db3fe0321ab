"""For attacks on tokens: what the server signs with, what a good token claims, and a key that is nobody's."""

import base64
import json
import sqlite3
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from made_tokens import Claims

from serving import App, Server


@pytest.fixture(scope="module")
def jwk(server: Server) -> dict[str, Any]:
    """The server's own private key, out of its store, so that single claims can be wrong under a good signature."""
    with sqlite3.connect(server.store.removeprefix("sqlite:///")) as connection:
        (text,) = connection.execute("select jwk from signing_key").fetchone()
    connection.close()
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def claims(idle: App) -> Claims:
    """The claims of a token that is good."""
    found: Claims = json.loads(base64.urlsafe_b64decode(idle.token.split(".")[1] + "=="))
    return found


@pytest.fixture(scope="module")
def foreign() -> RSAKey:
    return RSAKey.generate_key(2048)
