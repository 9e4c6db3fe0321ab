"""Bodies of many jobs are read a value at a time, and say the same as if they had been read whole."""

import json
import re
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.contract import json_value
from jobreport.model.errors import InvalidInputError
from jobreport.server import json_stream
from jobreport.server.problem import ProblemError

MOST = 100
"""Values that are wanted."""
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab\\é😀", max_size=4), inner, max_size=4),
    max_leaves=12,
)
BLANKS = st.text(" \t\n\r", max_size=5)


def read(raw: bytes, longest: int) -> Any:
    """The values, or what is said of them, where a value may have `longest` bytes and more is long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "MAX_VALUE", longest)
        try:
            found, single = json_stream.of_json(raw, MOST)
            values = [value for _, value in found]
            return values[0] if single else values
        except InvalidInputError as error:
            return error.errors


def whole(raw: bytes) -> Any:
    try:
        return json_value.parse(raw)
    except InvalidInputError as error:
        return error.errors


@given(values=st.lists(VALUES, min_size=3, max_size=30), ascii_only=st.booleans(), blanks=BLANKS, data=st.data())
def test_values_are_those_of_the_whole_body(
    values: list[Any], ascii_only: bool, blanks: str, data: st.DataObject
) -> None:
    written = [
        json.dumps(value, ensure_ascii=ascii_only, indent=data.draw(st.sampled_from([None, 1]))) for value in values
    ]
    raw = f"{blanks}[{blanks}{f'{blanks},{blanks}'.join(written)}{blanks}]{blanks}".encode()
    assert read(raw, max(len(part.encode()) for part in written)) == whole(raw) == values


@pytest.mark.parametrize("number", ["-0.0", "1e+5", "1E-5", "12.75e10", "-1", "1e5", "0.1", "9" * 40])
def test_a_number_is_what_it_is_in_a_whole_body(number: str) -> None:
    raw = f"[0,{number} ,{number}]".encode()
    assert read(raw, 40) == whole(raw)


@given(st.lists(st.integers(0, 10**6), min_size=20, max_size=40), st.data())
def test_a_body_that_is_broken_anywhere_is_refused_with_the_place_where_it_is_broken(
    values: list[int], data: st.DataObject
) -> None:
    raw = bytearray(
        json.dumps([{"a": value, "b": f"{value}é"} for value in values], ensure_ascii=False, indent=1).encode()
    )
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.sampled_from(b'x"[]{},:\\\xff9'))
    expected = whole(bytes(raw))
    try:
        found = read(bytes(raw), 64)
    except ProblemError as error:
        assert error.status == 413  # noqa: PT017 - what has lost its end, for one, is too long or is no array
        return
    if not isinstance(expected, tuple):
        assert found == expected
        return
    (fault,) = found
    line = re.search(r"at line (\d+), column \d+$", fault.message)
    assert line or "is not UTF-8" in fault.message
    if line:
        assert int(line[1]) > raw.count(b"\n", 0, at), "never before what is broken"


def test_place_of_a_fault_is_counted_in_the_whole_body_as_a_person_counts() -> None:
    before = '[\n "é",\n "ü", '.encode()
    for broken, column in ((b"tru]", 9), (b"1 2]", 8), (b"01]", 7), (b"]]", 6), (b'"\\x"]', 8)):
        (fault,) = read(before + broken, 8)
        line, at = re.findall(r"line (\d+), column (\d+)", fault.message)[0]
        assert (line, abs(int(at) - column) <= 1) == ("3", True), fault.message
    (fault,) = read(before + b'"\xff"]', 8)
    assert fault.message == f"the body is not UTF-8: byte {len(before) + 1} cannot be read"
    (fault,) = read(before + b'"a\\ud800 and more text"]', 30)
    assert fault.message


@pytest.mark.parametrize("raw", [b"[1", b"[", b"[1,", b"[1,]", b"[,]", b"[1 2]", b"[1]]", b"[1]x", b"[1],", b"[]1"])
def test_an_array_that_does_not_end_well_is_refused(raw: bytes) -> None:
    padded = raw[:1] + b" " * 100 + raw[1:]
    assert isinstance(read(padded, 64), tuple)
    assert isinstance(whole(padded), tuple)


@pytest.mark.parametrize("raw", [b"[" + b'"%s"' % (b"x" * 100) + b"]", b"[1,[" + b"1," * 50 + b"1]]", b"{" * 100])
def test_a_value_that_is_too_large_is_413(raw: bytes) -> None:
    with pytest.raises(ProblemError) as raised:
        read(raw, 64)
    assert raised.value.status == 413


def test_a_line_that_is_too_large_is_413() -> None:
    with pytest.raises(ProblemError, match="line 2"):
        list(json_stream.of_lines(b"1\n" + b'"%s"' % (b"x" * json_stream.MAX_VALUE)))


def test_lines_are_counted_with_those_that_are_blank() -> None:
    raw = b"\n\n1\r\n \t\n  2\n" + b"\n" * 1000 + b"3"
    assert list(json_stream.of_lines(raw)) == [("line 3", 1), ("line 5", 2), ("line 1006", 3)]
    assert not list(json_stream.of_lines(b"\n \r\n"))
    with pytest.raises(InvalidInputError) as raised:
        list(json_stream.of_lines(b"1\n\n  x"))
    (fault,) = raised.value.errors
    assert (fault.field, fault.message) == ("line 3", "the body is not JSON: Expecting value at line 1, column 3")


SIZE = 16 * 1024 * 1024


@pytest.mark.parametrize(
    "raw",
    [
        b"[" + b" " * (SIZE - 2) + b"]",
        b"[" + b"1," * (SIZE // 2 - 1) + b"1]",
        b"[" + b"[]," * (SIZE // 3 - 1) + b"1]",
        b"[" * SIZE,
        b"[1" + b"\n," * (SIZE // 2 - 1),
    ],
    ids=["blanks", "numbers", "arrays", "arrays within arrays", "no values"],
)
def test_a_long_body_of_nothing_takes_no_memory_beyond_its_own(raw: bytes) -> None:
    read(b"[1, 2]", 4)  # what is made once
    tracemalloc.start()
    try:
        read(raw, json_stream.MAX_VALUE)
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024 * 1024
    finally:
        tracemalloc.stop()
