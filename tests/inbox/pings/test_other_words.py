"""Pings in the words of Uptime Kuma and of Cronitor, as their documentation and their clients write them."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.inbox.pings import cronitor, uptime_kuma
from jobreport.inbox.pings.ping import Ping, Refused, Target
from jobreport.model import ticks
from jobreport.model.ping import Signal
from jobreport.runner.tools.base import Counts

UUID = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"


def kuma(query: str) -> Ping:
    return uptime_kuma.read(parse_qsl(query, keep_blank_values=True))


def telemetry(query: str, word: str = "") -> Ping:
    return cronitor.read(word, parse_qsl(query, keep_blank_values=True))


@pytest.mark.parametrize(
    ("query", "ping"),
    [
        ("", Ping(signal=Signal.SUCCESS)),
        ("status=up&msg=OK&ping=", Ping(signal=Signal.SUCCESS)),
        ("status=up&msg=12+files&ping=1500", Ping(signal=Signal.SUCCESS, message="12 files", length=15_000_000)),
        ("status=down&msg=no+space", Ping(signal=Signal.FAIL, message="no space")),
        ("status=UP", Ping(signal=Signal.FAIL)),
        ("status=pending", Ping(signal=Signal.FAIL)),
        ("status=up&msg=start", Ping(signal=Signal.START)),
        ("status=up&msg=finish", Ping(signal=Signal.SUCCESS, message="finish")),
    ],
)
def test_a_push_says_up_or_anything_else(query: str, ping: Ping) -> None:
    assert kuma(query) == ping


@pytest.mark.parametrize("value", ["-1", "86400001", "nan", "1e9", "x", "1" * 99])
def test_a_ping_that_is_no_time_loses_no_report(value: str) -> None:
    assert kuma(f"status=down&ping={value}") == Ping(signal=Signal.FAIL)


@pytest.mark.parametrize(
    ("query", "ping"),
    [
        ("state=run", Ping(signal=Signal.START)),
        ("state=complete", Ping(signal=Signal.SUCCESS)),
        ("state=fail", Ping(signal=Signal.FAIL)),
        ("state=ok&message=mended", Ping(signal=Signal.LOG, message="mended")),
        ("", Ping(signal=Signal.SUCCESS)),
        (
            "state=run&series=a&host=db1&env=prod",
            Ping(signal=Signal.START, run="a", about={"env": "prod", "host": "db1"}),
        ),
        ("state=fail&status_code=2&msg=no", Ping(signal=Signal.FAIL, exit_status=2, message="no")),
        ("state=complete&status_code=2", Ping(signal=Signal.FAIL, exit_status=2)),
        ("state=complete&status_code=0", Ping(signal=Signal.SUCCESS)),
        (
            "state=complete&metric=count:100&metric=error_count:5&metric=duration:2.5",
            Ping(
                signal=Signal.SUCCESS,
                counts=Counts(failed=5, successful=95, total=100),
                length=int(2.5 * ticks.PER_SECOND),
            ),
        ),
        ("count=3", Ping(signal=Signal.SUCCESS, counts=Counts(successful=3, total=3))),
    ],
)
def test_a_telemetry_event_says_how_a_run_is(query: str, ping: Ping) -> None:
    assert telemetry(query) == ping


@pytest.mark.parametrize(
    ("query", "word"),
    [("state=done", ""), ("", "finish")],
)
def test_what_is_unknown_is_refused_and_no_success(query: str, word: str) -> None:
    with pytest.raises(Refused) as refused:
        telemetry(query, word)
    assert refused.value.status == 400


@pytest.mark.parametrize("odd", ["status_code=x", "metric=error_count:many", "count=-1", "metric=duration:1e9"])
def test_what_is_no_number_loses_no_failure(odd: str) -> None:
    assert telemetry(f"state=fail&{odd}") == Ping(signal=Signal.FAIL)


def test_an_exit_status_that_is_none_proves_no_success() -> None:
    assert telemetry("state=complete&status_code=x") == Ping(signal=Signal.FAIL)


def test_a_state_may_be_in_the_path() -> None:
    assert telemetry("", "run").signal is Signal.START
    assert cronitor.target_of("key", "aBc") == Target("key", "abc")
    assert uptime_kuma.target_of(UUID) == Target(UUID)
    for wrong in ("", "x", UUID.upper()):
        with pytest.raises(Refused, match="404"):
            uptime_kuma.target_of(wrong)
    for key, monitor in (("a b", "m"), ("key", "m/n"), ("key", "ü")):
        with pytest.raises(Refused, match="404"):
            cronitor.target_of(key, monitor)


NAMES = st.sampled_from(["state", "series", "status_code", "message", "metric", "duration", "ping", "status", "msg"])


@given(st.lists(st.tuples(NAMES, st.text(max_size=30) | st.sampled_from(["run", "up", "count:1", "9" * 30]))))
def test_whatever_is_asked_is_read_or_refused(query: list[tuple[str, str]]) -> None:
    statuses = set()
    for read in (uptime_kuma.read, lambda pairs: cronitor.read("", pairs)):
        try:
            assert read(query).signal in Signal
        except Refused as refused:
            statuses.add(refused.status)
    assert statuses <= {400}
