"""A backup server on loopback, as far as its sessions and jobs are listed: revisions, tokens that end, rights, faults.

Every answer is compared with what Veeam declares (`veeam_declared`).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from fakes.loopback import Reply, Request
from fakes.veeam.veeam_declared import REVISIONS, fits

from jobreport.model import ticks

USER, PASSWORD = "BACKUP\\jobreport", "open sesame"
LIMIT = 200
"""So many items are in an answer, if the question does not say how many."""
TOKEN = 900 * ticks.PER_SECOND


def name_of(number: int) -> str:
    """The ID of a session, a task or a job."""
    return str(uuid.UUID(int=number))


@dataclass
class FakeVeeam:
    """What the server has. `revisions` are those that it knows, `most` the most items that it gives in an answer,
    `denied` the paths that the user may not ask for. `behind` comes before each answer, as what others do meanwhile.
    """

    now: int
    revisions: tuple[str, ...] = REVISIONS
    most: int = 10_000
    zone: str = "+01:00"
    iana: str = ""
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    states: list[dict[str, Any]] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    faults: list[Reply] = field(default_factory=list)
    instead: dict[str, Any] = field(default_factory=dict)
    behind: Callable[[Request], None] = lambda request: None
    asked: list[Request] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)
    token_life: int | None = None
    used: int = 0

    def put(self, record: dict[str, Any]) -> str:
        """Adds a session, or changes it; returns its ID."""
        self.sessions[record["id"]] = record
        return str(record["id"])

    def paths(self) -> list[str]:
        """The paths that were asked for."""
        return [one.path for one in self.asked]

    def __call__(self, request: Request) -> Reply:
        """Answers a request."""
        self.behind(request)
        self.asked.append(request)
        reply, declared = self._answer(request)
        if declared and request.path not in self.instead:
            fits(self._revision(request), declared, reply.body)
        reply.clock = reply.clock or self.now
        return reply

    def _revision(self, request: Request) -> str:
        return request.headers.get("x-api-version", "")

    def _answer(self, request: Request) -> tuple[Reply, str]:
        if self._revision(request) not in self.revisions:
            return _error(400, "UnsupportedApiVersion", "the revision is not known")
        if request.path == "/api/v1/serverTime":
            local = ticks.to_iso(self.now, digits=7)[:-1] + self.zone
            return Reply({"serverTime": local} | ({"ianaTimeZoneId": self.iana} if self.iana else {})), "Time"
        if request.path == "/api/oauth2/token":
            return self._token(request)
        if not self._is_signed_in(request):
            return _error(401, "ExpiredToken", "Access token is expired")
        if self.faults:
            return self.faults.pop(0), ""
        if request.path in self.denied:
            return _error(403, "AccessDenied", "no right")
        if request.path in self.instead:
            return Reply(self.instead[request.path]), "instead"
        match request.path.removeprefix("/api/v1/").split("/"):
            case ["sessions"]:
                return self._list(request, self._found(request)), "Sessions"
            case ["sessions", one] if one in self.sessions:
                return Reply(self.sessions[one]), "Session"
            case ["taskSessions"] if not self._revision(request).startswith("1.1"):
                session = request.first("sessionIdFilter")
                tasks = [one for of, ones in self.tasks.items() if session in ("", of) for one in ones]
                return self._list(request, tasks), "TaskSessions"
            case ["jobs", "states"]:
                return self._list(request, self.states), "JobStates"
        return _error(404, "NotFound", "not there")

    def _token(self, request: Request) -> tuple[Reply, str]:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if (form["username"], form["password"], form["grant_type"]) != (USER, PASSWORD, "password"):
            return _error(401, "AccessDenied", "Invalid username/password combination.")
        token = f"token-{len(self.tokens)}"
        self.tokens[token] = self.now + TOKEN
        self.used = 0
        times = {".issued": ticks.to_iso(self.now), ".expires": ticks.to_iso(self.now + TOKEN)}
        said = {"access_token": token, "token_type": "bearer", "refresh_token": "again", "expires_in": 900}
        return Reply(said | times), "Token"

    def _is_signed_in(self, request: Request) -> bool:
        """Whether the token is good; one is good for `token_life` requests, where that is said."""
        self.used += 1
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        is_worn = self.token_life is not None and self.used > self.token_life
        return self.tokens.get(token, 0) > self.now and not is_worn

    def _found(self, request: Request) -> list[dict[str, Any]]:
        assert (request.first("orderColumn"), request.first("orderAsc")) in {("CreationTime", "true"), ("", "")}
        return sorted(
            (one for one in self.sessions.values() if _fits_filters(one, request)),
            key=lambda one: (_time(one["creationTime"]), one["id"]),
        )

    def _list(self, request: Request, found: list[dict[str, Any]]) -> Reply:
        skip = int(request.first("skip", "0"))
        limit = min(int(request.first("limit", str(LIMIT))), self.most)
        page = found[skip : skip + limit]
        pagination = {"total": len(found), "count": len(page), "skip": skip, "limit": limit}
        return Reply({"data": page, "pagination": pagination})


def _fits_filters(one: dict[str, Any], request: Request) -> bool:
    for name, field_name in (("created", "creationTime"), ("ended", "endTime")):
        after, before = request.first(f"{name}AfterFilter"), request.first(f"{name}BeforeFilter")
        if not after and not before:
            continue
        if field_name not in one:
            return False
        time = _time(one[field_name])
        if (after and time <= _time(after)) or (before and time >= _time(before)):
            return False
    return True


def _time(text: str) -> int:
    return ticks.from_iso(text if text[-6] in "+-" or text.endswith("Z") else f"{text}+01:00")


def _error(status: int, code: str, message: str) -> tuple[Reply, str]:
    return Reply({"errorCode": code, "message": message}, status), ""
