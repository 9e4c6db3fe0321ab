"""The digests that `jobreport.toml` names: when each is due, about whom, and where it goes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from jobreport.configuration.file import Configuration, Table
from jobreport.export.batches import MissingExtraError
from jobreport.export.formats import FORMATS
from jobreport.model import nights, zones
from jobreport.model.digest_schedule import LAST_DAY, Schedule
from jobreport.model.nights import NightHours
from jobreport.model.spelling import meant
from jobreport.watch.channels.configured import Configured

TABLE: Final = "digest"
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """A digest. `tenants` are names; empty: all. `together`: one letter about all of them, otherwise each has its own.

    `attach` is the format of the file with the jobs that have ended since the last one; empty: no file. `folder` is
    where the letter and the file are written too; empty: nowhere.
    """

    name: str
    schedule: Schedule
    channels: tuple[str, ...]
    tenants: tuple[str, ...] = ()
    together: bool = False
    attach: str = ""
    folder: str = ""


class _Keys(msgspec.Struct, frozen=True, kw_only=True):
    at: str
    every: Literal["day", "week", "month"] = "day"
    zone: str = zones.DEFAULT
    weekday: Literal[_WEEKDAYS] | None = None  # type: ignore[valid-type]  # each of the names above
    day: Annotated[int, msgspec.Meta(ge=1, le=LAST_DAY)] | None = None
    channels: list[str] = []
    tenants: list[str] = []
    together: bool = False
    attach: Literal["", "csv", "xlsx"] = ""
    folder: str = ""

    def __post_init__(self) -> None:
        nights.minute_of(self.at)
        zones.named(self.zone)
        for key, every in (("weekday", "week"), ("day", "month")):
            if (getattr(self, key) is not None) != (self.every == every):
                raise ValueError(f'{key} goes with every = "{every}"')
        if not self.channels and not self.folder:
            raise ValueError("it must have channels, or a folder")
        if self.folder and not Path(self.folder).is_absolute():
            raise ValueError("folder must be an absolute path")


KEYS: Final = {
    "name": "Its name.",
    "at": 'The time of day, such as "07:00".',
    "every": '"day" (the default), "week" or "month".',
    "weekday": 'With "week": "monday" to "sunday".',
    "day": f'With "month": the day, 1 to {LAST_DAY}.',
    "zone": 'The time zone of `at`; by default "UTC".',
    "channels": "The names of the channels by which it goes.",
    "tenants": "Whose backups it is about; by default all.",
    "together": "One letter about all of these; by default each tenant has its own letter, which names no other.",
    "attach": 'A file with the jobs that have ended since the last one: "csv" or "xlsx" (the extra `xlsx`).',
    "folder": "A folder into which the letter and the file are written too.",
}


def digests(file: Configuration, channels: tuple[Configured, ...]) -> tuple[Digest, ...]:
    """Returns all digests of the file. Raises ConfigurationError for the first one that is wrong."""
    known = {one.name: one for one in channels}
    return tuple(_read(table, known) for table in file.tables(TABLE))


def _read(table: Table, known: Mapping[str, Configured]) -> Digest:
    keys = table.read(_Keys)
    for number, name in enumerate(keys.channels):
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "the file has no [[channel]]"
            raise table.error(f"there is no channel {name!r}: {meant(name, known, there)}", "channels", number)
        if not known[name].kind.digests:
            raise table.error(f"a channel of the kind {known[name].kind.name} takes no digests", "channels", number)
    if keys.attach:
        try:
            FORMATS[keys.attach].encoder()
        except MissingExtraError as error:
            raise table.error(str(error), "attach") from None
    return Digest(
        name=table.name,
        schedule=Schedule(
            at=NightHours(zones.named(keys.zone) or zones.DEFAULT, nights.minute_of(keys.at)),
            weekday=_WEEKDAYS.index(keys.weekday) if keys.weekday else None,
            day=keys.day,
        ),
        channels=tuple(keys.channels),
        tenants=tuple(keys.tenants),
        together=keys.together,
        attach=keys.attach,
        folder=keys.folder,
    )
