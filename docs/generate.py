"""Writes the parts of docs/reference between `<!-- generated: NAME -->` and its end, from the tables of the code.

`python docs/generate.py` writes them; the tests compare what is committed with what this would write.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from blocks import (
    api,
    channels,
    codes,
    command_line,
    connectors,
    environment,
    incidents,
    limits,
    mail_rules,
    metrics,
    origins,
    python_client,
    questions,
    webhooks,
)

FOLDER: Final = Path(__file__).parent / "reference"
BLOCK: Final = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
BLOCKS: Final[dict[str, Callable[[], str]]] = {
    **command_line.BLOCKS,
    **environment.BLOCKS,
    **codes.BLOCKS,
    **questions.BLOCKS,
    **limits.BLOCKS,
    **mail_rules.BLOCKS,
    **metrics.BLOCKS,
    **api.BLOCKS,
    **channels.BLOCKS,
    **connectors.BLOCKS,
    **incidents.BLOCKS,
    **origins.BLOCKS,
    **python_client.BLOCKS,
    **webhooks.BLOCKS,
}


def rendered(text: str) -> str:
    """A page with each of its blocks as the code has it now."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]]().strip()}\n\n{found[3]}", text)


def main() -> None:
    """Writes every page of the reference."""
    for path in sorted(FOLDER.glob("*.md")):
        path.write_text(rendered(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
