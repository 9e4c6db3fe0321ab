"""Fetches access tokens. A token is kept until shortly before its end, and renewed if the server refuses it."""

import time
from typing import Final

import msgspec

from jobreport.client.answers import read, refused
from jobreport.client.credentials import Proof
from jobreport.client.errors import UnexpectedAnswerError
from jobreport.client.flow import Alone, Ask, Flow
from jobreport.client.sending import sent

RENEW_EARLY: Final = 60.0
"""A token is renewed this many seconds before its end, so that it does not expire on the way to the server. If a token
lasts less than twice as long, it is renewed after half of its life."""


class _Token(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: float = 3600.0


class SignIn:
    """The tokens of one app at one endpoint. Safe to share between threads and tasks: only one flow at a time fetches a
    token.
    """

    def __init__(self, token_url: str, client_id: str, proof: Proof, scope: str | None) -> None:
        self.token_url, self._client_id, self._proof, self._scope = token_url, client_id, proof, scope
        self._token = ""
        self._renew_at = 0.0

    def bearer(self, refused: str = "") -> Flow[str]:
        """Returns a token that has not expired and is not the `refused` one."""
        if not self._lives(refused):
            yield Alone(self._renewed(refused))
        return self._token

    def _lives(self, refused: str) -> bool:
        return bool(self._token) and self._token != refused and time.monotonic() < self._renew_at

    def _renewed(self, unwanted: str) -> Flow[None]:
        if self._lives(unwanted):
            return  # another thread or task was first
        form = {"grant_type": "client_credentials", **self._proof(self._client_id, self.token_url)}
        if self._scope is not None:
            form["scope"] = self._scope
        asked = Ask("POST", self.token_url, {"data": form, "headers": {"Accept": "application/json"}})
        response = yield from sent(asked)
        if 400 <= response.status_code < 500 and response.status_code != 429:
            raise refused(response, f"{self.token_url} refused to sign in the app registration {self._client_id}")
        answer = read(response, _Token)
        # Checked here, because the error for an invalid header value would show the token.
        if not answer.access_token or not all("!" <= character <= "~" for character in answer.access_token):
            raise UnexpectedAnswerError(f"{self.token_url} answered with a token that cannot be one")
        self._token = answer.access_token
        self._renew_at = time.monotonic() + max(answer.expires_in - RENEW_EARLY, answer.expires_in / 2)
