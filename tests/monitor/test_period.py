"""The time that an overview is of: on a Monday the weekend, and else the last night."""

from datetime import timedelta

from histories import MOMENTS

from jobreport.model import ticks
from jobreport.model.nights import NightHours
from jobreport.monitor.views.period import period_of

DAY = ticks.PER_DAY
MONDAY = MOMENTS[0]
BERLIN = NightHours("Europe/Berlin", 18 * 60)


def test_on_a_monday_the_weekend_is_looked_at_and_else_the_last_night() -> None:
    monday = period_of(BERLIN, MONDAY)
    assert monday.is_weekend
    assert [day.isoformat() for day in monday.days] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    tuesday = period_of(BERLIN, MONDAY + DAY)
    assert tuesday.days == [monday.last + timedelta(1)]
    assert period_of(BERLIN, MONDAY, monday.first).days == [monday.first]
