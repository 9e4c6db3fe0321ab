"""Decides for each due time which run belongs to it, until when that run may still start, and which did not start.

A run belongs to the due time before it, or to the next one if it starts only a little earlier. Time in which no server
ran does not count: a run that was due then may still be reported until the next run is, since reports that wait on a
sender's disk come with its next run.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from jobreport.model import ticks
from jobreport.model.usual import Run

EARLY: Final = 15 * 60 * ticks.PER_SECOND
"""A run may start so long before it is due (ticks): the clocks of machines differ."""
SPOOLED: Final = 26 * 3600 * ticks.PER_SECOND
"""After a long time in which nobody listened, reports have so long at most to come in (ticks)."""
SHORT: Final = 10 * 60 * ticks.PER_SECOND
"""Through an outage that is shorter, senders try again by themselves (ticks)."""
MOST: Final = 2_000
"""The most runs that are found not to have started in one go. More are found in the next one."""
PER_HOUR: Final = 3600 * ticks.PER_SECOND
_MOST_HOURS: Final = 14
_NEAR: Final = 10 * 60 * ticks.PER_SECOND
_ASKED: Final = 3

MISSED: Final = "MR"
"""The beginning of the ID of a job that was written for a run that did not start."""
_MISSED_ID: Final = re.compile(rf"{MISSED}\d{{14}}-[a-z2-7]{{16}}")

Following = Callable[[int], int]
"""Returns the first due time after a time (ticks); 0 if there is none."""


class Outage(NamedTuple):
    """A time in which nobody listened (ticks)."""

    begins: int
    ends: int


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """A run that was `due` and did not start: no run did until `until`, when the next one may. Times are ticks.

    `known`: False if its connector has no data of that time; `lost`: and never will have, since its origin has
    forgotten it. `job` is the ID of the job that was written for it; empty if none was.
    """

    due: int
    until: int
    known: bool = True
    job: str = ""
    lost: bool = False


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """The first `due` time that is not settled (0: none), and until when its run may start (`deadline`). Both are
    ticks. `missed` are those before it whose runs did not start. `waits`: the deadline has passed, but its connector
    has not read so far yet.
    """

    due: int
    deadline: int = 0
    missed: tuple[Missed, ...] = ()
    waits: bool = False


class MissedOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became known later about a run that had not started: it did start, as `run`; or it did not (None), since its
    connector has now read the time in question.
    """

    missed: Missed
    run: Run | None


def is_missed(job_id: str) -> bool:
    """Returns whether a job is no run, but was written for one that did not start."""
    return job_id.startswith(MISSED) and bool(_MISSED_ID.fullmatch(job_id))


def first_due(late: int, following: Following, now: int) -> int:
    """Returns the first due time of a schedule that begins `now` (ticks). But a run that is `late` by the one before
    (0: none is), and due by this one too, is not forgotten.
    """
    is_kept = 0 < late <= now < following(late) and following(late - 1) == late
    return late if is_kept else following(now)


def deadline(due: int, grace: int, outages: Sequence[Outage], following: Following) -> int:
    """Returns until when a run that was due may start (ticks): for its grace, in which somebody listened."""
    until, ended = _moved(due, due + grace, outages)
    if ended:
        later = following(ended - 1) + grace
        until = max(until, min(later, ended + SPOOLED) if later > grace else ended + SPOOLED)
    return until


def too_old_after(good: int, age: int, outages: Sequence[Outage]) -> int:
    """Returns when a copy that was made at `good` gets older than this age, without the time in which nobody listened:
    a newer one may wait on its sender's disk. All in ticks.
    """
    until, ended = _moved(good, good + age, outages)
    return max(until, ended + SPOOLED) if ended else until


