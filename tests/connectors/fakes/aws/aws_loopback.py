"""Serves AWS Backup on loopback. Which region is meant stands in the signature, as in AWS's own."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from fakes.aws.aws_cloud import Cloud, RefusedError

from jobreport.model import ticks

_SIGNED: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>\w+)/\d{8}/(?P<region>[\w-]+)/backup/aws4_request, SignedHeaders=\S+, "
    r"Signature=[0-9a-f]{64}"
)
KEY: Final = "AKIDEXAMPLE"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud: Cloud

    def do_GET(self) -> None:
        signed = _SIGNED.fullmatch(self.headers.get("Authorization", ""))
        if not signed or signed["key"] != KEY:
            self._send(403, {"message": "The security token is invalid."}, "UnrecognizedClientException")
            return
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if self.cloud.elsewhere or self.cloud.instead:
            self._write(307 if self.cloud.elsewhere else 200, self.cloud.instead)
            return
        try:
            self._send(200, self.cloud.answer(signed["region"], unquote(parts.path), query))
        except RefusedError as refusal:
            self._send(refusal.status, {"message": f"secret words of arn:aws:iam::1:user/{KEY}"}, refusal.code)

    def _send(self, status: int, answer: Any, error: str = "") -> None:
        self._write(status, json.dumps(answer).encode(), error)

    def _write(self, status: int, body: bytes, error: str = "") -> None:
        self.send_response_only(status)
        if self.cloud.elsewhere:
            self.send_header("Location", self.cloud.elsewhere)
        self.send_header("Date", format_datetime(ticks.to_datetime(self.cloud.now()), usegmt=True))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if error:
            self.send_header("x-amzn-ErrorType", f"{error}:http://internal.amazon.com/coral/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *about: Any) -> None:
        """Says nothing."""


@contextmanager
def serving(cloud: Cloud, port: int = 0) -> Iterator[str]:
    """Serves `cloud`; gives its address."""
    handler = type("Handler", (_Handler,), {"cloud": cloud})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
