"""A Bareos director on loopback, as far as a console that reads asks it: the wire protocol, signing in, lists in JSON.

From Bareos' source (commit eda204c3): `lib/cram_md5.cc`, `lib/output_formatter.cc`, `dird/ua_output.cc`,
`cats/postgresql_queries.inc`. What it lists are the rows of `bareos_catalog`. It lists by the time of the start, and
jobs of the same start in another order each time, as a database may.
"""

import base64
import hashlib
import hmac
import json
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from fakes.bareos_catalog import CLIENT

from jobreport.model import ticks

FIELDS = frozenset(
    (
        *("jobid", "job", "name", "purgedfiles", "type", "level", "clientid", "client", "jobstatus", "schedtime"),
        *("starttime", "endtime", "realendtime", "duration", "jobtdate", "volsessionid", "volsessiontime", "jobfiles"),
        *("jobbytes", "joberrors", "jobmissingfiles", "poolid", "poolname", "priorjobid", "filesetid", "fileset"),
    )
)
"""What `llist jobs` has of a job, all as texts."""
_OWN = {"purgedfiles": "0", "volsessionid": "1", "volsessiontime": "1", "poolid": "1", "poolname": "Full"}
_OWN |= {"filesetid": "1", "fileset": "LinuxAll", "client": "fs1-fd", "duration": "00:00:01"}
_PROMPT = -18
_END = -4
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
PASSWORD = "correct horse"


class Director:
    """What a director has and does. `hidden` are jobs, by name, that its console may not see; `commands` are those of
    its CommandACL. `asked` is what it was asked.
    """

    def __init__(self, now: Callable[[], int], name: str = "fs1-dir") -> None:
        self.now, self.name = now, name
        self.jobs: list[dict[str, Any]] = []
        self.logs: dict[int, list[str]] = {}
        self.hidden: set[str] = set()
        self.commands = {".api", "list", "llist"}
        self.forgets: set[int] = set()
        self.breaks_off = 0
        self.answers: dict[str, str] = {}
        self.asked: list[str] = []
        self.port = 0
        self._random = random.Random(7)

    def answer(self, command: str) -> str:
        """What the director says to a command, as JSON."""
        self.asked.append(command)
        words = command.split()
        if command in self.answers:
            return self.answers[command]
        if words[0] not in self.commands:
            said = {"messages": {"error": [f"{words[0]}: is an invalid command.\n"]}, "result": {}}
            return _json(error={"code": 1, "message": "failed", "data": said})
        options = dict(word.split("=", 1) for word in words if "=" in word)
        if words[0] == ".api":
            return _json(result={"api": 2})
        if words[1] == "clients":
            return _json(result={"clients": [{name.lower(): str(value) for name, value in CLIENT.items()}]})
        if words[1] == "joblog":
            return _json(result={"joblog": self._log(options, count="count" in words)})
        return self._listed(words, options)

    def _log(self, options: dict[str, str], *, count: bool) -> list[dict[str, str]]:
        lines = self.logs.get(int(options["jobid"]), [])
        if count:
            return [{"count": str(len(lines))}]
        first = int(options.get("offset", 0))
        return [{"logtext": line} for line in lines[first : first + int(options["limit"])]]

    def _listed(self, words: list[str], options: dict[str, str]) -> str:
        rows = [row for row in self.jobs if row["JobId"] not in self.forgets]
        if "jobid" in options:
            rows = [
                row for row in self.jobs if row["JobId"] == int(options["jobid"]) and row["Name"] not in self.hidden
            ]
            return _json(result={"jobs": [_told(row) for row in rows] or {}})
        since = self.now() - int(options["hours"]) * 3600 * ticks.PER_SECOND
        first = f"{ticks.to_datetime(since).replace(tzinfo=None)!s:.19}"
        if "count" in words:
            due = [row for row in self.jobs if row["SchedTime"] > first]
            return _json(result={"jobs": [{"count": str(len(due))}]})
        rows = [row for row in rows if row["SchedTime"] > first]
        self._random.shuffle(rows)
        rows.sort(key=lambda row: row["StartTime"] or "9999")  # PostgreSQL has what is NULL last
        offset, limit = int(options["offset"]) if "offset" in options else 0, int(options["limit"])
        page = rows[offset : offset + limit]
        seen = [_told(row) for row in page if row["Name"] not in self.hidden]
        meta = {"range": {"limit": limit, "offset": offset, "filtered": len(page) - len(seen)}}
        return _json(result={"jobs": seen, "meta": meta})


