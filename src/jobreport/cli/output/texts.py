"""Makes texts that came from elsewhere fit for a terminal: no control characters, and no longer than their place."""

from rich.cells import cell_len, set_cell_size
from rich.console import Console


def visible(text: str, keep: str = "") -> str:
    """Returns the text with every character that a terminal would act on, such as ESC, written as `\\x1b`.

    A comment comes from the output of a program: without this it could clear the screen or hide a line. The characters
    in `keep` stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in keep else " " if one.isspace() else one.encode("unicode_escape").decode()
        for one in text
    )


def cut(text: str, width: int, out: Console) -> str:
    """Returns the text, or its beginning with an ellipsis after it if it is wider than `width` cells of `out`."""
    if cell_len(text) <= width:
        return text
    mark = "…" if out.encoding.startswith("utf") else "..."
    return set_cell_size(text, max(0, width - len(mark))).rstrip() + mark if width > len(mark) else mark[:width]
