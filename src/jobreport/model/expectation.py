"""What is expected of series: how old their last good copy may become, and when a run of them is due.

An expectation applies to the series that its pattern fits. Of several that say something of the same kind (an age, or
when runs are due), the most specific counts: first by resource, then by plan, origin, type, service and tenant; a whole
name before a pattern, and the longer pattern before the shorter.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import JobType, ServiceType

PER_HOUR: Final = 3600 * ticks.PER_SECOND
GRACE: Final = PER_HOUR
"""A run that is due has so long to start, unless the expectation says otherwise (ticks)."""
MOST: Final = 1_000
"""The most expectations of a tenant."""
MAX_SCHEDULES: Final = 10
"""The most schedules of an expectation, of each kind."""
MAX_WINDOWS: Final = 20
"""The most maintenance windows of an expectation."""
MAX_DAYS_OFF: Final = 1_000
"""The most single days on which an expectation expects nothing."""
NAME: Final = r"[a-z0-9][a-z0-9_-]{0,63}"
"""The pattern of the name of an expectation."""
FIELDS: Final = ("tenant", "service", "type", "plan", "resource", "origin")
"""The fields of a pattern, as they are written."""
_TEXTS: Final = ("resource", "plan", "origin")
_CODES: Final = ("type", "service")


class Window(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A time of maintenance: once from `begins` to `ends`, or by a `cron` line for `length`, again and again. Times and
    lengths are ticks; what is not said is 0 or empty.
    """

    begins: int = 0
    ends: int = 0
    cron: str = ""
    length: int = 0


class Expectation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is expected of the series that fit: of this `service` and `type` (codes; 0: any), and whose plan, resource
    and origin match these patterns (empty: any). `tenant` is a pattern too: only of expectations of the operator's own
    tenant, which apply to all tenants that it matches.

    `age`: how old the last good copy may become. A run is due by each `cron` line, by each `calendar` event (as systemd
    writes them), and `every` so long after the start of the one before. `zone` is that of both (empty: the tenant's).
    `grace`: how long a run that is due has to start; `longest`: how long it may take. On the public `holidays` of these
    countries and on `days_off` (ISO dates) nothing is due, and in `windows` nothing needs somebody. Lengths are ticks;
    0: not said. `by` is the client ID of the app that declared it for its own runs, and `file` says whether it stands
    in jobreport.toml. `at` are the times (ticks, in order) at which the scheduler of the origin `by` said that runs
    begin: nobody can declare such an expectation, and none is stored.
    """

    name: str
    tenant: str = ""
    service: int = 0
    type: int = 0
    plan: str = ""
    resource: str = ""
    origin: str = ""
    age: int = 0
    cron: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    every: int = 0
    zone: str = ""
    grace: int = 0
    longest: int = 0
    holidays: tuple[str, ...] = ()
    days_off: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    by: str = ""
    file: bool = False
    at: tuple[int, ...] = ()

    @property
    def is_schedule(self) -> bool:
        """Whether it says when runs are due."""
        return bool(self.cron or self.calendar or self.every or self.at)

    @property
    def pattern(self) -> tuple[str, int, int, str, str, str]:
        """To what it applies."""
        return self.tenant, self.service, self.type, self.plan, self.resource, self.origin

    @property
    def rank(self) -> tuple[tuple[int, int], ...]:
        """How specific it is: the greater, the more. Before all what people expect, and not an app."""
        codes = [(2 if getattr(self, name) else 0, 0) for name in _CODES]
        texts = [_rank(getattr(self, name)) for name in _TEXTS]
        return (0 if self.by else 1, 0), *texts, *codes, _rank(self.tenant)

    def fits(self, service: int, kind: int, plan: str, resource: str, origin: str) -> bool:
        """Returns whether it applies to a series of this service, type, plan, resource and origin."""
        return (
            self.service in (0, service)
            and self.type in (0, kind)
            and matches(plan, self.plan)
            and matches(resource, self.resource)
            and matches(origin, self.origin)
        )


def matches(text: str, pattern: str) -> bool:
    """Returns whether the text is as the pattern says, in which `*` stands for any characters and `?` for one. The case
    counts. An empty pattern matches all.
    """
    return not pattern or text == pattern or (is_open(pattern) and bool(_compiled(pattern).fullmatch(text)))


def most_specific(fitting: Iterable[Expectation]) -> Expectation | None:
    """Returns the one of these that counts: the most specific; of equals, the first by name. What an app declared for
    its own runs counts where nobody else expects anything. None if there is none.
    """
    return max(sorted(fitting, key=lambda one: one.name, reverse=True), key=lambda one: one.rank, default=None)


def pattern_words(one: Expectation) -> str:
    """Returns to what an expectation applies, as it is written: `plan=laptop-* resource=nb-*`; `all` if to all."""
    parts = {
        "tenant": one.tenant,
        "service": ServiceType(one.service).name if one.service else "",
        "type": JobType(one.type).name if one.type else "",
        "plan": one.plan,
        "resource": one.resource,
        "origin": one.origin,
    }
    return " ".join(f"{name}={_quoted(text)}" for name, text in parts.items() if text) or "all"


def name_for(words: str, taken: Iterable[str] = ()) -> str:
    """Returns a name for what these words say, which none of `taken` is."""
    known = {*taken}
    slug = re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-")[:56].strip("-") or "all"
    number, name = 1, slug
    while name in known:
        number += 1
        name = f"{slug}-{number}"
    return name


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def is_open(pattern: str) -> bool:
    """Returns whether a pattern is none of a whole name."""
    return "*" in pattern or "?" in pattern


def _rank(text: str) -> tuple[int, int]:
    return (0, 0) if not text else (1 if is_open(text) else 2, len(text))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    # What stands after a star is looked for once, at the first place where it fits, and nothing goes back over it: so
    # no pattern takes long. Only the last piece must stand at the end.
    first, *others = (
        "".join("." if one == "?" else re.escape(one) for one in piece) for piece in re.split(r"\*+", pattern)
    )
    if not others:
        return re.compile(first, re.DOTALL)
    *between, last = others
    return re.compile("".join([first, *(f"(?>.*?{piece})" for piece in between), ".*", last]), re.DOTALL)
