"""The mails beside the tests of the rules, with what each is to give.

They are written by us in the words of their senders; `docs/reference/mail-rules.md` says where these come from.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from jobreport.inbox.mail.message import Mail, parse

FOLDER = Path(__file__).parent / "samples"


class Sample(msgspec.Struct, frozen=True):
    """One mail of the sender in whose folder it is. `expected` is the JSON beside it."""

    name: str
    sender: str
    data: bytes
    expected: dict[str, Any]

    @property
    def mail(self) -> Mail:
        return parse(self.data)


def samples() -> list[Sample]:
    """All of them, in order."""
    found = []
    for path in sorted(FOLDER.glob("*/*.eml")):
        expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        name = f"{path.parent.name}/{path.stem}"
        found.append(Sample(name=name, sender=path.parent.name, data=path.read_bytes(), expected=expected))
    return found


SAMPLES = samples()
