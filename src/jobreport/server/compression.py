"""Compresses answers by gzip if the client asks for it and the operation allows it.

An operation allows it only if its answer contains no secret: the compressed length reveals something of the content
(the attack is called BREACH), so a token is never compressed. Answers with an ETag are not compressed either: the same
tag would then name two different contents.
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
"""The shortest answer that is compressed, in bytes. A shorter one fits in three packets without compression."""
_LARGE: Final = 64 * 1024
"""From this length on, in bytes, an answer is compressed in a thread. A shorter one blocks the event loop for at most
half a millisecond."""
LEVEL: Final = 1
"""The compression level of zlib. The next levels make answers a tenth smaller, but take twice as long."""
_THREADS: Final = CapacityLimiter(2)

_GZIP: Final = 16 + zlib.MAX_WBITS
_WEIGHT: Final = re.compile(r"[ \t]*[qQ][ \t]*=[ \t]*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*")


def accepts_gzip(scope: Scope) -> bool:
    """Returns whether the request prefers gzip to no compression (RFC 9110 §12.5.3)."""
    weights: dict[str, float] = {}
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            for part in value.decode("latin-1").split(","):
                coding, _, weight = part.partition(";")
                weights[coding.strip().lower()] = _weight(weight)
    wanted = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return wanted > 0 and wanted >= weights.get("identity", 0.0)


async def compress(scope: Scope, response: Response) -> None:
    """Compresses the answer if the client asks for it and the answer is long enough. Adds `Vary` in any case, since the
    answer depends on the request. A stream of text is compressed while it is made.
    """
    if isinstance(response, Streamed):
        response.vary(compressor() if accepts_gzip(scope) else None)
        return
    response.raw_headers.append((b"vary", b"Accept-Encoding"))  # no answer has another `Vary` header
    body = bytes(response.body)
    if len(body) < MIN_SIZE or response.status_code != 200 or not accepts_gzip(scope):
        return
    response.body = _gzipped(body) if len(body) < _LARGE else await in_thread(_THREADS, _gzipped, body)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))


def compressor() -> Any:
    """Returns zlib's object that compresses one answer piece by piece. Its type has no public name."""
    return zlib.compressobj(LEVEL, wbits=_GZIP)


def _gzipped(body: bytes) -> bytes:
    made = compressor()
    whole: bytes = made.compress(body) + made.flush()
    return whole


def _weight(text: str) -> float:
    """Returns the weight of a coding, from 0 (never) to 1. A text that is no weight counts as 0."""
    if not text.strip():
        return 1.0
    weight = _WEIGHT.fullmatch(text)
    return float(weight[1]) if weight else 0.0
