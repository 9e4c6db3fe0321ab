"""Writes in words what a person said about a series, and which age is agreed for its last good copy."""

from urllib.parse import urlsplit

import msgspec
from markupsafe import Markup

from jobreport.model.catalog import SERVICE_LABELS, ServiceType
from jobreport.model.good_copy_age import Agreed, Source
from jobreport.model.lengths import duration
from jobreport.model.need import Kind, Mark
from jobreport.monitor.texts import Times, bdi


class Said(msgspec.Struct, frozen=True):
    """What a person said of a series: `by` whom, since and until when, and the note. `ticket` is a text, and an address
    in `link` if it is one of the web; all of these may be empty but `by` and `since`.
    """

    is_retired: bool
    by: str
    since: Markup
    until: Markup | str
    note: str
    ticket: str
    link: str


def said(mark: Mark, times: Times) -> Said:
    """Returns what a person said, with times as `times` writes them."""
    return Said(
        is_retired=mark.kind is Kind.RETIRED,
        by=mark.by,
        since=times.dated(mark.since) if mark.kind is Kind.RETIRED else times.short(mark.since),
        until=times.short(mark.until) if mark.until else "",
        note=mark.note,
        ticket=mark.ticket,
        link=mark.ticket if is_address(mark.ticket) else "",
    )


def is_address(text: str) -> bool:
    """Returns whether the text is an address of the web that a browser may be sent to."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and text.isprintable() and " " not in text


def agreed_words(agreed: Agreed | None) -> Markup | str:
    """Returns how old the last good copy may become, and which agreement says so; empty if nothing says so."""
    if agreed is None:
        return ""
    age = duration(agreed.age)
    match agreed.source:
        case Source.PATTERN:
            return Markup("agreed {} for {}").format(age, bdi(agreed.name))
        case Source.PLAN:
            return Markup("agreed {} for plan {}").format(age, bdi(agreed.name))
        case Source.SERVICE:
            return f"agreed {age} for {SERVICE_LABELS[ServiceType[agreed.name]]}"
        case Source.TENANT:
            return f"agreed {age}"
    return f"{age}, a default"