def _told(row: dict[str, Any]) -> dict[str, str]:
    told = {name.lower(): "" if value is None else str(value) for name, value in row.items() if name != "ReadBytes"}
    told |= _OWN
    assert told.keys() == FIELDS
    return told


def _json(**parts: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": None, **parts})


@contextmanager
def serving(director: Director) -> Iterator[str]:
    """The address of the director, which serves one console after the other, each in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=_accept, args=(server, director), daemon=True).start()
        yield f"127.0.0.1:{port}"
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, director: Director) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            threading.Thread(target=_converse, args=(connection, director), daemon=True).start()


def _converse(connection: socket.socket, director: Director) -> None:
    with connection, suppress(OSError, EOFError):
        if not _sign_in(connection):
            _send(connection, "1999 You are not authorized.\n")
            return
        _send(connection, f"1000\x1eOK: {director.name} Version: 25.0.1 (10 February 2026)")
        _send(connection, "1002\x1eYou are connected using the default console")
        while True:
            command = _receive(connection).decode()
            answer = director.answer(command)
            if director.breaks_off and not command.startswith(".api"):
                director.breaks_off -= 1
                connection.sendall(struct.pack("!i", len(answer)) + answer.encode()[: len(answer) // 2])
                return
            if not answer:
                _exactly(connection, 1)  # it says nothing, until the other goes
            for part in _parts(answer):
                _send(connection, part)
            connection.sendall(struct.pack("!i", _PROMPT))


def _sign_in(connection: socket.socket) -> bool:
    """Each asks the other for what only who knows the password can answer."""
    hello = _receive(connection).decode()
    assert hello.startswith("Hello "), hello
    challenge = "<1234567890.1764489600@fs1-dir>"
    _send(connection, f"auth cram-md5 {challenge} ssl=0\n")
    if _receive(connection).rstrip(b"\0") != _own_base64(_digest(challenge)):
        return False
    _send(connection, "1000 OK auth\n")
    theirs = _receive(connection).decode().split()[2]
    _send(connection, base64.b64encode(_digest(theirs)).decode().rstrip("="))
    return _receive(connection).startswith(b"1000 OK auth")


def _digest(challenge: str) -> bytes:
    key = hashlib.md5(PASSWORD.encode()).hexdigest().encode()
    return hmac.new(key, challenge.encode(), hashlib.md5).digest()


def _own_base64(data: bytes) -> bytes:
    """Base64 as Bacula had it first: a byte with its highest bit set is negative, and its ones run over what is before
    it; the last bits are not moved up.
    """
    held, bits, found = 0, 0, ""
    for byte in data:
        held, bits = held << 8 | (byte - 256 if byte > 127 else byte), bits + 8
        while bits >= 6:
            bits -= 6
            found += _DIGITS[held >> bits & 63]
    return (found + (_DIGITS[held & (1 << bits) - 1] if bits else "")).encode()


def _parts(answer: str) -> Iterable[str]:
    yield from (answer[first : first + 60_000] for first in range(0, len(answer), 60_000))


def _send(connection: socket.socket, text: str) -> None:
    data = text.encode()
    connection.sendall(struct.pack("!i", len(data)) + data)


def _receive(connection: socket.socket) -> bytes:
    length = struct.unpack("!i", _exactly(connection, 4))[0]
    if length == _END or length < 0:
        raise EOFError
    return _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        if not (more := connection.recv(length - len(data))):
            raise EOFError
        data += more
    return data
