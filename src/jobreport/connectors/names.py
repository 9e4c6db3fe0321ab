"""Names of foreign jobs as ours: IDs that fit, plans without their dates, statuses that are never guessed into success.

A date in a description, a plan or a resource would make a subject of each job (decision 13). It stays in the job ID.
"""

import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import quote

import msgspec

from jobreport.model.catalog import JobState
from jobreport.model.job import MAX_RAW, TEXT_LIMITS, Job
from jobreport.runner.redact import MASK, redact

_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])"
_TIME: Final = r"(?:[T _-]?(?:[01]\d|2[0-3])[:._-]?[0-5]\d(?:[:._-]?[0-5]\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
# What joins a date is looked at from its first character only: else a name of nothing but hyphens takes for ever.
_DATE: Final = re.compile(
    r"(?<![ _.:@-])[ _.:@-]*[\[(]?"
    rf"(?<!\d)(?:19|20)\d\d(?:{_MONTH}{_DAY}|(?P<by>[-._/]){_MONTH}(?P=by){_DAY}){_TIME}(?!\d)[\])]?",
    re.ASCII,
)
_NAMED: Final = ("description", "plan", "resource")
_DIGEST_BYTES: Final = 12
_DEPTH: Final = 20
"""No record has so many lists and objects in one another."""
_PRINTABLE: Final = "".join(map(chr, range(ord(" "), ord("~") + 1))).replace("%", "")


def undated(name: str) -> str:
    """Returns a name without the dates and times in it, and without what joined them to the rest.

    `nightly-20261122020000` becomes `nightly`. A name that is nothing but a date stays.
    """
    if "20" not in name and "19" not in name:  # most have none, and the expression would look at each character
        return name
    bare, found = _DATE.subn("", name)
    return (found and bare.strip(" _-.:@")) or name


def without_dates(job: Job, **changes: Any) -> Job:
    """Returns a job with no date in the texts by which it belongs to a subject, and with these fields changed."""
    for name in _NAMED:
        text = getattr(job, name)
        if (bare := undated(text)) != text:
            changes[name] = bare
    return job.evolve(**changes) if changes else job


def job_id(*parts: object) -> str:
    """Returns the ID of a job from the origin's global key, such as an account, a region and a number, joined by `:`.

    A key that is too long for an ID gives its last characters, which people look for, after a hash of all of it.
    """
    return _fitted(":".join(map(str, parts)), TEXT_LIMITS["job_id"])


def reference(*parts: object) -> str:
    """Returns a reference from what names a backup for all who tell of it, as `job_id` does; what is no printable ASCII
    is percent-encoded.
    """
    key = ":".join(map(str, parts))
    plain = key.isascii() and key.isprintable() and "%" not in key
    return _fitted(key if plain else quote(key, safe=_PRINTABLE, errors="replace"), TEXT_LIMITS["reference"])


def _fitted(key: str, limit: int) -> str:
    if len(key) <= limit:
        return key
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()
    return f"{digest}:{key[len(digest) + 1 - limit :]}"


def raw_hidden(record: Any, text: str) -> str:
    """Returns the origin's own record as it came in `text`, or, where people's own words in it hold a secret, without
    that.
    """
    hidden = _hidden(record, _DEPTH)
    return raw_json(text.encode("utf-8", "replace")) if hidden == record else raw_text(hidden)


def _hidden(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list | dict) and not depth:
        return MASK
    if isinstance(value, list):
        return [_hidden(one, depth - 1) for one in value]
    return {name: _hidden(one, depth - 1) for name, one in value.items()} if isinstance(value, dict) else value


def raw_text(record: Any) -> str:
    """Returns the origin's own record as JSON text; of one that is too long, the beginning of it as a text."""
    return _fitting(json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str))


def raw_json(record: bytes) -> str:
    """Returns the origin's own record as it came as JSON; of one that is too long, the beginning of it as a text."""
    return _fitting(record.decode("utf-8", "replace"))


def _fitting(text: str) -> str:
    if len(text.encode("utf-8", "surrogatepass")) <= MAX_RAW:
        return text
    cut = text.encode("utf-8", "replace")[: MAX_RAW // 2].decode("utf-8", "ignore")
    return msgspec.json.encode({"tooLong": cut}).decode()


class Statuses:
    """What the statuses of an origin mean. They are compared without regard to case."""

    def __init__(self, known: Mapping[str, JobState]) -> None:
        self._known = {status.casefold(): state for status, state in known.items()}

    def read(self, status: str, *, ended: bool) -> tuple[JobState, str]:
        """Returns the state, and for a status that is not known what to say of it in the comments.

        Such a job is Exception if it has `ended`, otherwise InProgress: it is never guessed into success.
        """
        if (state := self._known.get(status.strip().casefold())) is not None:
            return state, ""
        return (JobState.Exception if ended else JobState.InProgress), f"unknown status {status!r} of its origin"
