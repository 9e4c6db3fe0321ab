"""Surrounds every request: gives it an ID, gives its errors one shape, and logs one line about it."""

import time
import traceback
import uuid
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jobreport.server.body_budget import release
from jobreport.server.headers import secured
from jobreport.server.logged_path import logged
from jobreport.server.operation import Services
from jobreport.server.problem import as_problem, problem_response

_log = structlog.get_logger("jobreport.request")


class Requests:
    """The outermost layer. It answers every exception that a handler raises.

    `routes` has the path of each endpoint, by its identity, under which its requests are counted.
    """

    def __init__(self, app: ASGIApp, services: Services, routes: Mapping[int, str]) -> None:
        self.app, self.services, self._routes = app, services, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        scope["app"], scope["services"] = self, self.services
        request_id = scope["request_id"] = str(uuid.uuid4())
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                fields = [*message["headers"], (b"request-id", request_id.encode())]
                if more := scope.get("response_headers"):
                    fields += [(name.lower().encode(), value.encode()) for name, value in more.items()]
                message["headers"] = secured(fields, scope["scheme"])
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except ClientDisconnect:
            status = 499  # the client is gone and gets no answer; the log has the usual status for that
        except Exception as error:
            if status:  # the answer has already begun; the server cuts the connection
                raise
            response = problem_response(Request(scope), as_problem(error))
            _forget(error)
            await response(scope, receive, answer)
        finally:
            release(scope)
            seconds = time.perf_counter() - started
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            route = self._routes.get(id(scope.get("endpoint")), "")
            self.services.counts.request(method, route, status, seconds)
            _log.info("request", **_line(scope, route, status, seconds))


def _forget(error: BaseException | None) -> None:
    """Frees the objects that the traceback of an error refers to. Without this, an error raised in a thread keeps
    itself and the request's body in memory.
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


def _line(scope: Scope, route: str, status: int, seconds: float) -> dict[str, Any]:
    """Returns what is logged about a request: never its query, its headers or its body."""
    path = scope["path"]
    who, viewer, tenant = scope.get("principal") or scope.get("signed_in"), scope.get("viewer"), scope.get("tenant")
    address = scope.get("client")
    return {
        "request_id": scope["request_id"],
        "method": scope["method"],
        # A path that is its route's own has no part that somebody chose.
        "path": path if path == route else logged(path, ours="endpoint" in scope),
        "status": status,
        "ms": round(seconds * 1000, 1),
        "tenant": who.tenant_name if who else tenant.name if tenant else scope.get("tenant_name"),
        "client": who.client_id if who else f"operator:{viewer.name}" if viewer else scope.get("sender"),
        "address": address[0] if address else None,
    }
