"""Receivers of messages on loopback: an HTTP and a mail server that answer as a test says, and keep what came."""

import asyncio
import email
import email.policy
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from jobreport.model.message import Message, Severity, Step
from strategies import NOW


def message(number: str = "i1.opened", **changes: Any) -> Message:
    """A message of the tenant 1, of an incident unless the number has none."""
    first = Message(
        id=number,
        incident=number.partition(".")[0] if "." in number else "",
        step=Step.OPENED,
        tenant=1,
        tenant_name="Müller & Söhne",
        subject="12 of 50 series of plan nightly did not start; expected 02:00 Europe/Berlin",
        lines=("web-1:/home: expected 02:00, 1 h grace", "<b>web-2</b>: no data since 02:10"),
        more=10,
        link="https://jobs.example.com/incidents/i1?a=1&b=2",
        ticket="OPS-4711",
        severity=Severity.CRITICAL,
        at=NOW,
    )
    return msgspec.structs.replace(first, **changes)


class Request(msgspec.Struct):
    """What was posted."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """An HTTP server. Each request gets the next of `answers`, and the last one again and again: a status with headers,
    or `slow`, which sends nothing until the receiver ends, or `cut`, which breaks off the connection.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Any] = [(200, {})]
        self.on_request: Callable[[Request], None] = lambda _request: None
        self.ended = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                came = Request(self.path, {name.lower(): text for name, text in self.headers.items()}, body)
                outer.requests.append(came)
                outer.on_request(came)
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if answer == "slow":
                    outer.ended.wait()
                if answer in ("slow", "cut"):
                    self.close_connection = True
                    return
                status, headers = answer
                self.send_response(status)
                for name, text in {"Content-Length": "2", **headers}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook/secret-path"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def end(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Runs an HTTP receiver."""
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.end()


class Letter(msgspec.Struct):
    """A mail that came: for whom, and what it says."""

    to: tuple[str, ...]
    mail: EmailMessage


class MailHouse:
    """A mail server. `refused` says by address with which answer it is refused; `after_data` what a letter is answered
    with; `cuts`: it breaks off instead. With a `password` it lets nobody send who has not signed in. `tls`: what of TLS
    it speaks, its certificate and its key.
    """

    def __init__(self, password: str = "", tls: tuple[str, Path, Path] | None = None) -> None:
        self.letters: list[Letter] = []
        self.refused: dict[str, str] = {}
        self.after_data = "250 taken"
        self.port = 0
        self.cuts = False
        self._password = password
        self._security = tls[0] if tls else ""
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if tls else None
        if self._tls and tls:
            self._tls.load_cert_chain(*tls[1:])
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result()
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self) -> asyncio.Server:
        tls = self._tls if self._security == "tls" else None
        return await self._loop.create_server(self._protocol, "127.0.0.1", 0, ssl=tls)

    def _protocol(self) -> SMTP:
        return SMTP(
            self,
            authenticator=self._let_in if self._password else None,
            auth_required=bool(self._password),
            auth_require_tls=False,
            tls_context=self._tls if self._security == "starttls" else None,
            loop=self._loop,
        )

    def _let_in(self, *arguments: Any) -> AuthResult:
        data = arguments[-1]
        right = isinstance(data, LoginPassword) and data.password.decode() == self._password
        return AuthResult(success=right, handled=False)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, to: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if to in self.refused:
            return self.refused[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.cuts:
            server.transport.abort()
            return ""
        if self.after_data.startswith("250"):
            content = envelope.original_content or b""
            mail = email.message_from_bytes(content, policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            self.letters.append(Letter((*envelope.rcpt_tos,), mail))
        return self.after_data

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


@contextmanager
def mail_house(password: str = "", tls: tuple[str, Path, Path] | None = None) -> Iterator[MailHouse]:
    """Runs a mail server."""
    house = MailHouse(password, tls)
    house.start()
    try:
        yield house
    finally:
        house.end()


def secret(folder: Path, *lines: str, name: str = "secret") -> str:
    """A file with these lines."""
    file = folder / f"{name}-{time.monotonic_ns()}"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    file.chmod(0o600)
    return str(file)
