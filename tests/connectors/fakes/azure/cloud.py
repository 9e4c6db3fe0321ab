"""One subscription of Azure on loopback: tokens of a managed identity, lists by pages, roles, and what goes wrong.

What can be asked for is added by the modules beside this one. Each good answer is checked against the types of Azure's
own SDKs before it is sent.
"""

import fnmatch
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from fakes.azure.schema import faults

SUBSCRIPTION = "0f6b7d0e-5f0a-4a0c-9f54-2f6a3f0c9a11"
SECRET = "of-the-identity"
ALL = ("*/read", "*/action")
Record = dict[str, Any]


class RefusedError(Exception):
    """An error that Azure answers."""

    def __init__(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers or {}


@dataclass
class Asked:
    """A request, and what of its path the route names."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    parts: dict[str, str] = field(default_factory=dict)


@dataclass
class Trouble:
    """What goes wrong with requests whose address holds a text; so many good ones come before."""

    part: str
    error: RefusedError
    times: int
    after: int = 0


Handler = Callable[[Asked], Any]


class Cloud:
    """What the subscription has. `page` is how many things a page of a list has, `ahead` how far its clock is before
    ours, and `link` what becomes of a link to the next page. `given` counts tokens;
    each `lasts` so long that the next request asks for another. `checks`: answers are checked.
    """

    def __init__(self, page: int = 3, *, checks: bool = True) -> None:
        self.page, self._checks = page, checks
        self.base = ""
        self.asked: list[Asked] = []
        self.tokens: set[str] = set()
        self.given = 0
        self.ahead, self.lasts = timedelta(), timedelta(minutes=1)
        self.link: Callable[[str], str] = lambda link: link
        self.roles: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {f"/subscriptions/{SUBSCRIPTION}": (ALL, ())}
        self._troubles: list[Trouble] = []
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []
        self.on("GET", "(?P<scope>/subscriptions/.+)/providers/Microsoft.Authorization/permissions", self._permissions)

    def on(self, method: str, path: str, handler: Handler) -> None:
        """Adds what is answered under a path."""
        self._routes.append((method, re.compile(path, re.IGNORECASE), handler))

    def instead(self, name: str, body: Any) -> None:
        """Has what ends with a name answered so, whatever there is."""
        self._routes.insert(0, ("GET", re.compile(f".*/{name}", re.IGNORECASE), lambda _asked: body))

    def trouble(self, part: str, status: int, code: str, *, times: int = 1, after: int = 0, **headers: str) -> None:
        """Makes requests go wrong."""
        error = RefusedError(status, code, {name.replace("_", "-"): text for name, text in headers.items()})
        self._troubles.append(Trouble(part, error, times, after))

    def may(self, action: str, scope: str) -> bool:
        """Whether the identity has a right at a place, by the roles that it has there or above."""
        roles = [role for place, role in self.roles.items() if scope.casefold().startswith(place.casefold())]
        return any(_any(actions, action) and not _any(but, action) for actions, but in roles)

    def require(self, action: str, scope: str) -> None:
        """Raises the error of a right that is missing."""
        if not self.may(action, scope):
            raise RefusedError(403, "AuthorizationFailed")

    def listed(
        self, asked: Asked, every: Sequence[Record], kind: Any, whole: Callable[[Record], Record] = lambda one: one
    ) -> Record:
        """Returns a page of a list, whose records are of this type of an SDK when they are made `whole`."""
        begin = int(asked.query.get("$skipToken", "0"))
        shown = [whole(one) for one in every[begin : begin + self.page]]
        if self._checks:
            check(shown, list[kind])
        if begin + self.page >= len(every):
            return {"value": shown}
        query = {**asked.query, "$skipToken": str(begin + self.page)}
        words = "&".join(f"{quote(name)}={quote(text)}" for name, text in query.items())
        return {"value": shown, "nextLink": self.link(f"{self.base}{asked.path}?{words}")}

    def answer(self, asked: Asked, token: str) -> Any:
        """Returns the body of a good answer. Raises RefusedError."""
        self.asked.append(asked)
        for trouble in self._troubles:
            if trouble.part in f"{asked.path}?{asked.query}" and trouble.times:
                if trouble.after:
                    trouble.after -= 1
                else:
                    trouble.times -= 1
                    raise trouble.error
        if token not in self.tokens:
            raise RefusedError(401, "ExpiredAuthenticationToken")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", asked.query.get("api-version", "")):
            raise RefusedError(400, "MissingApiVersionParameter")
        for method, pattern, handler in self._routes:
            if method == asked.method and (match := pattern.fullmatch(asked.path)):
                asked.parts = match.groupdict()
                return handler(asked)
        raise RefusedError(404, "InvalidResourceType")

    def token(self) -> Record:
        """Returns a token of the managed identity."""
        self.given += 1
        name = f"token-{self.given}"
        self.tokens.add(name)
        end = int((datetime.now(UTC) + self.lasts).timestamp())
        return {"access_token": name, "expires_on": str(end), "resource": "x", "token_type": "Bearer"}

    def _permissions(self, asked: Asked) -> Record:
        scope = asked.parts["scope"]
        self.require("Microsoft.Authorization/permissions/read", scope)
        held = [role for place, role in self.roles.items() if scope.casefold().startswith(place.casefold())]
        return {"value": [{"actions": [*actions], "notActions": [*but]} for actions, but in held]}


def check(value: Any, kind: Any) -> None:
    """Raises AssertionError if an answer is not as the SDK's types say."""
    wrong = faults(value, kind)
    assert not wrong, wrong


def _any(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatch.fnmatchcase(action.casefold(), one.casefold()) for one in patterns)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    cloud: ClassVar[Cloud]

    def do_GET(self) -> None:
        self._handle(None)

    def do_POST(self) -> None:
        self._handle(json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"null"))

    def _handle(self, body: Any) -> None:
        parts = urlsplit(self.path)
        query = {name: every[-1] for name, every in parse_qs(parts.query).items()}
        asked = Asked(self.command, parts.path, query, body)
        if asked.path == "/identity":
            ours = self.headers["X-IDENTITY-HEADER"] == SECRET
            self._send(200 if ours else 401, self.cloud.token() if ours else {}, {})
            return
        try:
            answer = self.cloud.answer(asked, self.headers.get("Authorization", "").removeprefix("Bearer "))
        except RefusedError as error:
            said = {"error": {"code": error.code, "message": f"{error.code}: 'Microsoft.Sql' of {asked.path}"}}
            self._send(error.status, said, error.headers)
        else:
            self._send(200, answer, {})

    def _send(self, status: int, answer: Any, headers: Mapping[str, str]) -> None:
        body = json.dumps(answer).encode()
        self.send_response_only(status)
        self.send_header("Date", format_datetime(datetime.now(UTC) + self.cloud.ahead, usegmt=True))
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *about: Any) -> None:
        """Says nothing."""


@contextmanager
def served(cloud: Cloud) -> Iterator[Cloud]:
    """Serves the subscription on loopback."""
    handler = type("Handler", (_Handler,), {"cloud": cloud, "wbufsize": -1})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as opened:
        opened.daemon_threads = True
        cloud.base = f"http://127.0.0.1:{opened.server_port}"
        threading.Thread(target=opened.serve_forever, args=(0.02,), daemon=True).start()
        yield cloud
        opened.shutdown()


def environment(cloud: Cloud) -> dict[str, str]:
    """Returns the variables by which the SDK signs in there, as those of a machine in Azure do."""
    return {"IDENTITY_ENDPOINT": f"{cloud.base}/identity", "IDENTITY_HEADER": SECRET}
