"""What a digest says: the sentence of the overview, what is not well, the longest first, and how much is well."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.lengths import duration
from jobreport.model.message import Severity
from jobreport.model.need import Need
from jobreport.model.why import why
from jobreport.store.query.long_runs import LongRun
from jobreport.store.query.needs import Judged
from jobreport.watch.digests.facts import LISTED, Facts
from jobreport.watch.sentence import Sentence, sentence, silence

_SEVERITY: Final = {"bad": Severity.ERROR, "warn": Severity.WARNING}
_STATES: Final = {
    JobState.Failed: "failed",
    JobState.Exception: "ended with exceptions",
    JobState.Stopped: "was stopped",
}


class Letter(NamedTuple):
    """A subject, and the lines below it."""

    subject: str
    lines: tuple[str, ...]
    severity: Severity


def of_one(facts: Facts) -> Letter:
    """Returns the digest of a tenant."""
    said, needs = _sentence(facts), facts.needs
    lines = [_row(one, facts) for one in needs.needing]
    lines += _rest(needs.need - len(needs.needing), "that need somebody")
    lines += [
        f"{one.holds.by if one.holds else 'Somebody'} has it: {_row(one, facts)}" for one in needs.in_hands[:LISTED]
    ]
    lines += _rest(len(needs.in_hands) - LISTED, "that somebody has")
    lines += [_long(one, facts.now) for one in facts.long]
    lines += [f"Not seen: the connector {one}" for one in facts.unseen]
    lines += _undelivered(facts.undelivered)
    return Letter(_joined(said), (*lines, *_well(facts)), _SEVERITY.get(said.mood, Severity.INFO))


def of_all(several: Sequence[Facts], undelivered: int) -> Letter:
    """Returns one digest about several tenants. `undelivered`: how many messages of the service itself failed."""
    said = [(facts, _sentence(facts)) for facts in several]
    bad = sorted((pair for pair in said if pair[1].mood == "bad"), key=lambda pair: _longest(pair[0]))
    watched = sorted((pair for pair in said if pair[1].mood == "warn"), key=lambda pair: _longest(pair[0]))
    well = len(said) - len(bad) - len(watched)
    every = f"{len(said):,} {'tenant' if len(said) == 1 else 'tenants'}"
    if bad:
        subject = f"{len(bad):,} of {every} {'needs' if len(bad) == 1 else 'need'} somebody"
    elif watched:
        subject = f"{len(watched):,} of {every} {'is' if len(watched) == 1 else 'are'} not quite well"
    else:
        subject = f"All {every} are well" if len(said) != 1 else "The only tenant is well"
    lines = [f"{facts.tenant.name}: {_joined(one)}" for facts, one in (*bad, *watched)]
    lines += _undelivered(undelivered + sum(facts.undelivered for facts in several))
    if well and (bad or watched):
        lines.append(f"{well:,} {'tenant is' if well == 1 else 'tenants are'} well")
    severity = Severity.ERROR if bad else Severity.WARNING if watched else Severity.INFO
    return Letter(subject, tuple(lines), severity)


def _sentence(facts: Facts) -> Sentence:
    if facts.silent:
        return silence(facts.needs, _moment(facts.silent, facts))
    return sentence(facts.needs, len(facts.long), len(facts.unseen))


def _joined(said: Sentence) -> str:
    return f"{said.main}: {said.detail}" if said.detail else said.main


def _row(one: Judged, facts: Facts) -> str:
    status = one.series.status
    copy = (
        f"last good copy {duration(facts.now - status.good_finish)} ago" if status.good_finish else "no good copy yet"
    )
    agreed = f", agreed {duration(one.agreed.age)}" if one.agreed else ""
    reason = ""
    if one.need is Need.NOT_GOOD and (because := facts.why.get(status.ended_id)):
        reason = why(because.code, because.text, because.comments)
    said = [f"{_state(one, facts)}; {copy}{agreed}", *([reason] if reason else [])]
    return f"{_name(one.series.plan, one.series.resource)} {': '.join(said)}"


def _state(one: Judged, facts: Facts) -> str:
    status = one.series.status
    match one.need:
        case Need.NOT_STARTED:
            return f"should have started {_moment(one.due, facts)}"
        case Need.TOO_OLD:
            return "has no good copy that is young enough"
        case Need.NOT_GOOD:
            state = _STATES.get(JobState(status.ended_state), "was skipped after a failure")
            often = f", {status.not_good:,} times in a row" if status.not_good > 1 else ""
            return f"{state}{often}, not good since {_moment(status.not_good_since, facts)}"
    return "is not well"


def _well(facts: Facts) -> list[str]:
    """Returns the line about what is well."""
    needs = facts.needs
    well = needs.series - needs.need - len(needs.in_hands) - needs.not_judged - needs.no_rhythm
    if well <= 0 or facts.silent:
        return []
    oldest = ""
    if not needs.need and not needs.in_hands and facts.oldest:
        oldest = f"; the oldest last good copy was made {duration(facts.now - facts.oldest)} ago"
    return [f"{well:,} series {'is' if well == 1 else 'are'} well{oldest}"]


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
