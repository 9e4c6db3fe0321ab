"""Text from outside stays text in the log: no line of its own, no colour, no hidden order, in either form."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport import logs
from receivers import receiving
from serving import serve, until

HOSTILE = '\x1b[31mred\x1b[0m\r\n{"event":"forged"}\x00\x07\x7f\x9b2J\u2028\u2029\u202egnp.exe\U000e0041\ufeff end'
SEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")


@pytest.mark.parametrize("form", ["json", "text"])
def test_path_client_and_address_of_a_request_are_escaped(tmp_path: Path, form: str) -> None:
    with serve(tmp_path, "--log-format", form, "--trusted-proxy", "127.0.0.1") as server:
        before = len(server.log.splitlines())
        server.http.get("/" + quote(HOSTILE))
        server.http.get("/healthz", headers={b"X-Forwarded-For": b"1.2.3.4\x9b2J\xad"})
        server.ask_token(client_id=HOSTILE, client_secret=HOSTILE)
        until(lambda: "/connect/token" in server.log)
        lines = server.log.splitlines()[before:]
        assert len([line for line in lines if "request" in line]) == 3
        for line in lines:
            assert not SEEN.search(line)
        assert "forged" in server.log
        if form == "json":
            logged = [json.loads(line) for line in lines if line.startswith("{")]
            assert [line["event"] for line in logged] == ["request"] * 3
            assert logged[0]["path"] == "/" + HOSTILE


FAULT = """
import logging, sys
from jobreport import logs

logs.configure(as_json=sys.argv[1] == "json")
secret = "jrs_" + "the-secret-of-somebody"
try:
    raise RuntimeError(f"it broke {sys.argv[2]}")
except RuntimeError as error:
    logging.getLogger("uvicorn.error").exception("unforeseen")
    logs.structlog.get_logger().error("unforeseen", exc_info=error)
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_unforeseen_error_is_logged_without_the_values_at_its_place(form: str) -> None:
    hostile = HOSTILE.replace("\0", "")
    done = subprocess.run([sys.executable, "-c", FAULT, form, hostile], capture_output=True, text=True, check=True)
    assert done.stderr.count("it broke") >= 2
    assert "RuntimeError" in done.stderr
    assert "the-secret-of-somebody" not in done.stderr.replace('secret = "jrs_" + "the-secret-of-somebody"', "")
    assert not SEEN.search(done.stderr.replace("\n", ""))


@pytest.mark.parametrize("text", ["\ud800", "\udfff and \x7f\x1b[31m", "é\ud83d"])
def test_half_a_character_is_escaped_too(text: str) -> None:
    line = logs._as_json({"values": [text]})
    assert json.loads(line) == {"values": [text]}
    assert line.isprintable()


@given(st.text())
def test_a_line_of_json_holds_the_same_text_and_shows_no_other(text: str) -> None:
    line = logs._as_json({"path": text})
    assert json.loads(line) == {"path": text}
    assert line.isprintable()


ASKED = """
import sys
from jobreport import logs
from jobreport.watch.channels.http import Receiver

logs.configure(as_json=True)
Receiver().get(sys.argv[1])
"""


def test_no_address_that_is_asked_is_logged_since_that_of_a_channel_may_be_a_secret() -> None:
    with receiving() as receiver:
        address = f"{receiver.url}/the-secret-of-somebody"
        done = subprocess.run([sys.executable, "-c", ASKED, address], capture_output=True, text=True, check=True)
    assert (len(receiver.requests), done.stderr) == (1, "")
