"""The words of a message about incidents: its subject, and a line for each of the first ten."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from jobreport.model.cause import KNOWN
from jobreport.model.incident import Incident, rank
from jobreport.model.incident_groups import Common
from jobreport.model.judgement import Verdict
from jobreport.model.lengths import duration

LISTED: Final = 10
"""A message lists so many incidents; of the others it has the number."""
_ONE: Final[Mapping[Verdict, str]] = {
    Verdict.MISSED: "did not start",
    Verdict.FAILING: "is failing",
    Verdict.OVERLONG: "runs longer than expected",
    Verdict.STALE: "has no good copy that is young enough",
    Verdict.SHRUNK: "is much smaller than usual",
    Verdict.NO_DATA: "has no data, so nothing is known of it",
}
_MANY: Final[Mapping[Verdict, str]] = {
    Verdict.MISSED: "did not start",
    Verdict.FAILING: "are failing",
    Verdict.OVERLONG: "run longer than expected",
    Verdict.STALE: "have no good copy that is young enough",
    Verdict.SHRUNK: "are much smaller than usual",
    Verdict.NO_DATA: "have no data, so nothing is known of them",
}
_CAUSES: Final = {known.cause.code: known.cause.text for known in KNOWN}


def opened(incidents: Sequence[Incident], common: Common) -> str:
    """Returns the sentence for incidents that are told first."""
    if len(incidents) == 1:
        return f"{incidents[0].name} {_is(incidents[0])}"
    return f"{_backups(len(incidents))} {_are(incidents)}{_of(incidents[0], common)}"


def worse(incidents: Sequence[Incident], common: Common) -> str:
    """Returns the sentence for incidents that were told, and need somebody anew or more."""
    if len(incidents) == 1:
        return f"It got worse or came back: {incidents[0].name} {_is(incidents[0])}"
    return f"It got worse or came back: {opened(incidents, common)}"


def grown(incidents: Sequence[Incident], common: Common, told: int) -> str:
    """Returns the sentence for a group that has become much larger than was told."""
    return f"By now {len(incidents):,}, not {told:,}: {opened(incidents, common)}"


def repeated(incidents: Sequence[Incident], now: int) -> str:
    """Returns the sentence for incidents that go on."""
    since = duration(now - min(one.opened for one in incidents))
    if len(incidents) == 1:
        return f"Still, for {since}: {incidents[0].name} {_is(incidents[0])}"
    return f"Still, for up to {since}: {_backups(len(incidents))} {_are(incidents)}"


def closed(incidents: Sequence[Incident], now: int) -> str:
    """Returns the sentence of the good news."""
    after = duration(now - min(one.opened for one in incidents))
    well = sum(one.is_well for one in incidents)
    if len(incidents) == 1:
        return f"{incidents[0].name} is {'well again' if well else 'over'}, after {after}"
    all_well = "are well again" if well == len(incidents) else "are well again or over"
    return f"All {_backups(len(incidents))} of this message {all_well}, after {after}"


def after_maintenance(incidents: Sequence[Incident]) -> str:
    """Returns the sentence for what is still bad when a maintenance window ends."""
    return f"After the maintenance, {opened(incidents, Common.TENANT)}"


def lines(incidents: Iterable[Incident]) -> tuple[str, ...]:
    """Returns a line for each of the first incidents: the worst first, then the oldest."""
    chosen = sorted(incidents, key=lambda one: (-rank(one.severity), one.opened, one.name, one.incident))[:LISTED]
    return tuple(f"{one.name}: {_sentence(one)}" for one in chosen)


def _sentence(one: Incident) -> str:
    if one.closed:
        return one.ended
    return f"{one.sentence} ({one.back})" if one.back else one.sentence


def _is(one: Incident) -> str:
    return _ONE.get(one.verdict, "needs somebody")


def _are(incidents: Sequence[Incident]) -> str:
    verdicts = {one.verdict for one in incidents}
    return _MANY.get(verdicts.pop(), "need somebody") if len(verdicts) == 1 else "need somebody"


def _backups(number: int) -> str:
    return f"{number:,} {'backup' if number == 1 else 'backups'}"


def _of(one: Incident, common: Common) -> str:
    match common:
        case Common.CAUSE if one.verdict is Verdict.MISSED:
            return ""  # That they did not start is all that is known of it.
        case Common.CAUSE:
            text = _CAUSES.get(one.cause, "")
            return f" for one cause: {text[:1].lower()}{text[1:]}" if text else " for one cause"
        case Common.CONNECTOR:
            return f", all of the connector {one.connector}"
        case Common.HOST:
            return f", all of {one.host}"
        case Common.ONE | Common.TENANT:
            return ""
