"""The identities by which receivers recognise a message or an incident: the same in each delivery, and unique.

The ID of a message is unique only within its tenant, so the tenant is a part of its identity.
"""

import base64
from hashlib import sha256

from jobreport.model.message import Message


def of_message(message: Message) -> str:
    """Returns the identity of a message: `msg_` and 26 letters or digits."""
    return f"msg_{_word(message.tenant, message.id)}"


def of_incident(message: Message) -> str:
    """Returns the identity of what the message is about, the same for all messages of an incident; without one, its
    own.
    """
    return f"inc_{_word(message.tenant, message.incident)}" if message.incident else of_message(message)


def _word(tenant: int, name: str) -> str:
    return base64.b32encode(sha256(f"{tenant}/{name}".encode()).digest()[:16]).decode().rstrip("=").lower()
