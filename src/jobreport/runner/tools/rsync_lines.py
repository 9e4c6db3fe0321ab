"""Reads the lines that rsync prints: which of them report a loss, and of what, and the form of its numbers."""

import re
from enum import Enum, auto
from typing import Final

from jobreport.runner.text import whole


class Loss(Enum):
    """What was lost according to a line of rsync."""

    NOTHING = auto()
    """An owner, a permission, a time or an attribute; or what should go at the destination is still there."""
    RECEIVED = auto()
    """A file that was named and could not be written."""
    UNVERIFIED = auto()
    """A file that arrived otherwise than it was sent; what hindered it may be told before."""
    SENT = auto()
    """A file that was listed and could not be read, or has vanished."""
    OTHER = auto()
    """Something that was listed and could not be made, such as a link."""
    FOLDER = auto()
    """A folder that could not be made."""
    SOURCE = auto()
    """A source that could not be entered, and so is in none of rsync's totals."""
    NEVER_LISTED = auto()
    """What else could not be looked at, and so is in none of its totals either."""


# Ends as every error of the system does: `… failed: Permission denied (13)`. From 3.2 on the process is told before.
_ERROR: Final = re.compile(r"rsync: (?:\[(\w+)\] )?(.*)\(\d+\)$")
_BEGINNINGS: Final = (
    *("rsync: ", "file has vanished: ", "symlink has no referent: ", "ERROR: ", "could not make way for "),
    *("Unable to create partial-dir ", "skipping ", "["),
)
_NO_WAY: Final = re.compile(r"could not make way for new (directory)?")
_NO_PLACE: Final = re.compile(r"Unable to create partial-dir for .* -- discarding ")
_LEFT_OUT: Final = re.compile(
    r"\[\w+\] cannot convert (?:filename|symlink)|skipping (?:overly long name|file with bogus)"
)
_OLDER_ERROR: Final = re.compile(r"rsync: (?:\[(\w+)\] )?(.*\b(?:failed|errors?|denied)\b.*)")
_NOTHING: Final = re.compile(
    r"(?:chown|chgrp|chmod|fchmod|lchmod|utime\w*|failed to (?:set|modify|re-read|read xattr|write xattr)|set_\w+"
    r"|get_\w+|sys_acl|rsync_xal_\w+|\w+_s?acl\w*|\w*xattr|delete_file|cannot delete|rmdir)\b"
)
_SOURCE: Final = re.compile(r"(?:link_stat|change_dir\S*)\b")
_NEVER_LISTED: Final = re.compile(r"(?:opendir|readlink_stat|readlink|stat|lstat)\b")
_FOLDER: Final = re.compile(r"(?:recv_generator: )?mkdir\b")
_RECEIVED: Final = re.compile(r"(?:mkstemp|rename|write|open|robust_rename|copy_file|ftruncate|fstat)\b")
_SENT: Final = re.compile(r"(?:send_files failed to open|read errors mapping)\b")

ITEM: Final = re.compile(r"(?:.*\s)?[<>c.][fLDS][+.? a-zA-Z]{9}\s")
"""A line of `-i`: a file or a link that arrived, or with `-ii` is as it was."""
NAMES_BEGIN: Final = ("sending incremental", "receiving incremental", "sending file list", "building file")
NAMES_END: Final = ("sent ", "total size is ", "total: matches=")
NO_NAME: Final = ("created ", "deleting ", "*", "delta-transmission ", "skipping ", "cannot delete ", "[")
"""How lines among the names begin that are none."""


def loss_of(text: str) -> Loss | None:
    """Returns the loss that `text` reports; None if it reports none."""
    if not text.startswith(_BEGINNINGS):
        return None
    if text.startswith("file has vanished: "):
        return Loss.SENT
    if text.startswith("symlink has no referent: "):
        return Loss.NEVER_LISTED
    if text.startswith("ERROR: ") and "failed verification" in text:
        return Loss.UNVERIFIED
    if match := _NO_WAY.match(text):
        return Loss.FOLDER if match[1] else Loss.OTHER
    if _NO_PLACE.match(text):
        return Loss.RECEIVED
    if _LEFT_OUT.match(text):
        return Loss.NEVER_LISTED
    match = _ERROR.match(text.rstrip()) or _OLDER_ERROR.match(text)
    return None if match is None else _of_error((match[1] or "").casefold(), match[2])


def _of_error(process: str, words: str) -> Loss:
    if _NOTHING.match(words):
        return Loss.NOTHING
    if _SENT.match(words):
        return Loss.SENT
    if _SOURCE.match(words):
        return Loss.SOURCE
    if _NEVER_LISTED.match(words):
        return Loss.NEVER_LISTED
    if _FOLDER.match(words):
        return Loss.FOLDER
    if process == "receiver" or (not process and _RECEIVED.match(words)):
        return Loss.RECEIVED
    return Loss.OTHER


def number(text: str) -> int:
    """Returns the number in a text such as `1,234` or `1.234`, as the locale writes it."""
    return whole(re.sub(r"[.,]", "", text))


def size(text: str, base: int) -> int:
    """Returns the bytes of `5.063`, `5,063`, `3.15M` or `3,15M`: only before a unit is there a
    fraction. A K is `base`.
    """
    unit = "KMGTPE".find(text[-1:]) + 1
    if not unit:
        return number(text)
    units, point, fraction = text[:-1].replace(",", ".").rpartition(".")
    try:
        value = float(f"{units.replace('.', '')}{point}{fraction}")
    except ValueError:
        return 0
    return whole(value * base**unit)
