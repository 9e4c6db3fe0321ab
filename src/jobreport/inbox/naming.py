"""Makes the names for jobs from an inbox: their IDs and their origin, and what stands in place of an app."""

import hashlib
import re
from typing import Final

from jobreport.store.registry.inboxes import Inbox
from jobreport.store.registry.sign_ins import INBOX

ORIGIN: Final = "inbox/"
"""Begins the origin of jobs that come of an inbox; its name follows."""
APP: Final = INBOX
"""Begins what stands in the place of a client ID; the inbox's ID follows. No app can have such a one."""
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def app_of(inbox: Inbox) -> str:
    """Returns what stands in the place of a client ID where something came to an inbox."""
    return f"{APP}{inbox.inbox}"


def job_id(kind: str, inbox: Inbox, run: str) -> str:
    """Returns the ID of the job of a run that its sender names so, as long as that name is, or may be."""
    plain = run if _PLAIN_NAME.fullmatch(run) else hashlib.sha256(run.encode("utf-8", "replace")).hexdigest()[:32]
    return f"{kind}-{inbox.inbox}-{plain}"
