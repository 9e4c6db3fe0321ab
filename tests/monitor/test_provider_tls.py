"""A provider inside the company, whose certificate an authority of the company's own has signed."""

import ssl
from pathlib import Path

import pytest
from forging_provider import WELL_KNOWN, ForgingProvider
from people import Browser
from provided import SETTINGS, START, at_provider, listed, served

from certificates import for_this_machine
from jobreport.identity.oauth.documents import IssuerError, ask


def test_somebody_signs_in_over_https_if_the_authority_is_named(tmp_path: Path) -> None:
    cert, key = for_this_machine(tmp_path)
    provider = ForgingProvider(cert, key)
    trusted = ssl.create_default_context(cafile=str(cert))
    with served(tmp_path / "server", provider, f"{SETTINGS} ca={cert}") as server:
        browser = Browser(server)
        assert browser.get(at_provider(browser.get(START), server, trusted)).status_code == 303
        assert browser.get("/sessions").status_code == 200
        assert listed(server)["petra"]["issuer"] == provider.url
    # By the usual authorities alone, it is a stranger.
    with pytest.raises(IssuerError, match="does not answer"):
        ask("GET", provider.url + WELL_KNOWN, None)
    assert ask("GET", provider.url + WELL_KNOWN, trusted)[0] == 200
    provider.close()
