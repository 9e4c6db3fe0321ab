"""The words of a digest: the sentence of the overview, what is not well (the longest first), and how much is well."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.lengths import duration
from jobreport.model.message import Severity
from jobreport.model.need import Need
from jobreport.model.why import why
from jobreport.store.query.reasons import Why
from jobreport.store.query.series.long_runs import LongRun
from jobreport.watch.digests.facts import LISTED, Facts
from jobreport.watch.sentence import Sentence, sentence, silence
from jobreport.watch.series_now import SeriesNow

_SEVERITY: Final = {"bad": Severity.ERROR, "warn": Severity.WARNING}
_ORDER: Final = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_STATES: Final = {
    JobState.Failed: "failed",
    JobState.Exception: "ended with exceptions",
    JobState.Stopped: "was stopped",
}


_NOT_STARTED: Final = "not-started"
_NO_START: Final = "did not start; "
"""The cause of what did not start, and how the comment on it begins."""


class Letter(NamedTuple):
    """A subject, and the lines below it."""

    subject: str
    lines: tuple[str, ...]
    severity: Severity


def of_one(facts: Facts) -> Letter:
    """Returns the digest of a tenant."""
    needs = facts.needs
    lines = [_row(one, facts) for one in needs.needing]
    lines += _rest(needs.need - len(needs.needing), "that need somebody")
    lines += [
        f"{one.holds.by if one.holds else 'Somebody'} has it: {_row(one, facts)}" for one in needs.in_hands[:LISTED]
    ]
    lines += _rest(len(needs.in_hands) - LISTED, "that somebody has")
    told = {one.judgement.job for one in (*needs.needing, *needs.in_hands)}
    lines += [_long(one, facts.now) for one in facts.long if one.job_id not in told]
    lines += [f"Not seen: the connector {one}" for one in facts.unseen]
    lines += _undelivered(facts.undelivered)
    return Letter(_headline(facts), (*lines, *_well(facts)), _severity(facts))


def of_all(several: Sequence[Facts], undelivered: int) -> Letter:
    """Returns one digest about several tenants. `undelivered`: how many messages of the service itself failed."""
    by_severity: dict[Severity, list[Facts]] = {}
    for one in sorted(several, key=_longest):
        by_severity.setdefault(_severity(one), []).append(one)
    bad, watched = by_severity.get(Severity.ERROR, []), by_severity.get(Severity.WARNING, [])
    others = by_severity.get(Severity.INFO, [])
    maintained = sum(_is_maintained(one) for one in others)
    unknown = sum(_sentence(one).mood == "none" for one in others) - maintained
    well, every = len(others) - unknown - maintained, _tenants(len(several))
    if bad:
        subject = f"{len(bad):,} of {every} {'needs' if len(bad) == 1 else 'need'} somebody"
    elif watched:
        subject = f"{len(watched):,} of {every} {_are(len(watched))} not quite well"
    elif unknown or maintained:
        subject = f"{well:,} of {every} {_are(well)} well"
    else:
        subject = f"All {every} are well" if well != 1 else "The only tenant is well"
    lines = [f"{one.tenant.name}: {_headline(one)}" for one in (*bad, *watched)]
    lines += _undelivered(undelivered + sum(one.undelivered for one in several))
    if maintained:
        lines.append(f"{_tenants(maintained)} {_are(maintained)} in maintenance")
    if unknown:
        lines.append(f"nothing can be said yet of {_tenants(unknown)}")
    if well and (bad or watched):
        lines.append(f"{_tenants(well)} {_are(well)} well")
    return Letter(subject, tuple(lines), min(by_severity, key=_ORDER.index, default=Severity.INFO))


def _is_maintained(one: Facts) -> bool:
    return _sentence(one).mood == "none" and 0 < one.needs.maintenance == one.needs.series


def _tenants(number: int) -> str:
    return f"{number:,} {'tenant' if number == 1 else 'tenants'}"


def _severity(facts: Facts) -> Severity:
    mood = _sentence(facts).mood
    return _SEVERITY.get(mood, Severity.INFO)


def _headline(facts: Facts) -> str:
    said = _sentence(facts)
    return f"{said.main}: {said.detail}" if said.detail else said.main


def _sentence(facts: Facts) -> Sentence:
    if facts.silent:
        return silence(facts.needs, _moment(facts.silent, facts))
    return sentence(facts.needs, len(facts.long), len(facts.unseen))


def _row(one: SeriesNow, facts: Facts) -> str:
    status, because = one.series.status, _because(one, facts)
    copy = (
        f"last good copy {duration(facts.now - status.good_finish)} ago" if status.good_finish else "no good copy yet"
    )
    agreed = f", agreed {duration(one.agreed.age)}" if one.agreed else ""
    reason = why(*because).removeprefix(_NO_START) if because else ""
    said = [f"{_state(one, facts)}; {copy}{agreed}", *([reason] if reason else [])]
    return f"{_name(one.series.plan, one.series.resource)} {': '.join(said)}"


def _because(one: SeriesNow, facts: Facts) -> Why | None:
    is_bad = one.need in (Need.NOT_GOOD, Need.NOT_STARTED) and one.series.status.not_good
    return facts.why.get(one.series.status.ended_id) if is_bad else None


def _state(one: SeriesNow, facts: Facts) -> str:
    status = one.series.status
    match one.need:
        case Need.NOT_STARTED if not status.not_good:
            return f"should have started {_moment(one.due, facts)}"
        case Need.TOO_OLD:
            return "has no good copy that is young enough"
        case Need.NOT_GOOD | Need.NOT_STARTED:
            state = _STATES.get(JobState(status.ended_state), "was skipped after a failure")
            if (because := _because(one, facts)) and because.code == _NOT_STARTED:
                state = "did not start"
            often = f", {status.not_good:,} times in a row" if status.not_good > 1 else ""
            return f"{state}{often}, not good since {_moment(status.not_good_since, facts)}"
    return one.judgement.sentence


def _well(facts: Facts) -> list[str]:
    """Returns the line about what is well."""
    needs = facts.needs
    well = needs.numbers.well
    if well <= 0 or facts.silent:
        return []
    oldest = ""
    if not needs.need and not needs.in_hands and facts.oldest:
        oldest = f"; the oldest last good copy was made {duration(facts.now - facts.oldest)} ago"
    return [f"{well:,} series {_are(well)} well{oldest}"]


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _long(one: LongRun, now: int) -> str:
    return f"{_name(one.plan, one.resource)} runs for {duration(now - one.start)}, usually {duration(one.usual)}"


def _rest(number: int, which: str) -> list[str]:
    return [f"and {number:,} more {which}"] if number > 0 else []


def _undelivered(number: int) -> list[str]:
    if not number:
        return []
    messages = f"{number:,} {'message' if number == 1 else 'messages'}"
    return [f"{messages} could not be delivered: jobreport notify status shows which, and why"]


def _name(plan: str, resource: str) -> str:
    return " · ".join(filter(None, (plan, resource)))


def _moment(at: int, facts: Facts) -> str:
    local = ticks.local(at, ZoneInfo(facts.tenant.night.zone))
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _longest(facts: Facts) -> tuple[int, int, str]:
    """Returns by what tenants are sorted: those of which nothing is heard first, then the longest without a copy."""
    if facts.silent:
        return 0, facts.silent, facts.tenant.name
    first = next(iter(facts.needs.needing), None)
    return 1, first.series.status.good_finish if first else facts.now, facts.tenant.name
