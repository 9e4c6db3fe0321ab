"""Reads the body of a delivery of no known sender as a document: JSON, the fields of a form, or a text."""

import re
from email import message_from_string
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

import msgspec

from jobreport.inbox.report import UnreadableError
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import is_form, text_of

Kind = Literal["json", "form", "text"]
MAX_FIELDS: Final = 1_000
"""The fields that a form may have."""
_TOO_MANY: Final = f"the form has more than {MAX_FIELDS:,} fields"
_MULTIPART: Final = "multipart/form-data"
_MOST_HEAD: Final = 4_096
"""The bytes of what stands before the value of a field."""
_HEAD_ENDS: Final = re.compile(rb"\r?\n\r?\n")
_ENCODED: Final = "content-transfer-encoding"


def document_of(delivery: Delivery, kind: Kind | None) -> Any:
    """Returns the document in a body. `kind` says what it is. None: a form if its type says so, unless that is JSON; or
    else JSON.

    A field of a form is a text, or a list of texts if it comes several times; a text is an object with the one field
    `text`. Raises UnreadableError.
    """
    if kind == "text":
        return {"text": text_of(delivery)}
    if kind == "form" or (kind is None and (is_form(delivery) or delivery.content_type == _MULTIPART)):
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
        raise UnreadableError(_TOO_MANY) from None


def _of_parts(delivery: Delivery) -> list[tuple[str, str]]:
    """Returns the fields of a form in parts (RFC 7578); of a file that was sent in one, its text.

    It is not read as a mail would be: parts of a form have no parts, and a mail's parser takes half a minute for as
    many as a body can hold.
    """
    whole = Message()
    whole["content-type"] = delivery.headers.get("content-type", "")[:_MOST_HEAD]
    boundary = str(whole.get_boundary(""))
    if not boundary:
        raise UnreadableError("the parts of the form cannot be told from each other: its type names no boundary")
    line = re.compile(rb"(?:^|\r?\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(?=--|[ \t]*\r?\n)")
    parts = [part for part in line.split(delivery.body, MAX_FIELDS + 2)[1:] if not part.startswith(b"--")]
    if len(parts) > MAX_FIELDS:
        raise UnreadableError(_TOO_MANY)
    return [(name, value) for name, value in map(_field, parts) if name]


def _field(part: bytes) -> tuple[str, str]:
    """Returns the name of a field, empty if it has none, and its value. `part` begins behind its boundary."""
    head = _HEAD_ENDS.search(part, 0, _MOST_HEAD)
    if head is None:
        raise UnreadableError(f"a part of the form has no head, or one of more than {_MOST_HEAD:,} bytes")
    about = message_from_string(part[: head.start()].decode("utf-8", "replace").lstrip())
    name = about.get_param("name", header="content-disposition")
    value = part[head.end() :]
    if _ENCODED in about:
        about.set_payload(value.decode("ascii", "surrogateescape"))
        value = bytes(about.get_payload(decode=True) or b"")
    return collapse_rfc2231_value(name) if name else "", value.decode("utf-8", "replace")
