"""Pings that take long to come, or that never come whole."""

import socket
from contextlib import closing

from ping_inboxes import inbox, jobs

from serving import App, Server


def begun(server: Server, path: str, length: int) -> socket.socket:
    """Returns a connection on which a ping has begun, and the server waits for its body: it has looked up for whom."""
    connection = socket.create_connection(("127.0.0.1", server.port), 30)
    connection.sendall(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
    return connection


def test_an_end_whose_body_takes_long_belongs_to_the_run_that_was_open_when_it_came(server: Server, app: App) -> None:
    path = inbox(server, app, "slow")
    server.http.get(f"{path}/start")
    with closing(begun(server, path, 100_000)) as connection:
        server.http.get(f"{path}/start")
        connection.sendall(b"y" * 100_000)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
    first, second = jobs(app)
    assert (first["state"], second["state"]) == ("Successful", "InProgress")
