"""Makes the keys of a group, such as its month and service, from a row of a statement."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from jobreport.contract.summary_answer import Keys
from jobreport.model import zones
from jobreport.model.periods import month_of, week_of
from jobreport.model.summary import TIMES, Key
from jobreport.store.query.summaries.part_days import Row


def of_rows(by: Sequence[Key], columns: Sequence[Key], unit: int, offset: int) -> Callable[[Row], Keys]:
    """Returns a function that makes the keys of a row, in the order of `by`.

    A row begins with its bucket of `unit` ticks, if there are times in `by`; then it has `columns`. Without a unit, the
    bucket is a month. Local time is `offset` ticks ahead of UTC.
    """
    times = TIMES.intersection(by)
    at = {key: place + bool(times) for place, key in enumerate(columns)}
    if len(times) <= 1 and Key.HOUR not in times and not (unit and Key.MONTH in times):
        return _items([at.get(key, 0) for key in by])
    hours = unit == zones.PER_HOUR

    def of_times(row: Row) -> Keys:
        day = row[0] // 24 if hours else row[0]
        return tuple([_time(key, row[0], day, offset) if key in times else row[at[key]] for key in by])

    return of_times


def _time(key: Key, bucket: int, day: int, offset: int) -> Any:
    """Returns the value of a key that is a time, where a bucket is an hour or a day."""
    if key is Key.HOUR:
        return bucket * zones.PER_HOUR - offset, offset
    return {Key.WEEK: week_of, Key.MONTH: month_of}[key](day) if key in (Key.WEEK, Key.MONTH) else day


def _items(places: Sequence[int]) -> Callable[[Row], Keys]:
    """Returns a function that makes a tuple of the items at these places of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple([row[place] for place in places])
