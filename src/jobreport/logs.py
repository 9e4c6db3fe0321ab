"""The log: lines for people on a terminal, JSON otherwise, and never a secret or a character that moves a cursor."""

import io
import json
import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Final, TextIO, cast

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer

_UNSEEN: Final = re.compile(r"[^\x20-\x7e]")


def configure(*, as_json: bool) -> None:
    """Sends every log line, the server's and the libraries' too, to standard error in one form."""
    first: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # For an unexpected error, its place is logged, but no values of variables: they may contain secrets.
    if as_json:
        last: list[Any] = [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(_as_json),
        ]
    else:
        last = [
            _visible,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), pad_event_to=24, exception_formatter=_visible_traceback
            ),
        ]
    # There is a log line for each request. So our lines are written directly, not through `logging`, which is slower.
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
    # uvicorn also logs each request, with less detail. The steps of alembic do not help an operator.
    logging.getLogger("uvicorn.access").disabled = True
    # aiosmtpd logs what is said, and so the addresses of inboxes.
    logging.getLogger("mail.log").disabled = True
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # The SDK of AWS tells at each look where it found credentials.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    # httpx logs each address that is asked. Those of channels hold secrets, and a look asks for hundreds.
    logging.getLogger("httpx").setLevel(logging.WARNING)


class _Lines(io.TextIOBase):
    """A stream for log lines. If a line cannot be written (the disk is full, the reader is gone), it is dropped, and
    requests are answered all the same.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes `text` if that is possible."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flushes the stream if that is possible."""
        with suppress(OSError):
            self._stream.flush()


def _as_json(line: Any, **_options: Any) -> str:
    """Returns the line as compact JSON. Characters that a terminal might obey or a person cannot see are escaped."""
    try:
        text = msgspec.json.encode(line, enc_hook=repr).decode()
    except UnicodeEncodeError:  # half a character, as JSON from outside may have it
        text = json.dumps(line, default=repr, separators=(",", ":"))
    # JSON's own syntax has no such character, so each one is inside a string, where JSON may escape it.
    return text if text.isprintable() else _escaped(text)


def _visible(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escapes such characters in the texts of the line."""
    for name, value in line.items():
        if isinstance(value, str) and not value.isprintable():
            line[name] = _escaped(value)
    return line


def _visible_traceback(stream: TextIO, raised: Any) -> None:
    """Writes a traceback without the values of variables. Every character that could move the cursor is escaped, except
    the line ends of its message.
    """
    plain = io.StringIO()
    structlog.dev.plain_traceback(plain, raised)
    stream.write("\n".join(_escaped(line) for line in plain.getvalue().split("\n")))


def _escaped(text: str) -> str:
    """Escapes each character that is not printable, as JSON and Python do: \\u001b."""
    return _UNSEEN.sub(lambda found: found[0] if found[0].isprintable() else _code(found[0]), text)


def _code(character: str) -> str:
    if ord(character) < 0x10000:
        return f"\\u{ord(character):04x}"
    high, low = divmod(ord(character) - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
