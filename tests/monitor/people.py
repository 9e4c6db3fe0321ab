"""People who use the monitor: operators of a server, and the browsers from which they ask."""

import html
import json
import re
from typing import Any

import httpx

from connecting import connect
from serving import Server, typed

PASSWORD = "correct horse battery staple"
FORM = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
"""What a browser says of a form that is sent from a page of the server itself."""
QUICK_PASSWORDS = (
    "jobreport.identity.operators.passwords",
    "from argon2.profiles import CHEAPEST",
    "passwords.RFC_9106_LOW_MEMORY = CHEAPEST",
)
"""For `program_with`: to verify a password then takes no longer than to answer with a page."""
_TOKEN = re.compile(r'name="token" value="([^"]*)"')
_numbers = iter(range(1, 1 << 16))


def add_operator(server: Server, name: str, *words: str, password: str = PASSWORD) -> dict[str, Any]:
    """Adds an operator, who may see what `words` say: `--all-tenants`, or `--tenants acme`."""
    file = server.folder / f"{name}.password"
    file.write_text(password)
    file.chmod(0o600)
    options = ["--password-file", str(file), "--store", server.store, "--json"]
    made = typed("operator", "add", name, *(words or ["--all-tenants"]), *options)
    assert made.returncode == 0, made.stderr
    found: dict[str, Any] = json.loads(made.stdout)
    return found


class Browser:
    """A browser with its cookies. Each has another address, so that none waits for the wrong passwords of another.

    The server must trust its proxy at 127.0.0.1.
    """

    def __init__(self, server: Server, address: str = "", **headers: str) -> None:
        number = next(_numbers)
        self.address = address or f"10.9.{number >> 8}.{number & 255}"
        self.server = server
        given = {"X-Forwarded-For": self.address, "Accept": "text/html", **headers}
        self.http = connect(server.url, headers=given)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Asks for a page as somebody does who follows a link."""
        return self.http.get(path, headers={"Sec-Fetch-Mode": "navigate", **headers})

    def token(self, path: str = "/sessions") -> str:
        """The token in the forms of a page."""
        page = self.get(path)
        assert page.status_code == 200, page.text
        found = _TOKEN.search(page.text)
        assert found, page.text
        return html.unescape(found[1])

    def send(self, path: str, form: str = "", headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """Sends a form. `form`: the page that shows it, if it is at another address."""
        fields = {"token": self.token(form or path), **fields} if "token" not in fields else fields
        return self.http.post(path, data=fields, headers=FORM if headers is None else headers)

    def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Signs in through the form."""
        return self.send("/sign-in", name=name, password=password, **fields)

    @property
    def session_name(self) -> str:
        """What the cookie of the session is called."""
        return f"jobreport-session-{self.server.port}"

    @property
    def session(self) -> str:
        """The token of the session; empty if nobody is signed in here."""
        return self.cookies.get(self.session_name, "")

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that it keeps."""
        return dict(self.http.cookies)


def signed_in(server: Server, name: str, **options: str) -> Browser:
    """A browser in which the operator is signed in."""
    browser = Browser(server, **options)
    answer = browser.sign_in(name)
    assert answer.status_code == 303, answer.text
    return browser
