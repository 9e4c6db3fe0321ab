"""Names what a tool made by the short name that it prints, as the list of its repository can name it too.

So a run, and what a connector finds of it later, are one job (`Job.made`). A name that ends with `@` is not whole: the
host belongs behind it on which the tool ran, or as which it was told to speak.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from jobreport.model import ticks
from jobreport.model.job import TEXT_LIMITS
from jobreport.model.stored_job import DATED

_DIGITS: Final = 8
_PLAIN: Final = "".join(map(chr, range(ord(" "), ord("~") + 1))).replace("%", "")
_HOSTS: Final = {"restic": "RESTIC_HOST"}
"""The variables by which tools are told as which host they speak."""
_NAMES: Final = {"pgbackrest": "PGBACKREST_STANZA"}
"""The variables by which tools are told of what they make something, where their command does not say it."""


def restic(snapshot: str, host: str = "") -> str:
    """Returns the name of a snapshot of restic, of which a run knows the first digits only."""
    return _name("restic", snapshot[:_DIGITS], f"@{_short(host)}")


def borg(archive: str, host: str = "") -> str:
    """Returns the name of an archive of borg, which is one of a kind in its repository only."""
    return _name("borg", archive, f"@{_short(host)}")


def kopia(path: str, host: str = "", start: int = 0) -> str:
    """Returns the name of a snapshot of kopia, by what it is one of: its path there is saved once at a time. kopia's ID
    of it is another one as soon as somebody pins it, and its notifications do not tell it. `start` is when it began
    (ticks): its day in UTC is in the name, which else all snapshots of a path would have in common.
    """
    return _name("kopia", path, f"{_day(start)}@{_short(host)}")


def pgbackrest(stanza: str, host: str = "", start: int = 0) -> str:
    """Returns the name of what pgBackRest makes, which by itself tells no run what it is called: its stanza, of which
    there is one backup at a time, the day in UTC on which it began (ticks), and the host.
    """
    return _name("pgbackrest", stanza, f"{_day(start)}@{_short(host)}")


def barman(server: str, backup: str) -> str:
    """Returns the name of a backup of barman's, by its server and its ID, which is the time at which it began."""
    return _name("barman", f"{server}:{backup}")


def whole(made: str, machine: str, environment: Mapping[str, str], start: int) -> str:
    """Returns the whole name of what a run made that began at `start` (ticks). `machine` is the name of the one on
    which the tool ran, `environment` the tool's. Empty if nothing says of what it was made.
    """
    tool, _, rest = made.partition(":")
    if tool in _NAMES and rest.startswith("@"):
        if not (name := environment.get(_NAMES[tool], "")):
            return ""
        made = f"{tool}:{quote(name, safe=_PLAIN, errors='replace')}{rest}"
    if tool in DATED:
        what, _, host = made.rpartition("@")
        made = f"{what}{_day(start)}@{host}"
    if made.endswith("@"):
        host = environment.get(_HOSTS.get(tool, ""), "") or machine
        made += quote(_short(host), safe=_PLAIN)
    return _fitting(made)


def _name(tool: str, name: str, rest: str = "") -> str:
    return _fitting(quote(f"{tool}:{name}{rest}", safe=_PLAIN, errors="replace"))


def _fitting(made: str) -> str:
    return made[-TEXT_LIMITS["made"] :]  # its end has most of what is its own


def _short(host: str) -> str:
    """Returns a host's name without its domain, which not every tool tells."""
    return host.partition(".")[0].casefold()


def _day(start: int) -> str:
    return f":{ticks.to_datetime(start):%Y%m%d}" if start else ""
