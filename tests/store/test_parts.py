"""The parts of texts are the same whether texts are cut together or one by one, and each text has its own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.store.derived.parts import LENGTH, parts_of, words

TEXTS = st.lists(st.text(st.sampled_from("aB-/:\x7f\x1f \"'ß\uffff😀"), max_size=9) | st.text(max_size=5), max_size=9)


@settings(max_examples=60)
@given(texts=TEXTS)
def test_each_character_of_each_text_begins_a_part(texts: list[str]) -> None:
    together = parts_of(texts)
    assert together == [one for text in texts for one in parts_of([text])]
    for text, found in zip(texts, together, strict=True):
        shown, cut = words(text), found.split(" ") if found else []
        assert [part[0] for part in cut] == list(shown)
        assert {len(part) for part in cut} <= {LENGTH}
        assert all(part.startswith(shown[place : place + LENGTH]) for place, part in enumerate(cut))


def test_many_texts_are_cut_as_a_few_are() -> None:
    texts = [f"aws:1{number}:eu-central-1:{number:x}" for number in range(1_234)]
    assert parts_of(texts) == [one for text in texts for one in parts_of([text])]
