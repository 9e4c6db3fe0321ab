"""Judges a series by what is expected of it: `judge(expected, series, freshness, now)`.

It compares the jobs of the series and the age of its last good copy with what is due, with what its connector could
read, and with what is usual. The verdict is one sentence with its numbers; all pages, numbers and lists follow from it.
"""

from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.model.due_times import PER_HOUR, Missed, Outage, Settled, is_lost
from jobreport.model.good_copy_age import DAILY, Agreed, Source
from jobreport.model.judgement import NEEDS_SOMEBODY, Judgement, Verdict
from jobreport.model.lengths import duration, typed
from jobreport.model.need import GRACE, Need, need_of
from jobreport.model.series import SeriesStatus
from jobreport.model.usual import Run, Usual, shrunk

NEVER: Final = 2**63 - 1
"""When to judge a series again if time alone changes nothing (ticks): never."""
AGAIN: Final = 60 * ticks.PER_SECOND
"""How long until a series is judged again whose connector has not yet read the time of its run (ticks)."""
BLIND: Final = 10 * AGAIN
"""How long until a series is judged again whose connector has no data (ticks). New data has it judged at once."""


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What is expected of one series: how old its last good copy may become (None: nothing says so), with `away` beside
    that, since nobody listened for a time; and how long a run may take (`longest`, ticks; 0: any time). Due times are
    those of `zone`, and a run then has `grace` (ticks). `maintenance` is until when a window of it is open, and
    `next_maintenance` when the next one opens (ticks; 0: none).
    """

    agreed: Agreed | None = None
    away: int = 0
    zone: str = "UTC"
    grace: int = 0
    longest: int = 0
    maintenance: int = 0
    next_maintenance: int = 0


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one series. `announced` is when the newest of its jobs was due that its origin announced and
    that has not started (ticks; 0: none); `settled` are its due times by its schedule, None if it has none; `missed` is
    the newest run that did not start and of which no more is known. `off`: by how many hours all its runs start off
    what is due.

    `coming` is when the next of the announced ones is due (ticks; 0: none). `cause` and `why` are of its newest job
    that has ended, if that is not good. `usual` is that of the good runs before `good`, the last one. `retired`:
    somebody said that it no longer runs.
    """

    kind: JobType
    status: SeriesStatus
    announced: int = 0
    coming: int = 0
    settled: Settled | None = None
    missed: Missed | None = None
    off: int = 0
    cause: str = ""
    why: str = ""
    good: Run | None = None
    usual: Usual | None = None
    retired: bool = False


class Freshness(msgspec.Struct, frozen=True):
    """What its connector could read. `no_data` says in words since when and why it has none; empty: it has. `read` is
    until when everything was read (ticks); None: no connector reads it. Of `holes` its origin has forgotten what ran,
    before anybody read it.
    """

    no_data: str = ""
    read: int | None = None
    holes: tuple[Outage, ...] = ()


def judge(expected: Expected, series: Facts, freshness: Freshness, now: int) -> Judgement:
    """Returns how a series stands at `now` (ticks) to what is expected of it."""
    if series.retired:
        return Judgement(Verdict.MET, "it no longer runs, on purpose")
    found = _judged(expected, series, freshness, now)
    if expected.maintenance > now and found.verdict in NEEDS_SOMEBODY:
        until = moment(expected.maintenance, expected.zone)
        return msgspec.structs.replace(
            found, verdict=Verdict.MAINTENANCE, sentence=f"in maintenance until {until}: {found.sentence}"
        )
    return found


def judge_again(expected: Expected, series: Facts, freshness: Freshness, judgement: Judgement, now: int) -> int:
    """Returns when the series must be judged again (ticks) although no job of it changes until then."""
    status, settled = series.status, series.settled
    times = [NEVER]
    if series.coming:
        times.append(series.coming + GRACE)
    if series.retired:
        return min(times)
    if settled and settled.due:
        if settled.deadline < now and not settled.waits:
            return now  # There are more due times than are settled in one go.
        times += [_late_from(settled, series, expected), settled.deadline + 1]
    if status.good_id:
        age = expected.agreed.age + expected.away if expected.agreed else DAILY
        times.append(status.good_finish + age + 1)
        # What may lie in a time of which nothing is known gets too old as well.
        times += [one.ends + age + 1 for one in freshness.holes]
    if expected.longest and status.newest_state == JobState.InProgress:
        times.append(status.newest_filed + expected.longest + 1)
    if expected.maintenance:
        times.append(expected.maintenance)
    if judgement.verdict in NEEDS_SOMEBODY and expected.next_maintenance:
        times.append(expected.next_maintenance)
    if settled and settled.waits:
        times.append(now + AGAIN)
    if judgement.verdict is Verdict.NO_DATA:
        times.append(now + BLIND)
    return min(time for time in times if time > now)


