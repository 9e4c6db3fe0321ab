"""Servers on loopback that stand for the HTTP APIs of systems in which backups run: a function answers each request."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from jobreport.model import ticks


class Request(msgspec.Struct):
    """What was asked: header names in lower case, and each parameter of the query with all its values."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def first(self, name: str, default: str = "") -> str:
        """Returns the first value of a parameter."""
        return self.query.get(name, [default])[0]


class Reply(msgspec.Struct):
    """What is answered: bytes as they are, all else as JSON. `clock` is the server's time (ticks; 0: it says none)."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = {}
    clock: int = 0


Answer = Callable[[Request], Reply]


@contextmanager
def serving(answer: Answer, certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Serves what `answer` says, one request after the other, and gives the address; with a certificate and its key, by
    TLS. A request that `answer` fails at gets 500, and the test fails at the end.
    """
    failed: list[BaseException] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            named = {name.lower(): value for name, value in self.headers.items()}
            query = parse_qs(parts.query, keep_blank_values=True)
            try:
                with lock:
                    reply = answer(Request(self.command, parts.path, query, named, body))
            except BaseException as error:  # noqa: BLE001 - an assertion of the test, which is raised there
                failed.append(error)
                reply = Reply(status=500)
            self._send(reply)

        def do_POST(self) -> None:
            self.do_GET()

        def _send(self, reply: Reply) -> None:
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response_only(reply.status)
            if reply.clock:
                self.send_header("Date", format_datetime(ticks.to_datetime(reply.clock), usegmt=True))
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *about: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
    if failed:
        raise failed[0]
