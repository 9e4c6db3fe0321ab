"""What a rule is: it reads the mails of one sender, and says where its wording comes from."""

from collections.abc import Callable

import msgspec

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.report import Reading


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Reads the mails of one sender. Pure: the same mail gives the same reading.

    `sender`, `languages` and `wording` are for people: what sends such mails, in which languages they are read, and
    from where it is known what they say. `tried` tells by which mails of the sender's own the rule was tried; empty:
    nobody could. `in_words`: its mails are a few sentences for people, so that any of them that tells of a failure
    speaks against a success; not so those with a log, or with names of files. `matches` says whether a mail is the
    sender's; of all rules it is true for one at most. `read` raises UnreadableError for a mail of the sender's that it
    does not read.
    """

    name: str
    sender: str
    languages: str
    wording: str
    tried: str = ""
    in_words: bool = False
    matches: Callable[[Mail], bool]
    read: Callable[[Mail], Reading]