def _judged(expected: Expected, series: Facts, freshness: Freshness, now: int) -> Judgement:
    status, settled, missed = series.status, series.settled, series.missed
    agreed = expected.agreed and msgspec.structs.replace(expected.agreed, age=expected.agreed.age + expected.away)
    base = need_of(series.kind, status, agreed, series.announced, now)
    absent = missed is not None and missed.due >= status.newest_filed
    if absent and missed:
        return _absent(expected, series, freshness, missed)
    if base is Need.NOT_GOOD:
        return Judgement(Verdict.FAILING, _failing(series, expected), series.cause, job=status.ended_id)
    # Of what has a schedule, that tells its rhythm.
    unsaid = base if base is Need.NO_COPY or not settled else Need.WELL
    runs = status.newest_state == JobState.InProgress
    if runs and expected.longest and now - status.newest_filed > expected.longest:
        said = f"runs since {moment(status.newest_filed, expected.zone)}, {duration(expected.longest)} at most expected"
        return Judgement(Verdict.OVERLONG, said, job=status.newest_id)
    if base is Need.NOT_STARTED:
        said = f"a run that was announced for {moment(series.announced, expected.zone)} has not started"
        return _unless_blind(freshness, Judgement(Verdict.MISSED, said, due=series.announced))
    if base is Need.TOO_OLD:
        stale = Judgement(Verdict.STALE, f"{_good(status, expected)}, {_agreed(expected)}")
        return _unless_lost(freshness, expected, stale, status.good_finish, now)
    if series.good and (found := shrunk(series.good, series.usual)):
        return Judgement(Verdict.SHRUNK, found, job=status.good_id)
    if runs:
        since = moment(status.newest_filed, expected.zone)
        return Judgement(Verdict.RUNNING, f"runs since {since}", job=status.newest_id, unsaid=unsaid)
    if settled and settled.due and _late_from(settled, series, expected) <= now:
        late = f"{expected_words(settled.due, expected)}; it has not started yet"
        moved = settled.deadline - settled.due - expected.grace - max(series.off, 0) * PER_HOUR
        if moved > 0:
            late += f", and may until {moment(settled.deadline, expected.zone)} since nobody listened for a time"
        return _unless_blind(freshness, Judgement(Verdict.LATE, late, due=settled.due, unsaid=unsaid))
    return Judgement(Verdict.MET, _well(expected, series, base), due=settled.due if settled else 0, unsaid=unsaid)


def _late_from(settled: Settled, series: Facts, expected: Expected) -> int:
    """Returns from when on a run counts as late (ticks): schedulers spread their runs by some minutes."""
    return settled.due + max(series.off, 0) * PER_HOUR + min(GRACE, expected.grace) + 1


def _absent(expected: Expected, series: Facts, freshness: Freshness, missed: Missed) -> Judgement:
    good = _good(series.status, expected)
    if not missed.known:
        since = freshness.no_data or "no data of that time"
        said = f"{since}; not known whether what was {expected_words(missed.due, expected)} started; {good}"
        return Judgement(Verdict.NO_DATA, said, due=missed.due, job=missed.job)
    said = f"did not start; {expected_words(missed.due, expected)}; {good}"
    return Judgement(Verdict.MISSED, said, "not-started", due=missed.due, job=missed.job)


def expected_words(due: int, expected: Expected) -> str:
    """Returns when a run was expected, in its zone: `expected 02:00 Europe/Berlin, 1 h grace`."""
    return (
        f"expected {ticks.local(due, ZoneInfo(expected.zone)):%H:%M} {expected.zone}, {duration(expected.grace)} grace"
    )


def _unless_blind(freshness: Freshness, found: Judgement) -> Judgement:
    """Returns what was found, unless its connector has no data: then what is missing may only be unseen."""
    if not freshness.no_data:
        return found
    return Judgement(Verdict.NO_DATA, f"{freshness.no_data}; {found.sentence}, as far as is known", due=found.due)


def _unless_lost(freshness: Freshness, expected: Expected, stale: Judgement, good: int, now: int) -> Judgement:
    """Returns that a copy is too old, unless a newer one that is young enough may lie in what nobody has read."""
    age = expected.agreed.age if expected.agreed else 0
    lost = [one for one in freshness.holes if is_lost(max(good, now - age), now, [one])]
    if freshness.no_data or not lost:
        return _unless_blind(freshness, stale)
    begins, ends = (moment(at, expected.zone) for at in (lost[-1].begins, lost[-1].ends))
    said = f"no data from {begins} to {ends}, which was forgotten; {stale.sentence}, as far as is known"
    return Judgement(Verdict.NO_DATA, said)


def _failing(series: Facts, expected: Expected) -> str:
    status = series.status
    times = f", {status.not_good:,} times in a row" if status.not_good > 1 else ""
    since = moment(status.not_good_since, expected.zone)
    why = f": {series.why}" if series.why else ""
    return f"{JobState(status.ended_state).name}{times}, not good since {since}; {_good(status, expected)}{why}"


def _well(expected: Expected, series: Facts, base: Need) -> str:
    good = _good(series.status, expected)
    if base is Need.NO_COPY:
        return good
    if series.off:
        sign = "after" if series.off > 0 else "before"
        hours = f"{abs(series.off)} h {sign}"
        return f"{good}; its last runs all started {hours} what is due in {expected.zone}: is the zone right?"
    if base is Need.NO_RHYTHM and not series.settled:
        return f"{good}; nothing tells how old it may become"
    due = series.settled.due if series.settled else 0
    following = f"; next due {moment(due, expected.zone)}" if due else ""
    return f"{good}, {_agreed(expected)}{following}" if expected.agreed else f"{good}{following}"


def _good(status: SeriesStatus, expected: Expected) -> str:
    # A time and no age: the sentence is kept, and is read hours and days after it was made.
    return f"last good copy {moment(status.good_finish, expected.zone)}" if status.good_id else "no good copy yet"


def _agreed(expected: Expected) -> str:
    agreed = expected.agreed
    if agreed is None:
        return "no age expected"
    return f"at most {typed(agreed.age)} old {'by default' if agreed.source is Source.DEFAULT else 'expected'}"


def moment(time: int, zone: str) -> str:
    """Returns a time (ticks) as people read it: by the clocks of the zone in which runs are expected."""
    return f"{ticks.local(time, ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"
