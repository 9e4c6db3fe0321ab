"""The kind `bareos`: reads the jobs of a Bareos or Bacula director, by its console or in its catalog's database."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from jobreport.connectors.base import Connector, Kind
from jobreport.connectors.extra import needed
from jobreport.connectors.kinds.bareos.records import About
from jobreport.connectors.kinds.bareos.rights import RIGHTS
from jobreport.connectors.kinds.bareos.settings import KEYS, Settings
from jobreport.model.sees import Sees
from jobreport.origins.bareos import BRINGS

_EXTRA: Final = "bareos"
"""What the console needs; a catalog in a file needs none."""


@contextmanager
def _open(settings: Settings) -> Iterator[Connector]:
    about = About(settings.director, settings.zone)
    if settings.catalog:
        from jobreport.connectors.kinds.bareos.catalog import Catalog
        from jobreport.connectors.kinds.bareos.database import Database

        with closing(Database(settings)) as database:
            yield Catalog(database, about)
        return
    with needed(_EXTRA):
        from jobreport.connectors.kinds.bareos.console import Console
    from jobreport.connectors.kinds.bareos.director import Director

    with closing(Console(settings)) as console:
        yield Director(console, about, partial=settings.partial)


KIND: Final = Kind(
    name="bareos",
    about="a Bareos or Bacula director, in its catalog, or by its console with the extra bareos",
    sees=Sees.RUNS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=BRINGS,
    rights=RIGHTS,
)
