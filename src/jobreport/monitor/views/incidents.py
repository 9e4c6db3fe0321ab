"""Incidents as rows for people: on a page of their own, and on that of their series."""

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from jobreport.model.incident import Incident
from jobreport.model.incident_groups import Notice
from jobreport.model.judgement import NEED_OF
from jobreport.model.need_words import WORD_OF
from jobreport.monitor.texts import Times
from jobreport.monitor.views.marks import is_address
from jobreport.monitor.views.rows import SIGNS


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


def incident_row(one: Incident, told_of: Sequence[Notice], times: Times, series: str = "") -> IncidentRow:
    """Returns the row of an incident. `told_of`: what rules told of it; `series`: the address of its series."""
    kind, word = ("good", "Well again") if one.closed else (SIGNS[NEED_OF[one.verdict]], WORD_OF[one.verdict])
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
