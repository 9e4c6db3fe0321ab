"""A connection that ends with its answer: the client gets the answer, and nothing more."""

import contextlib
import socket

import pytest

from serving import JOBS, PATIENCE, App


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize(
    ("token", "size", "expected"), [("x", 5_000_000, 401), ("x", 20_000_000, 401), (None, 20_000_000, 413)]
)
def test_client_that_asks_to_close_gets_its_refusal_though_it_is_still_sending(
    idle: App, version: str, token: str | None, size: int, expected: int
) -> None:
    """A connection that is closed with data on the way is reset, and the answer lost."""
    fields = f"Host: x\r\nConnection: close\r\nAuthorization: Bearer {token or idle.token}\r\nContent-Length: {size}"
    request_ = f"POST {JOBS} HTTP/{version}\r\n{fields}\r\n\r\n".encode() + b" " * size
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", idle.server.port), timeout=PATIENCE) as connection:
            connection.sendall(request_)
            found = b""
            while part := connection.recv(65536):
                found += part
        assert int(found.split(b" ", 2)[1]) == expected
        assert found.endswith(b"}")


def test_nothing_behind_the_last_request_is_answered_or_an_error(idle: App) -> None:
    before = idle.server.log.count('"level":"error"')
    for more in (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00\r\n\r\n"):
        for fields in ("Connection: close", "Connection: Upgrade, close\r\nUpgrade: h2c"):
            start = f"POST {JOBS} HTTP/1.1\r\nHost: x\r\n{fields}\r\nContent-Length: 3000000\r\n\r\n"
            found = b""
            with socket.create_connection(("127.0.0.1", idle.server.port), timeout=PATIENCE) as connection:
                connection.sendall(start.encode() + b" " * 2_999_990)
                while b"}" not in found:
                    found += connection.recv(65536)
                connection.sendall(b" " * 10 + more)
                with contextlib.suppress(ConnectionResetError):
                    while part := connection.recv(65536):
                        found += part
            assert (found.count(b"HTTP/1.1 "), found.split(b" ", 2)[1]) == (1, b"401")
    assert idle.server.log.count('"level":"error"') == before
