"""Names what a tool made by the short name that it prints, as the list of its repository can name it too.

So a run, and what a connector finds of it later, are one job (`Job.made`). A name that ends with `@` is not whole: the
host belongs behind it on which the tool ran, or as which it was told to speak.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from jobreport.model.job import TEXT_LIMITS

_DIGITS: Final = 8
_PLAIN: Final = "".join(map(chr, range(ord(" "), ord("~") + 1))).replace("%", "")
_HOSTS: Final = {"restic": "RESTIC_HOST"}
"""The variables by which tools are told as which host they speak."""


def restic(snapshot: str, host: str = "") -> str:
    """Returns the name of a snapshot of restic, of which a run knows the first digits only."""
    return _name("restic", snapshot[:_DIGITS], f"@{_short(host)}")


def borg(archive: str, host: str = "") -> str:
    """Returns the name of an archive of borg, which is one of a kind in its repository only."""
    return _name("borg", archive, f"@{_short(host)}")


def kopia(path: str, host: str = "") -> str:
    """Returns the name of a snapshot of kopia, by what it is one of: its path there is saved once at a time. kopia's ID
    of it is another one as soon as somebody pins it, and its notifications do not tell it.
    """
    return _name("kopia", path, f"@{_short(host)}")


def pgbackrest(stanza: str, host: str = "") -> str:
    """Returns the name of what pgBackRest makes, which by itself tells no run what it is called: its stanza, of which
    there is one backup at a time, and the host.
    """
    return _name("pgbackrest", stanza, f"@{_short(host)}")


def barman(server: str, backup: str) -> str:
    """Returns the name of a backup of barman's, by its server and its ID, which is the time at which it began."""
    return _name("barman", f"{server}:{backup}")


def whole(made: str, machine: str, environment: Mapping[str, str]) -> str:
    """Returns the whole name of what a run made. `machine` is the name of the one on which the tool ran, `environment`
    the tool's.
    """
    if not made.endswith("@"):
        return made
    tool, _, rest = made[:-1].partition(":")
    host = environment.get(_HOSTS.get(tool, ""), "") or machine
    return _fitting(f"{tool}:{rest}@{quote(_short(host), safe=_PLAIN)}")


def _name(tool: str, name: str, rest: str = "") -> str:
    return _fitting(quote(f"{tool}:{name}{rest}", safe=_PLAIN, errors="replace"))


def _fitting(made: str) -> str:
    return made[-TEXT_LIMITS["made"] :]  # its end has most of what is its own


def _short(host: str) -> str:
    """Returns a host's name without its domain, which not every tool tells."""
    return host.partition(".")[0].casefold()
