"""What all measurements of one kind of store share, made when it is first asked for."""

from functools import cached_property

import data
import fleet
from jobreport.store import Store, open_store
from options import SMALL, TENANT, Options
from places import Kind, Place
from questions import Pair, commonest, worst


class Bench:
    """The stores, and what is known of their jobs."""

    def __init__(self, options: Options, kind: Kind) -> None:
        self.options, self.kind = options, kind

    @property
    def sqlite(self) -> bool:
        """Whether the store is a file."""
        return self.kind.name == "sqlite"

    @cached_property
    def _built(self) -> tuple[Place, float]:
        return data.build(self.kind, self.options.jobs)

    @property
    def place(self) -> Place:
        """The store that is measured."""
        return self._built[0]

    @property
    def bytes_a_job(self) -> float:
        """What it took on disk when it was new."""
        return self._built[1]

    @cached_property
    def small(self) -> Place:
        """The store that it is measured against."""
        return data.build(self.kind, SMALL)[0]

    @cached_property
    def fleet(self) -> Place:
        """A store with as many series as were asked for."""
        return self._fleet(self.options.jobs)

    @cached_property
    def small_fleet(self) -> Place:
        """One with as many series, and a hundredth of the jobs, or as few as the series need."""
        return self._fleet(self.options.jobs // 100)

    def _fleet(self, jobs: int) -> Place:
        series = self.options.series
        return data.build(self.kind, max(jobs, fleet.least(series)), series)[0]

    @cached_property
    def store(self) -> Store:
        """The store, opened in this process."""
        return open_store(self.place.url, migrate=True)

    @cached_property
    def small_store(self) -> Store:
        """The small store, opened in this process."""
        return open_store(self.small.url, migrate=True)

    @cached_property
    def tenant(self) -> int:
        """The number of the tenant that is asked for, the same in both stores."""
        number = self.store.tenant_id(TENANT)
        assert number
        return number

    @cached_property
    def pair(self) -> Pair:
        """The pair of service and type that most of its jobs have."""
        return commonest(self.store, self.tenant)[0]

    @cached_property
    def worst(self) -> tuple[str, str]:
        """Texts that about a third of its jobs have: in the description, and in the job ID."""
        return worst(self.store, self.tenant)
