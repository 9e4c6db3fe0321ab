"""What headers tell of time, however odd they are."""

import time
from email.utils import formatdate

import pytest

from jobreport import http_times
from jobreport.model import ticks


def test_the_date_of_an_answer_is_read():
    assert http_times.date("Mon, 23 Nov 2026 02:00:00 GMT") == ticks.from_iso("2026-11-23T02:00:00Z")


@pytest.mark.parametrize(
    "said", [None, "", "soon", "Mon, 99 Nov 2026 02:00:00 GMT", "Mon, 23 Nov 99999 02:00:00 GMT", "0"]
)
def test_a_date_that_tells_none_is_no_fault(said: str | None):
    assert http_times.date(said) == 0


@pytest.mark.parametrize(("said", "seconds"), [("7", 7.0), (" 0 ", 0.0), ("Mon, 23 Nov 2020 02:00:00 GMT", 0.0)])
def test_the_seconds_to_wait_are_read_and_never_negative(said: str, seconds: float):
    assert http_times.retry_after(said) == seconds


def test_a_date_to_wait_for_is_so_many_seconds_away():
    waited = http_times.retry_after(formatdate(time.time() + 120, usegmt=True))
    assert waited is not None
    assert 0 < waited <= 120


@pytest.mark.parametrize("said", [None, "", "soon", "-1", "1.5", "¹"])
def test_who_says_nothing_to_wait_for_is_not_waited_for(said: str | None):
    assert http_times.retry_after(said) is None
