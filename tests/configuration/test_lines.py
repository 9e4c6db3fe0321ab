"""The line that a message names is the one in which the file says the thing."""

from hypothesis import given
from hypothesis import strategies as st

from jobreport.configuration.lines import line_of

_FILE = '''# A comment.
[[mapping]]
name = "nas"

# Another.
each = """
[[mapping]]
state = 1
"""
states = [
  "a",
  "b",
]
fields.state = "status"
fields.key = "id"

[[mapping]]
name = "other"
[mapping.states]
ok = "Successful"
[[mapping.more]]
x = 1
[[mapping.more]]
x = 2
'''


def test_names_the_line_in_which_a_thing_begins() -> None:
    assert line_of(_FILE, ("mapping",)) == 2
    assert line_of(_FILE, ("mapping", 0, "name")) == 3
    assert line_of(_FILE, ("mapping", 0, "each")) == 6
    assert line_of(_FILE, ("mapping", 0, "states", 1)) == 10
    assert line_of(_FILE, ("mapping", 0, "fields")) == 14
    assert line_of(_FILE, ("mapping", 0, "fields", "key")) == 15
    assert line_of(_FILE, ("mapping", 1)) == 17
    assert line_of(_FILE, ("mapping", 1, "states", "ok")) == 20
    assert line_of(_FILE, ("mapping", 1, "more", 1, "x")) == 24
    assert line_of(_FILE.replace("\n", "\r\n"), ("mapping", 1, "more", 1, "x")) == 24


@given(
    st.lists(
        st.sampled_from(["", "# x", "{key} = 1", "{key} = [\n\n 1,\n]", '{key} = """\n# x\n[y]\n"""']), max_size=20
    )
)
def test_finds_each_key_whatever_stands_around_it(pieces: list[str]) -> None:
    text, begins = "", {}
    for number, piece in enumerate(pieces):
        if "{key}" in piece:
            begins[f"key{number}"] = text.count("\n") + 1
        text += piece.format(key=f"key{number}") + "\n"
    assert {key: line_of(text, (key,)) for key in begins} == begins
