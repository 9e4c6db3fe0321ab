"""One row of the table: a measured figure, its bar, and whether it was reached."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """The least (`at_least`) or the most that a ratio, or a figure without another beside it, may be."""

    value: float
    at_least: bool = False

    def met(self, found: float) -> bool:
        """Whether `found` reaches it."""
        return found >= self.value if self.at_least else found <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:g}"


@dataclass(frozen=True)
class Figure:
    """One row. `ours` and `other` are in `unit`; the bar is on their ratio, or on `ours` where there is no other.

    `ours_note` and `other_note` say what else is known of each; `expected` is a figure one may hope for on a machine
    like that of the kept table. `free` frees it from being held to SQLite's figure on PostgreSQL.
    """

    what: str
    ours: float
    unit: str
    other: float | None = None
    against: str = ""
    bar: Bar | None = None
    expected: str = ""
    ours_note: str = ""
    other_note: str = ""
    larger_is_better: bool = False
    free: bool = False

    @property
    def judged(self) -> float:
        """What the bar is on."""
        return self.ours if self.other is None else self.ours / self.other if self.other else float("inf")

    @property
    def met(self) -> bool | None:
        """Whether the bar is reached; None where there is none."""
        return self.bar.met(self.judged) if self.bar else None
