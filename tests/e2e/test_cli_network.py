"""What a client says of the way to a server: an authority that it does not know, and secrets in clear text."""

from pathlib import Path

import pytest

from certificates import for_this_machine
from serving import command, serve, typed

SIGN_IN = {"JOBREPORT_CLIENT_ID": "a", "JOBREPORT_CLIENT_SECRET": "b"}


def test_an_authority_of_ones_own_is_named_as_the_cause_and_what_helps_helps(tmp_path: Path) -> None:
    cert, key = for_this_machine(tmp_path)
    with serve(tmp_path, "--tls-cert", str(cert), "--tls-key", str(key), http={"verify": False}) as server:
        asked = command("jobs", "--url", server.url, **SIGN_IN)
        assert asked.returncode == 1
        assert "signed by an authority that this machine does not trust" in asked.stderr
        assert "SSL_CERT_FILE" in asked.stderr
        # With it the server answers, and finds fault with the credentials alone.
        asked = command("jobs", "--url", server.url, SSL_CERT_FILE=str(cert), **SIGN_IN)
        assert asked.returncode == 1
        assert "authority" not in asked.stderr
        assert "no answer" not in asked.stderr


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://jobs.invalid:1", True),
        ("http://192.0.2.1.invalid", True),
        ("https://jobs.invalid:1", False),
        ("http://127.0.0.1:1", False),
        ("http://localhost:1", False),
        ("http://[::1]:1", False),
    ],
)
def test_secrets_in_clear_text_to_another_machine_are_warned_of(url: str, warned: bool) -> None:
    done = typed("jobs", "--url", url, **SIGN_IN)
    assert done.returncode == 1
    assert ("can be read on the way" in done.stderr) is warned
    assert "https://" in done.stderr or not warned
