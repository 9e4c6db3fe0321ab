"""What is asked of SNS: an answer of bounded size, from where it was asked and nowhere else."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from jobreport.inbox.report import UnreadableError
from jobreport.inbox.webhooks.sns_get import MOST_BYTES, get, get_certificate


class Answers(BaseHTTPRequestHandler):
    """Answers by the path: a certificate, one that is too long, a way to somewhere else, or that there is nothing."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status = {"/certificate": 200, "/long": 200, "/elsewhere": 302}.get(self.path, 403)
        body = b"x" * (MOST_BYTES + 1) if self.path == "/long" else b"a certificate"
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/certificate")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def amazon() -> Iterator[str]:
    Answers.asked = []
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_answer_is_returned(amazon: str) -> None:
    assert get(f"{amazon}/certificate") == b"a certificate"


def test_a_try_asks_for_certificates_alone(amazon: str) -> None:
    assert get_certificate(f"{amazon}/certificate") == b"a certificate"
    Answers.asked.clear()
    with pytest.raises(UnreadableError, match="would confirm the subscription"):
        get_certificate(f"{amazon}/?Action=ConfirmSubscription&Token=1")
    assert Answers.asked == []


@pytest.mark.parametrize(
    ("path", "words"),
    [("/long", f"more than {MOST_BYTES} bytes"), ("/elsewhere", "answered 302"), ("/nothing", "answered 403")],
)
def test_no_other_answer_is(amazon: str, path: str, words: str) -> None:
    Answers.asked.clear()
    with pytest.raises(UnreadableError, match=words):
        get(f"{amazon}{path}")
    assert Answers.asked == [path]


def test_silence_is_told_in_words() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(UnreadableError, match="could not be asked"):
            get(f"http://127.0.0.1:{nobody.getsockname()[1]}/certificate")
