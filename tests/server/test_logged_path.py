"""Paths in the log: no address of an inbox stands there, however wrong its path is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.server.logged_path import logged

UUID = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
KEY = "Zr3x_yK-Qe0vTt9aLw5m1g"


@pytest.mark.parametrize("secret", [UUID, UUID.upper(), UUID.replace("-", ""), KEY, KEY[:-1], f"{KEY}x"])
@pytest.mark.parametrize(
    "form",
    [
        "/ping/{}",
        "//ping/{}",
        "/ping//{}",
        "/PING/{}/start",
        "/Ping/{}",
        "/x/ping/{}",
        "/jobreport/api/push/{}",
        "/p/{}/nightly",
        "/hook/{}/veeam",
        "/ping%2f{}",
        "/ping%252F{}",
        "/ping\\{}",
        "/pings/{}",
        "/{}",
        "/pin/{}/0",
        "/ping:{}",
        "/https://jobs.example.com/ping/{}",
    ],
)
def test_no_address_stands_in_the_log_however_wrong_its_path_is(form: str, secret: str) -> None:
    shown = logged(form.format(secret), ours=False)
    assert secret[:16] not in shown
    assert secret[-16:] not in shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/ping/x", "/ping/…"),
        ("/api/push/x/y", "/api/push/…"),
        ("/api/jobs/5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278", "/api/jobs/5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"),
        ("/job/report", "/job/report"),
        ("/ping", "/ping"),
        ("/shipping/x", "/shipping/x"),
    ],
)
def test_other_paths_of_ours_stand_there_whole(path: str, shown: str) -> None:
    assert logged(path, ours=True) == shown


def test_of_a_path_that_is_none_of_ours_short_words_stand_there() -> None:
    assert logged("/wp-login.php", ours=False) == "/wp-login.php"
    assert logged("/api/public/jobreport2", ours=False) == "/api/public/jobreport2"


@given(st.text(max_size=60), st.uuids(), st.booleans())
def test_what_follows_a_word_of_ours_never_stands_there(before: str, address: object, ours: bool) -> None:
    assert str(address) not in logged(f"{before}/ping/{address}", ours=ours)
