"""Our requests before a foreign judge: prism, which serves an OpenAPI document and refuses what breaks it.

The documents are descriptions of our own, with the facts of Veeam's; where there are samples, Veeam's own besides.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes.loopback import Request, serving
from fakes.veeam.veeam_declared import REVISIONS, document
from fakes.veeam.veeam_records import session
from fakes.veeam.veeam_server import FakeVeeam, name_of

from connecting import connect, until
from jobreport.connectors.base import Look, Stream
from jobreport.connectors.kinds.veeam import KIND
from jobreport.connectors.kinds.veeam.settings import Settings
from jobreport.model import ticks
from strategies import NOW

PRISM = Path(__file__).parents[2] / "typescript" / "node_modules" / ".bin" / "prism"
READY = shutil.which("node") is not None and PRISM.exists()
SAMPLES = os.environ.get("JOBREPORT_TEST_SAMPLES", "")
BODY = {"content-type", "x-api-version", "authorization", "accept"}

pytestmark = pytest.mark.skipif(
    not READY and not os.environ.get("JOBREPORT_TEST_ALL_TOOLS"),
    reason="no Node.js here, or not its packages; on Debian: apt install nodejs npm, then make test installs them",
)


def together() -> dict[str, Any]:
    """The descriptions of all revisions as one document: each below its own name, as it would be on its own server."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for revision in REVISIONS:
        whole = json.dumps(document(revision)).replace("#/components/schemas/", f"#/components/schemas/{revision}.")
        found = json.loads(whole)
        paths |= {f"/{revision}{path}": asked for path, asked in found["paths"].items()}
        schemas |= {f"{revision}.{name}": kind for name, kind in found["components"]["schemas"].items()}
    return found | {"paths": paths, "components": {"schemas": schemas}}


@contextlib.contextmanager
def prism(file: Path) -> Iterator[httpx.Client]:
    """Serves an OpenAPI document by prism."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = file.with_suffix(".log")
    words = [PRISM, "mock", "--port", str(port), "--host", "127.0.0.1", file]
    with log.open("wb") as out, subprocess.Popen(words, stdout=out, stderr=out) as started:
        try:
            until(lambda: b"is listening" in log.read_bytes() or started.poll() is not None, "prism")
            assert started.poll() is None, log.read_text()
            with connect(f"http://127.0.0.1:{port}") as client:
                yield client
        finally:
            started.terminate()


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    assert READY, "Node.js and the packages of tests/typescript are needed"
    file = tmp_path_factory.mktemp("prism") / "veeam.json"
    file.write_text(json.dumps(together()))
    with prism(file) as client:
        yield client


def requests_of(revision: str, password: Path) -> list[Request]:
    """What the connector asks a server of this revision: a look at sessions of each kind, and its rights."""
    veeam = FakeVeeam(now=NOW, revisions=(revision,))
    if revision != "1.1-rev0":
        veeam.put(session(1, NOW - ticks.PER_DAY, NOW - ticks.PER_DAY // 2, "Failed"))
        veeam.put(session(2, NOW - 40 * ticks.PER_DAY))
    with serving(veeam) as url:
        told = Settings(url=url, user="BACKUP\\jobreport", password_file=str(password), api_version=revision)
        with KIND.open(told) as connector:
            assert all(right.held for right in connector.rights())
            stream: Stream
            for stream in connector.streams():
                list(connector.read(stream, Look(since=NOW - 3 * ticks.PER_DAY, now=NOW)))
            if revision != "1.1-rev0":
                path = f"/api/v1/sessions/{name_of(2)}"
                with_headers = veeam.asked[-1]
                veeam.asked.append(Request("GET", path, {}, with_headers.headers, b""))
    assert {one.path.removeprefix("/api/v1/").partition("/")[0] for one in veeam.asked} >= {"sessions", "jobs"} - {
        "jobs"
    }
    return veeam.asked


def answered(judge: httpx.Client, request: Request, prefix: str = "") -> httpx.Response:
    sent = {name: value for name, value in request.headers.items() if name in BODY}
    return judge.request(
        request.method, f"{prefix}{request.path}", params=request.query, headers=sent, content=request.body
    )


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_request_is_as_the_revision_declares_it(judge: httpx.Client, password: Path, revision: str) -> None:
    asked = requests_of(revision, password)
    for request in asked:
        reply = answered(judge, request, f"/{revision}")
        assert reply.status_code == 200, (request.path, request.query, reply.text)


def test_the_judge_refuses_what_breaks_the_declaration(judge: httpx.Client, password: Path) -> None:
    request = next(one for one in requests_of("1.3-rev2", password) if one.path == "/api/v1/sessions")
    without = {name: value for name, value in request.headers.items() if name != "x-api-version"}
    for wrong in (
        Request("GET", request.path, request.query, without, b""),
        Request("GET", request.path, request.query | {"limit": ["abc"]}, request.headers, b""),
        Request("GET", request.path, request.query | {"orderColumn": ["Creation"]}, request.headers, b""),
        Request("GET", request.path, request.query | {"createdAfterFilter": ["today"]}, request.headers, b""),
    ):
        assert answered(judge, wrong, "/1.3-rev2").status_code == 422, wrong


@pytest.mark.skipif(not SAMPLES, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_each_request_is_as_veeams_own_document_has_it(password: Path, tmp_path: Path) -> None:
    own = json.loads((Path(SAMPLES) / "veeam" / "openapi.sessions.v1.1-rev0.json").read_bytes())
    file = tmp_path / "own.json"
    file.write_text(json.dumps(own))
    with prism(file) as client:
        there = [one for one in requests_of("1.1-rev0", password) if one.path in own["paths"]]
        assert {one.path for one in there} >= {"/api/oauth2/token", "/api/v1/sessions"}
        for request in there:
            reply = answered(client, request)
            # Without an example, as for a token here, it answers that it has none; what it refuses is 422.
            assert reply.status_code in (200, 404), (request.path, request.query, reply.text)
