"""A law of SMTP: whatever bytes a mail has, and in whatever pieces they come, just these are taken."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_house import SENDER, House, house

from connecting import PATIENCE
from jobreport.store import open_store
from jobreport.store.registry import unread
from stores import copy_used_store

BODIES = st.lists(
    st.sampled_from([b".", b"..", b"\r\n", b"\n", b"\r", b".\r\n", b"\r\n.", b"x", b"QUIT", b"\0\xff"]) | st.binary()
).map(b"".join)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose store is by the real time."""
    file: Path = tmp_path_factory.mktemp("laws") / "jobs.db"
    copy_used_store(file)
    with closing(open_store(f"sqlite:///{file}")) as store, house(store) as made:
        yield made


@settings(max_examples=30)
@given(body=BODIES, cut=st.integers(0, 200))
def test_what_is_sent_is_what_is_taken(running: House, body: bytes, cut: int) -> None:
    content = b"Subject: x\r\n\r\n" + body
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    said = re.sub(rb"(^|\r\n)\.", rb"\1..", content) + b".\r\nQUIT\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE) as talking:
        begun = f"HELO x\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{running.address}@x>\r\nDATA\r\n".encode()
        talking.sendall(begun)
        heard = b""
        while b"354" not in heard:
            heard += talking.recv(65536)
        talking.sendall(said[:cut])
        talking.sendall(said[cut:])
        while piece := talking.recv(65536):
            heard += piece
    assert b"250 2.0.0 stored\r\n221" in heard
    assert running.unread() == [content]
    with running.store.writing() as transaction:
        unread.end_all(transaction, running.inbox.tenant)
