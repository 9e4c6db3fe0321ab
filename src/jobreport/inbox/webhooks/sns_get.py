"""Asks Amazon SNS for its certificate, or for the confirmation of a subscription: the only calls that an inbox makes.

Whoever calls has checked that the address is one of SNS. A redirection is not followed, for it could lead elsewhere.
"""

import time
from typing import Final

import httpx

from jobreport.inbox.report import UnreadableError

MOST_BYTES: Final = 65_536
_TIMEOUT: Final = 5.0
"""Seconds for each step of the call."""
_LONGEST: Final = 15.0
"""Seconds for an answer that comes bit by bit."""
_OK: Final = 200
_CONFIRMS: Final = "?Action=ConfirmSubscription"


def get_certificate(url: str) -> bytes:
    """Returns a certificate of SNS, and confirms no subscription. Raises UnreadableError."""
    if _CONFIRMS in url:
        raise UnreadableError("this would confirm the subscription to the topic, which only a server does")
    return get(url)


def get(url: str) -> bytes:
    """Returns what is at an address of SNS. Raises UnreadableError if it cannot be had."""
    found = bytearray()
    late = time.monotonic() + _LONGEST
    try:
        with httpx.stream("GET", url, timeout=_TIMEOUT, follow_redirects=False) as response:
            if response.status_code != _OK:
                raise UnreadableError(f"SNS answered {response.status_code} to its own address; try again")
            for chunk in response.iter_bytes():
                found += chunk
                if len(found) > MOST_BYTES or time.monotonic() > late:
                    raise UnreadableError(f"SNS's answer has more than {MOST_BYTES} bytes, or takes too long")
    except httpx.HTTPError as error:
        raise UnreadableError(f"SNS could not be asked ({type(error).__name__}); have it read again later") from None
    return bytes(found)
