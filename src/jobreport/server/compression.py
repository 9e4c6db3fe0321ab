"""Answers compressed by gzip for clients that ask for it, where the operation says that it may.

An operation says so only where its answer has no secret in it: how short an answer becomes tells something of what is
in it (the attack is called BREACH), so a token is never compressed. Answers with an ETag are none of ours: the tag
would name two different contents.
"""

import re
import zlib
from typing import Any, Final

from anyio import CapacityLimiter
from starlette.responses import Response
from starlette.types import Scope

from jobreport.server.streams import Streamed
from jobreport.threads import in_thread

MIN_SIZE: Final = 4 * 1024
"""Bytes of an answer that is compressed; a shorter one fits in three packets as it is."""
_LARGE: Final = 64 * 1024
"""Bytes of an answer that is compressed in a thread; a shorter one holds up the event loop for half a millisecond."""
LEVEL: Final = 1
"""zlib's level: the next ones save a tenth more, for twice the time."""
_THREADS: Final = CapacityLimiter(2)

_GZIP: Final = 16 + zlib.MAX_WBITS
_WEIGHT: Final = re.compile(r"[ \t]*[qQ][ \t]*=[ \t]*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*")


def accepts_gzip(scope: Scope) -> bool:
    """Whether the request prefers gzip to no compression (RFC 9110 §12.5.3)."""
    weights: dict[str, float] = {}
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            for part in value.decode("latin-1").split(","):
                coding, _, weight = part.partition(";")
                weights[coding.strip().lower()] = _weight(weight)
    wanted = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return wanted > 0 and wanted >= weights.get("identity", 0.0)


async def compress(scope: Scope, response: Response) -> None:
    """Compresses the answer, where the client asks for it and it is long enough. Says in any case that this depends on
    the request (`Vary`). A stream is compressed as it is made, where its content is text."""
    if isinstance(response, Streamed):
        response.vary(compressor() if accepts_gzip(scope) else None)
        return
    response.raw_headers.append((b"vary", b"Accept-Encoding"))  # none of our own answers varies otherwise
    body = bytes(response.body)
    if len(body) < MIN_SIZE or response.status_code != 200 or not accepts_gzip(scope):
        return
    response.body = _gzipped(body) if len(body) < _LARGE else await in_thread(_THREADS, _gzipped, body)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))


def compressor() -> Any:
    """zlib's object that compresses one answer piece by piece; it has no type that can be named."""
    return zlib.compressobj(LEVEL, wbits=_GZIP)


def _gzipped(body: bytes) -> bytes:
    made = compressor()
    whole: bytes = made.compress(body) + made.flush()
    return whole


def _weight(text: str) -> float:
    """The weight of a coding, from 0 (never) to 1; one that is none counts as 0."""
    if not text.strip():
        return 1.0
    found = _WEIGHT.fullmatch(text)
    return float(found[1]) if found else 0.0
