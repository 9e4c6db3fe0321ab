"""How values are written for people: texts of jobs that cannot disturb the page, times, lengths of time, bytes."""

import re
import unicodedata
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.monitor import texts
from jobreport.monitor.texts import Times

MONDAY = ticks.from_iso("2026-11-23T06:58:12Z")
SECOND = ticks.PER_SECOND
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


@given(st.text())
def test_no_text_of_a_job_leaves_its_element_or_hides_anything(text: str) -> None:
    shown = str(texts.bdi(text))
    assert shown.startswith("<bdi>")
    assert shown.endswith("</bdi>")
    inside = re.sub(r'<span class="hidden-char">([^<]*)</span>', r"\1", shown[5:-6])
    assert "<" not in inside
    assert '"' not in inside
    assert not [one for one in unescape(inside) if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
    assert not set(inside) & set(TURNING)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_a_text_without_hidden_characters_is_shown_as_it_is(text: str) -> None:
    if not set(text) & {"\u180e"}:
        assert unescape(str(texts.bdi(text))[5:-6]) == text
        assert texts.visible(text) == text


def test_characters_that_turn_a_text_round_are_shown_as_signs() -> None:
    assert str(texts.bdi("a\u202eb")) == '<bdi>a<span class="hidden-char">U+202E</span>b</bdi>'
    assert texts.visible("a\tb\u2066\x7f") == "a␉bU+2066␡"


def test_lines_of_a_comment_stay_lines() -> None:
    assert str(texts.lines("a\nb\tc\rd")) == '<bdi>a\nb\tc<span class="hidden-char">␍</span>d</bdi>'


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (2_254_857_830, "2.1 GiB"), (2**63 - 1, "8.0 EiB")],
)
def test_bytes_are_written_in_the_largest_unit(number: int, written: str) -> None:
    assert texts.size(number) == written


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2026-11-23T01:14:04Z", "02:14"),
        ("2026-11-22T01:14:04Z", "Sun 02:14"),
        ("2026-11-16T01:14:04Z", "16 Nov 02:14"),
        ("2025-11-23T01:14:04Z", "23 Nov 2025 02:14"),
        ("2026-11-24T01:14:04Z", "24 Nov 02:14"),
    ],
)
def test_a_time_is_as_short_as_it_is_clear_and_utc_is_with_it(moment: str, written: str) -> None:
    shown = str(Times("Europe/Berlin", MONDAY).short(ticks.from_iso(moment)))
    assert f">{written}<" in shown
    assert f'datetime="{moment}"' in shown
    assert "01:14:04 UTC" in shown


def test_a_full_time_has_utc_beside_it() -> None:
    shown = str(Times("Europe/Berlin", MONDAY).full(ticks.from_iso("2026-07-01T22:30:00Z")))
    assert ">Thu 2 Jul 2026 00:30:00<" in shown
    assert "(22:30:00 UTC)" in shown


def test_a_time_that_is_the_same_in_utc_stands_there_once() -> None:
    shown = str(Times("UTC", MONDAY).full(ticks.from_iso("2026-07-01T22:30:00Z")))
    assert (shown.count("22:30:00</time>"), shown.endswith('<span class="utc">UTC</span>')) == (1, True)
