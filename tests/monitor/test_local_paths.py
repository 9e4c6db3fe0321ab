"""After signing in, the browser stays on this server, whatever the link said."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.monitor.local_paths import local

ELSEWHERE = [
    *("", "evil", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example"),
    *("https://evil.example", "https:evil.example", "javascript:alert(1)", "data:text/html,x", "/\n/evil.example"),
    *(
        " //evil.example",
        "/ok\r\nSet-Cookie: a=b",
        "/\x00",
        "/ü",
        "/a b",
        "/x\\y",
        "/" + "x" * 4000,
        "?x",
        "#x",
        "\t/x",
    ),
]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_what_may_lead_elsewhere_leads_to_the_beginning(path: str) -> None:
    assert local(path) == "/"


@pytest.mark.parametrize("path", ["/", "/jobs?tenant=acme&q=a%20b", "/series/7#x", "/jobs/%2F%2Fevil", "/?next=//x"])
def test_own_pages_stay(path: str) -> None:
    assert local(path) == path


@given(st.text(alphabet="/\\:?#@.aé \t\n\r%", max_size=12))
def test_no_text_leads_to_another_host(path: str) -> None:
    # As browsers do (WHATWG): tabs and line ends are dropped, a backslash is a slash.
    read = "".join(local(path).split("\t")).replace("\n", "").replace("\r", "").replace("\\", "/").strip()
    assert urlsplit(urljoin("https://own.example/sign-in", read)).netloc == "own.example"
