"""Says a question for jobs in words, part by part. Each part can be taken away by a link.

So whoever gets the address of a list reads what is asked, without knowing the query language.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from jobreport.model.catalog import NOT_GOOD, SERVICE_LABELS, STATE_LABELS, JobState
from jobreport.model.cause import named
from jobreport.model.job import CAUSES
from jobreport.model.lengths import duration
from jobreport.model.query import JobFilter
from jobreport.model.series_query import SeriesFilter
from jobreport.monitor import texts
from jobreport.monitor.texts import Times
from jobreport.watch.sentence import NAMES

NOT_GOOD_STATES: Final = tuple(sorted(NOT_GOOD))
"""What `not good` means as a filter of states."""
NOT_GOOD_NAMES: Final = ",".join(one.name for one in NOT_GOOD_STATES)
"""`not good` as the value of a parameter in an address."""

Filter = JobFilter | SeriesFilter
Words = Callable[[Any, Times], str | Markup]


class Part(msgspec.Struct, frozen=True):
    """One part of a question: the field of the filter, and what it says in words."""

    field: str
    words: str | Markup


def parts(where: Filter, times: Times) -> Iterator[Part]:
    """Yields each part of the question that says anything, in the order in which a sentence has them."""
    for field, words in _WORDS.items():
        if field in where.__struct_fields__:
            value = getattr(where, field)
            if value not in (None, "", 0, ()):
                yield Part(field, words(value, times))


def without(where: JobFilter, field: str) -> JobFilter:
    """Returns the question without one of its parts."""
    return replace(where, **{field: getattr(JobFilter(), field)})


def states(several: tuple[JobState, ...]) -> str:
    """Returns states in words."""
    return "not good" if several == NOT_GOOD_STATES else _either([STATE_LABELS[one].lower() for one in several])


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _named(noun: str) -> Words:
    return lambda names, _: Markup("{} {}").format(noun, Markup(" or ").join(map(texts.bdi, names)))


def _cause(code: str) -> Markup:
    """Returns a cause as pages show it, such as Sign-in refused; one without a name of its own by its code."""
    return texts.bdi(named(code).text if code in CAUSES else code)


def _time(before: str) -> Words:
    return lambda moment, times: Markup("{} {}").format(before, times.dated(moment))


_WORDS: Final[dict[str, Words]] = {
    "standings": lambda several, _: _either([NAMES[one] for one in several]),
    "states": lambda several, _: states(several),
    "since": _time("started since"),
    "until": _time("started until"),
    "ended_since": _time("ended since"),
    "ended_until": _time("ended until"),
    "services": lambda several, _: _either([SERVICE_LABELS[one] for one in several]),
    "types": lambda several, _: _either([one.name for one in several]),
    "plans": _named("plan"),
    "resources": _named("resource"),
    "origins": _named("origin"),
    "causes": lambda codes, _: Markup("cause {}").format(Markup(" or ").join(map(_cause, codes))),
    "search": lambda text, _: Markup("“{}” in ID or description").format(texts.bdi(text)),
    "comments": lambda text, _: Markup("“{}” in the comments").format(texts.bdi(text)),
    "min_duration": lambda length, _: f"took {duration(length)} or longer",
    "min_failed": lambda number, _: f"{texts.plural(number, 'failed object')} or more",
}
