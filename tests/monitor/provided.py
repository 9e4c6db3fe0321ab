"""People who sign in to a server by an OpenID provider that a test controls."""

import html
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from forging_provider import CLIENT, SECRET, ForgingProvider
from people import Browser

from serving import PATIENCE, Server, program_with, serve, typed

SETTINGS = (
    f"client-id={CLIENT} roles-claim=groups role:backup-team=viewer role:on-call=operator role:it-leads=admin "
    "tenants-claim=customers all-tenants=it-leads tenant=acme name=ACME"
)
START, RETURN = "/sign-in/provider", "/sign-in/return"


@contextmanager
def served(folder: Path, provider: ForgingProvider, settings: str = SETTINGS, **how: Any) -> Iterator[Server]:
    """A server with the tenants acme and globex whose people sign in by the provider. It asks that as often as it
    likes to.
    """
    how.setdefault("JOBREPORT_SIGN_IN_SECRET", SECRET)
    folder.mkdir(exist_ok=True)
    program = program_with(folder, "jobreport.identity.oauth.issuers", "issuers.RETRY_SECONDS = 0")
    words = ("--log-format", "json", "--trusted-proxy", "127.0.0.1", "--sign-in-provider", f"{provider.url} {settings}")
    with serve(folder, *words, program=program, **how) as server:
        for name in ("acme", "globex"):
            typed("tenant", "create", name, "--store", server.store)
        yield server


def at_provider(start: httpx.Response, server: Server, tls: ssl.SSLContext | None = None) -> str:
    """Goes where the answer leads, to the provider. The path to which that sends the browser back."""
    assert start.status_code == 303, start.text
    answer = httpx.get(start.headers["location"], trust_env=False, timeout=PATIENCE, verify=tls or True)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"].removeprefix(server.url)


def through(browser: Browser, path: str = START) -> httpx.Response:
    """Goes to the provider and back. The answer to the browser that comes back."""
    return browser.get(at_provider(browser.get(path), browser.server))


def signed_in(server: Server, path: str = START) -> Browser:
    """A browser in which somebody is signed in by the provider."""
    browser = Browser(server)
    answer = through(browser, path)
    assert answer.status_code == 303, said(answer)
    return browser


def said(answer: httpx.Response) -> str:
    """What the page says is wrong."""
    found = re.search(r'role="alert"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def listed(server: Server) -> dict[str, dict[str, Any]]:
    """The operators, by name."""
    done = typed("operator", "list", "--json", "--store", server.store)
    assert done.returncode == 0, done.stderr
    return {one["name"]: one for one in json.loads(done.stdout)}


def operator(server: Server, *words: str) -> tuple[int, str]:
    """What `jobreport operator` answers: the exit code, and what it says of a failure."""
    done = typed("operator", *words, "--store", server.store)
    return done.returncode, done.stderr


def audited(server: Server, name: str) -> list[dict[str, Any]]:
    """The entries of the audit log about an operator."""
    done = typed("audit", "--tenant", "_service", "--json", "--store", server.store)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")] or json.loads(done.stdout)
    return [one for one in lines if one["target"] == f"operator:{name}"]


def logged(server: Server, event: str = "sign-in refused") -> list[dict[str, Any]]:
    """What the log says of refused sign-ins, or of another event."""
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == event]
