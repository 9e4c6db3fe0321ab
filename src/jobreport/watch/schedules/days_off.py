"""Days on which nothing is due: public holidays of a country or a part of it, and single days."""

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from jobreport.model.expectation import Expectation

if TYPE_CHECKING:
    from collections.abc import Collection


def is_off(one: Expectation, day: date) -> bool:
    """Returns whether nothing is due on this day of its zone."""
    if one.days_off and day.isoformat() in one.days_off:
        return True
    return any(day in _holidays(country, day.year) for country in one.holidays)


def fault(country: str) -> str:
    """Returns what is wrong with the code of a country or of a part of it, in words that go on after it; empty if
    nothing is.
    """
    from holidays import list_supported_countries

    known = list_supported_countries()
    code, _, part = country.partition("-")
    if code not in known:
        return "is no code of a country whose holidays are known, such as DE, DE-BY or US"
    if part and part not in known[code]:
        return f"is no part of {code}: there are {', '.join(sorted(known[code])) or 'none'}"
    return ""


@lru_cache(maxsize=1024)
def _holidays(country: str, year: int) -> "Collection[date]":
    # Loaded where somebody has holidays: it takes a while.
    from holidays import country_holidays

    code, _, part = country.partition("-")
    return frozenset(country_holidays(code, subdiv=part or None, years=year))
