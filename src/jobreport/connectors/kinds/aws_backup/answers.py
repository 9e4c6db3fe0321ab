"""The answers of AWS Backup: a page of a list, a single job, "not found" and "access denied"."""

from typing import Any, Final, NamedTuple

import msgspec

from jobreport.connectors.base import CannotReadError, UnreadableRecordError
from jobreport.connectors.kinds.aws_backup.lists import List, right
from jobreport.connectors.paging import Answer

_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RECORDS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_RECORD: Final = msgspec.json.Decoder(dict[str, Any])
_TOKEN: Final = msgspec.json.Decoder(str | None)
_NULL: Final = b"null"


class Answered(NamedTuple):
    """An answer as it came, and AWS's own time (ticks; 0: not told)."""

    body: bytes
    clock: int


class AbsentError(Exception):
    """Raised if AWS has no such thing."""


class DeniedError(CannotReadError):
    """Raised if the credentials lack a right."""


def page_of(body: bytes, which: List, region: str) -> Answer[msgspec.Raw]:
    """Returns the records of a page as they came, and what asks for the next. Raises CannotReadError."""
    try:
        members = _MEMBERS.decode(body)
        token = _TOKEN.decode(members.get("NextToken", _NULL))
        return Answer(_RECORDS.decode(members[which.items]), token or None)
    except (ValueError, LookupError, RecursionError) as error:
        raise _not_understood(which.listing, region, error) from None


def one_of(body: bytes, which: List, region: str) -> bytes:
    """Returns the record of a job that was asked for by its ID. Raises UnreadableRecordError."""
    try:
        return bytes(_MEMBERS.decode(body)[which.item]) if which.item else body
    except (ValueError, LookupError, RecursionError) as error:
        raise UnreadableRecordError(str(_not_understood(which.describing, region, error))) from None


def record_of(raw: bytes, which: List, region: str) -> dict[str, Any]:
    """Returns a record. Raises UnreadableRecordError."""
    try:
        return _RECORD.decode(raw)
    except (ValueError, RecursionError) as error:
        raise UnreadableRecordError(str(_not_understood(which.listing, region, error))) from None


def _not_understood(call: str, region: str, error: Exception) -> CannotReadError:
    said = f"it lacks {error}" if isinstance(error, LookupError) else str(error)
    return CannotReadError(f"the answer to {right(call)} in {region} is not understood: {said[:200]}")
