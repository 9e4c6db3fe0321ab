"""Sends requests to the API of Proxmox VE or Proxmox Backup Server with a token, and says in words what is wrong.

A node of a cluster also answers for the other nodes. If one of them does not answer, it says so by HTTP statuses of its
own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.http_client import AnsweredError, HttpServer, UnauthorizedError, secret
from jobreport.connectors.kinds.proxmox.settings import ProxmoxSettings

_NO_NODE: Final = range(595, 600)
_JSON: Final = "api2/json/"


class NotUnderstoodError(CannotReadError):
    """Raised if an answer is not as Proxmox describes it. Other answers of the server may still be readable."""


class ApiAnswer(msgspec.Struct, frozen=True):
    """An answer: its `data` as it came; of a list, how many items the whole list has; and the server's time (ticks)."""

    data: msgspec.Raw
    total: int | None = None
    clock: int = 0


class _Envelope(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")
    total: int | None = None


class Api:
    """The API of the server that settings name."""

    def __init__(self, server: HttpServer, who: str) -> None:
        self._server, self.who = server, who

    def get(self, path: str, what: str, /, **parameters: Any) -> ApiAnswer:
        """Returns what is at a path below the API. Messages call it `what`. Raises CannotReadError."""
        try:
            answered = self._server.get(_JSON + path, what, **parameters)
        except UnauthorizedError as error:
            raise CannotReadError(f"{error}: no such token there, another secret, or it has expired") from None
        except AnsweredError as error:
            if error.status in _NO_NODE:
                raise CannotReadError(f"{what}: {self.who} cannot reach that node ({error.status})") from None
            raise
        try:
            envelope = msgspec.json.decode(answered.body, type=_Envelope)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise NotUnderstoodError(f"{what}: {self.who} answers with what is not its API's: {error}") from None
        return ApiAnswer(envelope.data, envelope.total, answered.clock)

    def items(self, path: str, what: str, /, **parameters: Any) -> tuple[list[msgspec.Raw], ApiAnswer]:
        """Returns the items of a list, and the answer that had them. Raises CannotReadError if it is no list."""
        told = self.get(path, what, **parameters)
        return understood(told.data, list[msgspec.Raw], what), told

    def holds(self, privilege: str, path: str) -> bool:
        """Whether the token has a privilege at a path of the permissions. Raises CannotReadError."""
        what = f"the token's rights at {path}"
        found = understood(self.get("access/permissions", what, path=path).data, dict[str, dict[str, Any]], what)
        # The value says whether the privilege also holds for paths below. Without a value, the token does not have it.
        return found.get(path, {}).get(privilege) is not None


def understood(data: msgspec.Raw, kind: Any, what: str) -> Any:
    """Returns what an answer has, as a value of a type. Raises NotUnderstoodError."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotUnderstoodError(f"{what}: the answer is not as Proxmox describes it: {error}") from None


@contextmanager
def signed_in(settings: ProxmoxSettings, who: str, scheme: str, between: str) -> Iterator[Api]:
    """Gives the API that settings name. It is signed in to by `scheme`, `=`, the token, `between` and the secret."""

    def sign_in(_: HttpServer) -> dict[str, str]:
        known = secret("token_secret_file", settings.token_secret_file)
        return {"Authorization": f"{scheme}={settings.token}{between}{known}"}

    with HttpServer(settings.url, who, ca_file=settings.ca_file, sign_in=sign_in) as server:
        yield Api(server, who)
