"""Reads the body of a delivery of no known sender as a document: JSON, the fields of a form, or a text."""

from email.parser import BytesParser
from email.policy import HTTP
from itertools import islice
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

import msgspec

from jobreport.inbox.report import UnreadableError
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import text_of

Kind = Literal["json", "form", "text"]
MAX_FIELDS: Final = 1_000
"""The fields that a form may have."""
_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


def document_of(delivery: Delivery, kind: Kind | None) -> Any:
    """Returns the document in a body. `kind` says what it is, None: a form if its type says so, or else JSON.

    A field of a form is a text, or a list of texts if it comes several times; a text is an object with the one field
    `text`. Raises UnreadableError.
    """
    if kind == "text":
        return {"text": text_of(delivery)}
    if kind == "form" or (kind is None and delivery.content_type in (_URLENCODED, _MULTIPART)):
        return _fields(delivery)
    text = text_of(delivery)
    if not text.strip():
        raise UnreadableError("the body is empty, where JSON was expected")
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise UnreadableError("the body is JSON that is nested too deep") from None
    except ValueError as error:
        raise UnreadableError(f"the body is no JSON: {error}") from None


def _fields(delivery: Delivery) -> dict[str, Any]:
    pairs = _of_parts(delivery) if delivery.content_type == _MULTIPART else _of_text(delivery)
    if len(pairs) > MAX_FIELDS:
        raise UnreadableError(f"the form has more than {MAX_FIELDS:,} fields")
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _of_text(delivery: Delivery) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text_of(delivery), keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise UnreadableError(f"the form has more than {MAX_FIELDS:,} fields") from None


def _of_parts(delivery: Delivery) -> list[tuple[str, str]]:
    """Returns the fields of a form in parts (RFC 7578); of a file that was sent in one, its text."""
    head = f"Content-Type: {delivery.headers.get('content-type', '')}\r\n\r\n".encode("latin-1", "replace")
    try:
        message = BytesParser(policy=HTTP).parsebytes(head + delivery.body)
        return [
            (str(name), bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace"))
            for part in islice(message.iter_parts(), MAX_FIELDS + 1)
            if (name := part.get_param("name", header="content-disposition"))
        ]
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        raise UnreadableError("the parts of the form cannot be told from each other") from None
