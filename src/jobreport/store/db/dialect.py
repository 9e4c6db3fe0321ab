"""What differs between the databases that a store can be in.

A store is in a SQLite file, or on a PostgreSQL server (with Citus: on several). `Dialect` says what the database can do
and does what each does in its own way. `store.db.dialect_of` gives the one of a connection. All other rooms ask it what
it can do; none asks which database it is.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Literal

from sqlalchemy import URL, Connection, Engine, Insert, Table


class Dialect(ABC):
    """One database's ways. There is one value of each class, so that it can be a part of a cache's key."""

    is_shared: ClassVar[bool]
    """A server that other machines reach too, where several transactions write at a time. False: a file of its owner's,
    with one writer at a time."""
    has_row_numbers: ClassVar[bool]
    """Each job has a number, under which its row lies (the tables of `schema.metadata.embedded`)."""
    has_trigram_index: ClassVar[bool]
    """The database itself has an index for parts of texts (pg_trgm). False: the store keeps one of its own, in
    `derived.trigrams`."""
    has_slow_round_trips: ClassVar[bool]
    """Each statement crosses a network or a socket: one large statement is faster than several small ones."""
    filters_in_index: ClassVar[bool]
    """A row is only read after it passed the conditions on columns that the index has. False: the row is read first, so
    the keys had better be selected first, from the index alone."""
    sorts_in_memory: ClassVar[bool]
    """What is grouped or sorted must fit into memory, unless the transaction is one of `engine.reading_all`."""
    plans_by_values: ClassVar[bool]
    """The planner looks at the values of parameters: it expects as many rows as an array has items."""
    paramstyle: ClassVar[Literal["qmark", "format"]]
    """How the driver marks parameters that are given in order."""
    reading: ClassVar[dict[str, Any]]
    """SQLAlchemy's options of a transaction that only reads: all its statements see the same moment."""

    @abstractmethod
    def make_engine(self, url: URL, *, create: bool) -> Engine:
        """An engine for a URL of `engine.parse`. UnusableStoreError where there can be no store.

        A file that is not there is made if `create` says so, for its owner alone.
        """

    @abstractmethod
    def prepare(self, engine: Engine) -> None:
        """Makes readers and writers independent of each other. It changes the database: only for one that is ours."""

    @abstractmethod
    def require_usable(self, connection: Connection) -> None:
        """UnusableStoreError where the database cannot hold a store, with what to do about it."""

    @abstractmethod
    def translation(self, fault: Exception, *, broken: bool) -> Exception | None:
        """The StoreError that a fault of the driver stands for; None where it is a mistake in the program.

        `broken`: whether the connection is known to be gone.
        """

    @abstractmethod
    def lock(self, connection: Connection, space: int, number: int) -> None:
        """Waits until no other transaction holds this lock, and holds it until this transaction ends."""

    @abstractmethod
    def lift_time_limits(self, connection: Connection) -> None:
        """Lets this transaction wait, and be idle, for as long as it needs."""

    @abstractmethod
    def writing(self, connection: Connection) -> AbstractContextManager[None]:
        """What is to hold around a transaction that writes."""

    @abstractmethod
    def reading_all(self, connection: Connection) -> AbstractContextManager[None]:
        """What is to hold around a transaction that reads millions of rows; it has not begun yet."""

    @abstractmethod
    def begin_reading_all(self, connection: Connection) -> None:
        """What such a transaction begins with."""

    @abstractmethod
    def overwriting(self, connection: Connection) -> AbstractContextManager[None]:
        """What is deleted or replaced within leaves no copy in the file, as far as the database can see to that."""

    @abstractmethod
    def truncate_log(self, engine: Engine) -> None:
        """Moves the write-ahead log's contents into the file, so that neither holds older contents.

        Waits a while for those who read; where they take longer, SQLite does the same some time later.
        """

    @abstractmethod
    def integrity_faults(self, connection: Connection, most: int) -> tuple[str, ...]:
        """What the database's own check of its files complains of, `most` lines; empty where it has no such check."""

    @abstractmethod
    def insert_or_add(self, table: Table, *columns: str) -> Insert:
        """An INSERT; where the primary key is there already, these columns are added to those of the row."""

    @abstractmethod
    def insert_or_add_arrays(self, table: Table, *columns: str) -> Insert | None:
        """As `insert_or_add` for many rows in one statement; None where the database has no arrays.

        Its parameters are named as the columns: the first one's value is the same in all rows, and the others' are
        arrays with an item for each row.
        """

    @abstractmethod
    def insert_or_ignore(self, table: Table) -> Insert:
        """An INSERT that does nothing where the row's key is there already. By RETURNING one learns which it was."""

    @abstractmethod
    def array(self, values: Sequence[str] | Sequence[int]) -> str | list[str] | list[int]:
        """The value of an array parameter, as `expressions.any_of` and `expressions.array_items` take it."""

    @abstractmethod
    def copy(self, connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Runs COPY … FROM STDIN with these rows; False, and nothing is done, where the database has no COPY."""

    @abstractmethod
    def stream_cursor(self, connection: Connection) -> Any:
        """A cursor of the driver that fetches rows as they are needed."""
