"""Lists in JSON, read as they come: whole ones, those that break off, and what stands around them."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.json_items import MAX_ITEM, items

FEW = settings(max_examples=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
LISTS = st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), max_size=5)


def cut(text: str, size: int) -> Iterator[bytes]:
    whole = text.encode("utf-8", "surrogatepass")
    return (whole[at : at + size] for at in range(0, len(whole), size))


@given(
    LISTS, st.integers(1, 9), st.sampled_from([None, 1]), st.booleans(), st.dictionaries(st.text(max_size=3), VALUES)
)
def test_each_item_is_given_however_the_list_is_cut(
    wanted: list[object], size: int, indent: int | None, ascii_only: bool, around: dict[str, object]
) -> None:
    whole: object = wanted
    key = "archives"
    text = json.dumps({**around, key: wanted, "after": 1}, indent=indent, ensure_ascii=ascii_only)
    found = list(items(cut(text, size), "tool", key))
    assert [value for value, _ in found] == wanted
    assert all(json.loads(said) == value for value, said in found)
    text = "opened\n" + json.dumps(whole, indent=indent, ensure_ascii=ascii_only)
    assert [value for value, _ in items(cut(text, size), "tool")] == wanted


@pytest.mark.parametrize("text", ["{}", '{ "other" : {"operations": [{}]} } ', "{}\n"])
def test_a_list_that_may_be_lacking_is_empty_without_its_key(text: str) -> None:
    for size in (1, 99):
        assert list(items(cut(text, size), "it", "operations", may_lack=True)) == []
        with pytest.raises(CannotReadError, match=r"^it printed no whole list in JSON$"):
            list(items(cut(text, size), "it", "operations"))


@pytest.mark.parametrize("text", ["", "{", '{"other": 1', '{"other": 1 "operations": []}', "[]"])
def test_what_is_no_object_is_no_lacking_list(text: str) -> None:
    with pytest.raises(CannotReadError):
        list(items(cut(text, 3), "it", "operations", may_lack=True))


@FEW
@given(LISTS.filter(bool), st.integers(1, 50))
def test_a_list_that_breaks_off_is_told(wanted: list[object], missing: int) -> None:
    text = json.dumps(wanted)
    with pytest.raises(CannotReadError, match=r"^tool printed no whole list in JSON$"):
        list(items(cut(text[: max(0, len(text) - missing)], 7), "tool"))


@pytest.mark.parametrize(
    "text",
    [
        *("", "no\n", "{}", '{"a": [1]}', '["a"]', "[1]", "[{}{}]", '{"archives": {}}', "[" * 9999),
        f'[{{"a": {"9" * 9999}}}]',
    ],
)
def test_what_is_no_list_of_objects_is_told(text: str) -> None:
    for key in ("", "archives"):
        with pytest.raises(CannotReadError, match=r"^tool printed no whole list in JSON$"):
            list(items([text.encode()], "tool", key))


def test_an_item_without_an_end_takes_no_more_than_its_limit() -> None:
    endless = iter(lambda: b"x" * 65_536, b"")
    first = iter([b'[{"a": "'])
    with pytest.raises(CannotReadError, match=f"an item of more than {MAX_ITEM:,} characters"):
        list(items((chunk for part in (first, endless) for chunk in part), "tool"))


@pytest.mark.parametrize("begins", [b"warning\n", b'[{"a": 1}]'])
def test_what_comes_without_end_beside_the_list_is_told(begins: bytes) -> None:
    def chunks() -> Iterator[bytes]:
        yield begins
        while True:
            yield b"no list\n" * 8_192

    with pytest.raises(CannotReadError, match=f"tool printed more than {MAX_ITEM:,} characters beside the list"):
        list(items(chunks(), "tool"))
