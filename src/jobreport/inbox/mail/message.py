"""Reads the bytes of a mail into a value that rules can read: from whom, subject, text, names of attachments.

A mail comes from anybody: whatever is in it, the work is bounded, and what is beyond a limit is a MailError.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32, Policy, compat32
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice
from typing import Final

import msgspec

from jobreport.inbox.mail.charset import decoded, header_text, plain
from jobreport.inbox.mail.html import HtmlError, text_of
from jobreport.model import ticks

MOST_BYTES: Final = 10 * 2**20
"""The longest mail that is read, with all its attachments."""
MOST_LINES: Final = 150_000
"""The most lines of a mail: an attachment of ten mebibytes has fewer."""
MOST_PARTS: Final = 50
"""The most parts of a mail, the inner ones too. So nothing is nested deeper either."""
MOST_TEXT: Final = 2**20
"""The most characters of all texts of a mail together; those of HTML with its marks. Attachments are not read."""

_MOST_HEADERS: Final = 200
_LONGEST_HEADER: Final = 2_000
_LONGEST_NAME: Final = 200
_MUCH_LONGER: Final = 2
"""A plain text that the HTML beside it exceeds this many times is a note for readers without HTML."""


class MailError(Exception):
    """Raised for a mail that is no mail, or beyond a limit. The message says for people what was found and allowed."""


class Mail(msgspec.Struct, frozen=True):
    """A mail. Nothing in it is proven: whoever sends it writes `sender` and `date` as they like.

    `sender` is a bare address in lower case. `date` is in ticks, 0 if there is none that can be. `message_id` is
    without brackets, empty if there is none. `text` is the body; of HTML its text, with a line for each row of a table
    and a tab between its cells. In it and in `subject` each kind of blank is a plain one. `headers` has all of them
    under their names in lower case, as people read them; the first where there are several of one name. `attachments`
    are the names of the files in it, without folders; a file without a name has an empty one.
    """

    sender: str
    subject: str
    date: int
    message_id: str
    text: str
    headers: Mapping[str, str]
    attachments: tuple[str, ...]


def parse(data: bytes) -> Mail:
    """Returns the mail that `data` is. Raises MailError for what is no mail, and for one that is beyond a limit."""
    if len(data) > MOST_BYTES:
        raise MailError(f"the mail has {len(data):,} bytes, and may have {MOST_BYTES:,}")
    # A line may end with CR alone, too.
    if (lines := data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")) > MOST_LINES:
        raise MailError(f"the mail has {lines:,} lines, and may have {MOST_LINES:,}")
    try:
        root: Message = BytesParser(policy=_Bounded(message_factory=_counted())).parsebytes(data)
        headers = _headers(root)
        if not headers:
            raise MailError("this is no mail: it begins with no header such as From or Subject")
        contents = _Contents()
        text = contents.text(root)
    except (ValueError, LookupError, TypeError) as error:
        # The library reads some parameters, such as a boundary in a charset that is none, by what raises these.
        raise MailError(f"a part of the mail cannot be read ({type(error).__name__})") from None
    return Mail(
        sender=_address(headers.get("from", "")),
        subject=headers.get("subject", ""),
        date=_ticks(headers.get("date", "")),
        message_id="".join(headers.get("message-id", "").split()).strip("<>"),
        text=text,
        headers=headers,
        attachments=tuple(contents.attachments),
    )


class _Bounded(Compat32):
    """How the parser reads: headers only so long, and only so many parts.

    It is the policy of old, since the newer one reads headers by a grammar that fails on some which mails have.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER]


def _counted() -> Callable[..., Message]:
    """Returns what makes the parser's messages, and raises MailError for one too many."""
    parts = 0

    def one_more(policy: Policy | None = None) -> Message:
        nonlocal parts
        parts += 1
        if parts > MOST_PARTS:
            raise MailError(f"the mail has more than {MOST_PARTS} parts")
        return Message(policy or compat32)

    return one_more


def _headers(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    # Raw: a header that is no ASCII would come as an object of another class.
    for name, value in islice(message.raw_items(), _MOST_HEADERS):
        found.setdefault(plain(name).lower(), header_text(str(value)))
    return found


def _address(header: str) -> str:
    """Returns the first address in a header; empty if there is none."""
    try:
        found = getaddresses([header])
    except (RecursionError, IndexError, ValueError):  # on what nobody sends by chance
        return ""
    return next((address.lower() for _, address in found if "@" in address), "")


def _ticks(date: str) -> int:
    try:
        moment = parsedate_to_datetime(date)
        found = ticks.from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError, RecursionError):
        return 0
    return found if ticks.UNIX_EPOCH <= found < ticks.YEAR_2200 else 0


class _Contents:
    """Reads the parts of a mail: what is its text, and what is attached."""

    def __init__(self) -> None:
        self.attachments: list[str] = []
        self._room = MOST_TEXT

    def text(self, part: Message) -> str:
        """Returns the text of a part and of those in it, and keeps the names of what is attached."""
        if part.is_multipart():
            texts = [text for one in part.get_payload() if isinstance(one, Message) and (text := self.text(one))]
            return _best(texts) if part.get_content_type() == "multipart/alternative" else "\n\n".join(texts)
        name = _name(part)
        if name or part.get_content_disposition() == "attachment":
            self.attachments.append(name)
            return ""
        return self._take(part) if part.get_content_maintype() == "text" else ""

    def _take(self, part: Message) -> str:
        data = part.get_payload(decode=True)
        text = decoded(data if isinstance(data, bytes) else b"", part.get_content_charset())
        self._room -= len(text)
        if self._room < 0:
            raise MailError(f"the texts of the mail have more than {MOST_TEXT:,} characters")
        if part.get_content_subtype() == "html":
            try:
                return text_of(text)
            except HtmlError as error:
                raise MailError(f"the mail cannot be read: {error}") from None
        return text.strip("\n")


def _best(texts: Sequence[str]) -> str:
    """Returns the one of several forms of the same text that says most; the first and plainest if that says as much."""
    if not texts:
        return ""
    longest = max(texts, key=_words)
    return longest if _words(longest) > _MUCH_LONGER * _words(texts[0]) else texts[0]


def _words(text: str) -> int:
    return len(text.split())


def _name(part: Message) -> str:
    """Returns the name of an attached file, without folders."""
    try:
        name = part.get_filename("")
    except (ValueError, TypeError, LookupError):  # a name in pieces whose numbers or charset are none
        name = "unknown"
    name = header_text(str(name)).replace("\\", "/").rpartition("/")[2].strip(". ")
    return name[:_LONGEST_NAME]
