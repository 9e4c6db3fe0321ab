"""What the service has to say: lines for people on a terminal, JSON otherwise; the secrets of nobody."""

import io
import logging
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import msgspec
import structlog


def configure(*, as_json: bool) -> None:
    """Sends every log line, the server's and the libraries' too, to standard error in one form."""
    first: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if as_json:
        last: list[Any] = [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(_as_json)]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24)]
    # A line a request is on the hot path: ours go straight out, without the standard library's detour.
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Lines(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # uvicorn logs each request too, with less in it; alembic's steps are of no interest to an operator.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("alembic").setLevel(logging.WARNING)


class _Lines(io.TextIOBase):
    """A stream whose reader may be gone and whose disk may be full: a line that it cannot take costs no answer."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes `text`, if it can be."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Passes on what was written, if it can be."""
        with suppress(OSError):
            self._stream.flush()


def _as_json(line: Any, **_options: Any) -> str:
    """Compact JSON; control characters of texts from outside are escaped, so that one line stays one."""
    return msgspec.json.encode(line, enc_hook=repr).decode()
