"""The form of `--trust-issuer`: which settings are accepted, and the message for those that are not."""

import pytest
from token_shapes import READ

from jobreport.identity.oauth.trust import TrustError, parse_trusted

GOOD = "https://login.example.com audience=a tenant=t"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "URL audience=NAME"),
        ("http://login.example.com audience=a tenant=t", "https"),
        ("https://login.example.com/?x audience=a tenant=t", "query"),
        ("https://user@login.example.com audience=a tenant=t", "issuer"),
        ("ftp://login.example.com audience=a tenant=t", "https"),
        ("https:// audience=a tenant=t", "https"),
        ("https://login\u00e9.example.com audience=a tenant=t", "https"),
        ("https://login.example.com/\x7f audience=a tenant=t", "https"),
        ("https://[ audience=a tenant=t", "https"),
        ("https://login.example.com tenant=t", "audience"),
        ("https://login.example.com audience=a", "tenant"),
        ("https://login.example.com audience=a tenant=t tenant-claim=x", "one of"),
        ("https://login.example.com audience=a tenant=Not_A_Name", "lower-case"),
        (f"{GOOD} role:reader=Everything", READ),
        (f"{GOOD} role:=x", "no setting"),
        (f"{GOOD} audience", "no setting"),
        (f"{GOOD} colour=blue", "colour"),
        (f"{GOOD} tenant:x=y", "tenant-claim"),
        (f'{GOOD} "role:unclosed', "URL audience=NAME"),
    ],
)
def test_issuer_that_is_written_wrong_is_refused_with_what_would_be_right(written: str, told: str) -> None:
    with pytest.raises(TrustError) as caught:
        parse_trusted(written)
    assert told in str(caught.value)


def test_roles_may_have_spaces_and_several_audiences_count() -> None:
    found = parse_trusted(f'{GOOD} audience=b "role:Backup Reader={READ.lower()}"')
    assert found.audiences == ("a", "b")
    assert found.roles == {"Backup Reader": READ}


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:9"])
def test_plain_http_is_for_loopback(host: str) -> None:
    assert parse_trusted(f"http://{host}/realms/x audience=a tenant=t").issuer == f"http://{host}/realms/x"
