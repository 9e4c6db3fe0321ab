"""Incidents as rows for people: on a page of their own, and on that of their series."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from jobreport.model.incident import Incident
from jobreport.model.incident_groups import Told
from jobreport.model.judgement import Verdict
from jobreport.monitor.texts import Times
from jobreport.monitor.views.said import is_address

_WORDS: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.MISSED: ("not-started", "Did not start"),
    Verdict.FAILING: ("failed", "Failing"),
    Verdict.STALE: ("failed", "Too old"),
    Verdict.OVERLONG: ("exceptions", "Takes too long"),
    Verdict.SHRUNK: ("exceptions", "Shrunk"),
    Verdict.NO_DATA: ("no-data", "No data"),
    Verdict.MAINTENANCE: ("skipped", "In maintenance"),
}
"""The sign and the word of each verdict."""


class IncidentRow(msgspec.Struct, frozen=True):
    """An incident of the list. `series` is the address of its series, empty if that is gone. `since` is when it was
    opened, and `closed` how long ago it ended; empty while it goes on. `link` is the ticket if that is an address.
    `told` says by which channels whoever was told.
    """

    kind: str
    word: str
    name: str
    number: int
    series: str
    sentence: str
    since: Markup
    closed: str
    held: str
    ticket: str
    link: str
    told: str


def incident_row(one: Incident, told_of: Sequence[Told], times: Times, series: str = "") -> IncidentRow:
    """Returns the row of an incident. `told_of`: what rules told of it; `series`: the address of its series."""
    kind, word = ("good", "Well again") if one.closed else _WORDS[one.verdict]
    channels = dict.fromkeys(channel for each in told_of if each.told for channel in each.channels)
    return IncidentRow(
        kind=kind,
        word=word,
        name=one.name,
        number=one.series,
        series=series,
        sentence=one.ended if one.closed else one.sentence,
        since=times.short(one.opened),
        closed=times.ago(one.closed) if one.closed else "",
        held=one.held,
        ticket=one.ticket,
        link=one.ticket if is_address(one.ticket) else "",
        told=", ".join(channels),
    )
