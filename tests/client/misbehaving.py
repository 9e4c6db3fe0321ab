"""A real server on a socket that does a given thing wrong at each request."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Deed = Callable[[BaseHTTPRequestHandler], None]

PAGE = {"totalCount": 0, "jobs": [], "nextLink": ""}


def answer(document: object = None, status: int = 200, **headers: str) -> Deed:
    """A whole answer; bytes as they are, else as JSON."""
    content = document if isinstance(document, bytes) else json.dumps(PAGE if document is None else document).encode()

    def do(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            to.send_header(name.replace("_", "-"), value)
        to.end_headers()
        to.wfile.write(content)

    return do


def raw(content: bytes) -> Deed:
    """These bytes in the place of an answer, and the end."""

    def do(to: BaseHTTPRequestHandler) -> None:
        to.wfile.write(content)
        to.wfile.flush()
        to.close_connection = True
        with contextlib.suppress(OSError):
            to.connection.shutdown(socket.SHUT_RDWR)

    return do


def slow(seconds: float) -> Deed:
    """A right answer, too late."""

    def do(to: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        answer()(to)

    return do


class Misbehaving:
    """Does each of `deeds` once, in order, and then answers an empty page; `token_deeds` likewise for its tokens."""

    def __init__(self) -> None:
        self.deeds: list[Deed] = []
        self.token_deeds: list[Deed] = []
        self.asked: list[tuple[float, str, dict[str, Any], dict[str, str]]] = []
        self.tokens = 0
        self.expires_in: Any = 3600
        self._turn = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.serve(self)

            def do_POST(self) -> None:
                outer.serve(self)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def serve(self, to: BaseHTTPRequestHandler) -> None:
        body = to.rfile.read(int(to.headers.get("Content-Length", 0))).decode()
        address = urlsplit(to.path)
        question = parse_qs(address.query or (body if address.path == "/connect/token" else ""))
        with self._turn:
            if address.path == "/connect/token":
                self.tokens += 1
                good = {"access_token": f"token-{self.tokens}", "expires_in": self.expires_in}
                deed = self.token_deeds.pop(0) if self.token_deeds else answer(good)
            else:
                deed = self.deeds.pop(0) if self.deeds else answer()
            self.asked.append((time.monotonic(), address.path, question, dict(to.headers)))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            deed(to)

    @property
    def requests(self) -> list[tuple[float, str, dict[str, Any], dict[str, str]]]:
        """When and what was asked, without the tokens."""
        return [one for one in self.asked if one[1] != "/connect/token"]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
