"""Pings that take long to come, or that never come whole."""

import socket
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from ping_inboxes import inbox, jobs, key

from jobreport.server.rate_limit import ALL_PINGS
from serving import App, Server, serve, until


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


def test_a_ping_that_is_cut_off_makes_no_inbox(server: Server, app: App) -> None:
    below = key(server, app)
    begun(server, f"{below}new?create=1", 100_000).close()
    assert server.http.get(f"{below}new").status_code == 404
    assert server.http.put(f"{below}new?create=1", content=b"x" * 100_000).status_code == 201


def refused(store: str) -> int:
    """The number of pings that are counted as refused, for the audit log."""
    with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as connection:
        (number,) = connection.execute("SELECT sum(refused) FROM sign_in WHERE client LIKE 'inbox:%'").fetchone()
    return int(number or 0)


def test_connections_that_are_cut_off_use_up_nothing_of_others_and_are_counted(tmp_path: Path) -> None:
    cut = ALL_PINGS + 9
    with serve(tmp_path, "--ping-limit", "1/hour") as server:
        path = inbox(server, server.app("default"), "nas")
        for _ in range(cut):
            with closing(socket.create_connection(("127.0.0.1", server.port), 30)) as connection:
                head = f"POST /ping/{uuid.uuid4()} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"
                connection.sendall(head.encode())
        until(lambda: server.http.get(path).status_code == 200, "a ping that is taken")
    assert refused(server.store) >= cut
