"""Writes the tables of states, services and job types from the catalogue."""

from collections.abc import Callable
from typing import Final

from blocks.markdown import table
from jobreport.model.catalog import (
    GENERATION_1_SERVICES,
    GENERATION_1_TYPES,
    SERVICE_LABELS,
    STATE_LABELS,
    JobState,
    JobType,
    ServiceType,
)
from jobreport.model.cause import KNOWN

# What the contract says of each state, in words of ours.
_STATE_MEANINGS: Final = {
    JobState.NotStarted: "It is planned and has not begun.",
    JobState.InProgress: "It runs.",
    JobState.Successful: "It ended, and no object failed.",
    JobState.Skipped: "It ended, and there was nothing to do.",
    JobState.Exception: "It ended; some objects succeeded and some did not. The succeeded ones may not be counted.",
    JobState.Failed: "It ended, and no object succeeded.",
    JobState.Waiting: "It was handed over and waits until it may begin.",
    JobState.Stopped: "Somebody stopped it.",
}


def states() -> str:
    """Every state."""
    return table(
        ("code", "name", "in words", "what it means", "finished"),
        (
            (
                state.value,
                f"`{state.name}`",
                STATE_LABELS[state],
                _STATE_MEANINGS[state],
                "yes" if state.finished else "no",
            )
            for state in JobState
        ),
    )


def services() -> str:
    """Every service type."""
    rows = (
        (service.value, f"`{service.name}`", SERVICE_LABELS[service], _generation(service in GENERATION_1_SERVICES))
        for service in ServiceType
    )
    return table(("code", "name", "in words", "generation"), rows)


def causes() -> str:
    """Every cause that has a name."""
    return table(("code", "in words"), ((f"`{known.cause.code}`", known.cause.text) for known in KNOWN))


def types() -> str:
    """Every job type."""
    rows = ((kind.value, f"`{kind.name}`", _generation(kind in GENERATION_1_TYPES)) for kind in JobType)
    return table(("code", "name", "generation"), rows)


def _generation(first: bool) -> str:
    return "1" if first else "2"


def mispaired() -> str:
    """The job types as the published lists pair them by position, where a name is missing in the one of names."""
    names = [kind for kind in GENERATION_1_TYPES if kind is not JobType.Initialize]
    wrong = zip(names, GENERATION_1_TYPES, strict=False)
    rows = ((f"`{kind.name}`", paired.value, kind.value) for kind, paired in wrong if kind is not paired)
    return table(("name", "by position", "right"), rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "states": states,
    "services": services,
    "types": types,
    "causes": causes,
    "mispaired-types": mispaired,
}