def settle(
    due: int,
    following: Following,
    runs: Sequence[Run],
    grace: int,
    *,
    now: int,
    outages: Sequence[Outage] = (),
    read: int | None = None,
    no_data: bool = False,
    holes: Sequence[Outage] = (),
    repeats: int = 0,
    off: int = 0,
) -> Settled:
    """Settles all due times from the first one that is not (`due`) to `now`. Times and lengths are ticks.

    `runs` are the last ones, in any order. `read`: until when the connector of the series has read its origin (None: no
    connector does), which may have `no_data`; of `holes` its origin has forgotten what ran. `repeats`: a run is due so
    long after the start of the one before. `off`: each starts so many hours later than it is due; earlier, if that is
    negative.
    """
    starts = sorted(run.start - off * PER_HOUR for run in runs)
    waiting = max(off, 0) * PER_HOUR
    missed: list[Missed] = []
    if repeats and starts:
        due = max(due, starts[-1] + repeats)
    while due and len(missed) < MOST:
        after = following(due)
        early = _early(grace, after - due) if after else min(grace, EARLY)
        until = after - early if after else now + grace
        if not repeats and any(due - early <= start < until for start in starts):
            due = after
            continue
        last = deadline(due, grace, outages, following) + waiting
        if now <= last:
            return Settled(due=due, deadline=last, missed=tuple(missed))
        known = read is None or read >= due + grace + waiting
        if not known and not no_data:
            return Settled(due=due, deadline=last, missed=tuple(missed), waits=True)
        lost = is_lost(due, due + grace + waiting, holes)
        missed.append(Missed(due=due, until=until, known=known and not lost, lost=lost))
        due = after
    last = deadline(due, grace, outages, following) + waiting if due else 0
    return Settled(due=due, deadline=last, missed=tuple(missed))


def is_lost(begins: int, ends: int, holes: Sequence[Outage]) -> bool:
    """Returns whether an origin has forgotten what ran in a part of this time (ticks) before anybody read it."""
    return any(one.begins < ends and one.ends > begins for one in holes)


def outcomes(missed: Sequence[Missed], runs: Sequence[Run], grace: int, read: int | None) -> list[MissedOutcome]:
    """Returns for which of these runs it is known by now whether they started, by the last runs and by the time up to
    which the origin was read (ticks; None: no connector reads it).
    """
    found = []
    for one in missed:
        early = _early(grace, 2 * (one.until - one.due))
        mine = [run for run in runs if one.due - early <= run.start < one.until]
        if mine:
            found.append(MissedOutcome(missed=one, run=min(mine, key=lambda run: run.start)))
        elif not (one.known or one.lost) and (read is None or read >= one.due + grace):
            found.append(MissedOutcome(missed=one, run=None))
    return found


def hours_off(runs: Sequence[Run], following: Following) -> int:
    """Returns by how many whole hours the last runs start off their due times, all of them the same: then the zone is
    probably another. 0 if it is not so, or if there are fewer than three.
    """
    last = sorted((run.start for run in runs), reverse=True)[:_ASKED]
    if len(last) < _ASKED or not (off := _off(last[0], following)):
        return 0
    return off if all(_off(start, following) == off for start in last[1:]) else 0


def _moved(since: int, until: int, outages: Sequence[Outage]) -> tuple[int, int]:
    """Returns a deadline that began at `since`, moved on by the time in which nobody listened; and when the last long
    outage ended before it (ticks; 0: there was none).
    """
    ended = 0
    for one in sorted(outages):
        if one.begins < until and one.ends > since:
            until += one.ends - max(one.begins, since)
            if one.ends - one.begins > SHORT:
                ended = max(ended, one.ends)
    return until, ended


def _off(start: int, following: Following) -> int:
    """Returns by how many whole hours a run starts off a due time; 0 if it is near one, or off by no whole hours."""
    near = following(start - _NEAR - 1)
    if near and near <= start + _NEAR:
        return 0
    for hours in (sign * number for number in range(1, _MOST_HOURS + 1) for sign in (1, -1)):
        meant = start - hours * PER_HOUR
        found = following(meant - _NEAR - 1)
        if found and found <= meant + _NEAR:
            return hours
    return 0


def _early(grace: int, gap: int) -> int:
    return max(0, min(grace, EARLY, gap // 2))
