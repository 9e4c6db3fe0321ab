"""Splits the text of an option that names an issuer and how its claims map: a URL, then words like `tenant:a=acme`."""

import re
import shlex
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from jobreport.hosts import is_loopback

_VISIBLE: Final = re.compile(r"[!-~]+")


class Word(NamedTuple):
    """One setting, `name=value`. Where the name is `kind:key`, `kind` and `key` are its parts; else they are empty."""

    text: str
    name: str
    value: str
    kind: str
    key: str


def split(text: str, *, called: str, form: str) -> tuple[str, list[Word]]:
    """Returns the URL of the issuer, and the settings behind it. `called` is what the issuer is called in messages.

    Raises ValueError, whose message says why and gives the `form`, if the text is not written so.
    """
    try:
        url, *words = shlex.split(text)
    except ValueError:
        raise ValueError(f"{called} is written as: {form}") from None
    if not is_safe(url) or re.search(r"[?#@]", url):
        raise ValueError(f"{url!r} is no issuer: it needs an https URL without a query (http on loopback alone)")
    return url, [_word(url, word, called, form) for word in words]


def _word(url: str, text: str, called: str, form: str) -> Word:
    name, _, value = text.partition("=")
    if not value:
        raise ValueError(f"{url}: {text!r} is no setting; {called} is written as: {form}")
    kind, _, key = name.partition(":")
    return Word(text, name, value, *((kind, key) if key else ("", "")))


def is_safe(url: str) -> bool:
    """Whether nobody on the network can change the answer of `url`: it uses HTTPS, or HTTP on loopback.

    Something that is no URL is not safe either: outside visible ASCII (RFC 3986 §2), programs differ in what they read.
    """
    if not _VISIBLE.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and bool(host) and is_loopback(str(host))
