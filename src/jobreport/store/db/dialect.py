"""The differences between the databases that can contain a store: a SQLite file, or a PostgreSQL server.

A `Dialect` says what its database can do, and does everything that each database does in its own way.
`store.db.dialect_of` returns the dialect of a connection. Other packages ask it what the database can do; they never
ask which database it is.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Literal

from sqlalchemy import URL, Connection, Engine, Insert, Table, Update


class Dialect(ABC):
    """One kind of database. There is a single instance of each subclass, so it can be part of a cache key."""

    is_shared: ClassVar[bool]
    """True: a server, which other machines can reach too, and on which several transactions can write at a time.
    False: a file on this machine, with one writer at a time."""
    has_row_numbers: ClassVar[bool]
    """Each job has a number, by which its row is found (the tables of `schema.metadata.embedded`)."""
    has_trigram_index: ClassVar[bool]
    """The database itself has an index for parts of texts (pg_trgm). False: the store has its own in
    `derived.trigrams`."""
    has_slow_round_trips: ClassVar[bool]
    """Each statement goes over a network or a socket. So one large statement is faster than several small ones."""
    filters_in_index: ClassVar[bool]
    """The database checks the conditions on columns of the index before it reads a row. False: it reads the row first.
    Then it is faster to select the keys first, which needs only the index, and the rows of these keys afterwards."""
    sorts_in_memory: ClassVar[bool]
    """The rows that a statement groups or sorts must fit into memory, except in a transaction of `engine.reading_all`
    or `engine.writing_all`."""
    plans_by_values: ClassVar[bool]
    """The planner looks at the values of parameters. For an array it expects as many rows as the array has items."""
    paramstyle: ClassVar[Literal["qmark", "format"]]
    """The way in which the driver writes parameters by position: `?` (qmark) or `%s` (format)."""
    reading: ClassVar[dict[str, Any]]
    """SQLAlchemy's options for a transaction that only reads. All its statements see one snapshot."""

    @abstractmethod
    def make_engine(self, url: URL, *, create: bool) -> Engine:
        """Returns an engine for a URL from `engine.parse`. Raises UnusableStoreError if no store can be there.

        With `create`, a missing file is created; only its owner can read it.
        """

    @abstractmethod
    def prepare(self, engine: Engine) -> None:
        """Sets the database so that readers and writers do not wait for each other.

        This changes the database, so it must be known to be a store of Jobreport.
        """

    @abstractmethod
    def require_usable(self, connection: Connection) -> None:
        """Raises UnusableStoreError if the database cannot contain a store. The message says what to do."""

    @abstractmethod
    def translation(self, fault: Exception, *, broken: bool) -> Exception | None:
        """Returns the StoreError for an error of the driver; None if the error is a mistake in this program.

        `broken`: the connection is known to be lost.
        """

    @abstractmethod
    def lock(self, connection: Connection, space: int, number: int) -> None:
        """Waits for this lock, and keeps it until the transaction ends."""

    @abstractmethod
    def lift_time_limits(self, connection: Connection) -> None:
        """Removes the time limits of this transaction: it may work, wait and be idle for as long as it needs."""

    @abstractmethod
    def writing(self, connection: Connection) -> AbstractContextManager[None]:
        """Returns a context manager in which a transaction that writes must run."""

    @abstractmethod
    def reading_all(self, connection: Connection) -> AbstractContextManager[None]:
        """Returns a context manager in which a transaction that reads millions of rows must begin and end, whether or
        not it writes too.
        """

    @abstractmethod
    def begin_reading_all(self, connection: Connection) -> None:
        """Sets the options of a transaction that reads millions of rows. To be called when it has just begun."""

    @abstractmethod
    def overwriting(self, connection: Connection) -> AbstractContextManager[None]:
        """Returns a context manager in which deleted or replaced data is overwritten in the file (only in SQLite)."""

    @abstractmethod
    def truncate_log(self, engine: Engine) -> None:
        """Moves the content of the write-ahead log into the file, so that no older content is left in either.

        Waits a few seconds for readers. If they take longer, SQLite does it at some later time.
        """

    @abstractmethod
    def integrity_faults(self, connection: Connection, most: int) -> tuple[str, ...]:
        """Runs the database's own check of its files. Returns at most `most` faults; none if it has no such check."""

    @abstractmethod
    def insert_or_add(self, table: Table, *columns: str) -> Insert:
        """Returns an INSERT. If a row with the same primary key exists, the values of `columns` are added to it."""

    @abstractmethod
    def insert_or_add_arrays(self, table: Table, *columns: str) -> Insert | None:
        """Returns one statement that does `insert_or_add` for many rows; None if the database has no arrays.

        Its parameters have the names of the columns. That of the first column is a single value for all rows; the
        others are arrays with one item for each row.
        """

    @abstractmethod
    def pipeline(self, connection: Connection) -> AbstractContextManager[object]:
        """Sends what is written within the block without waiting for each answer; at its end all is done, or its error
        raised. Reads may be begun in it (`Prepared.begin`), and their rows taken after it. Nothing in it may go through
        SQLAlchemy, which wants each answer at once, or be a COPY.
        """

    @abstractmethod
    def overwrite_arrays(self, table: Table, key: str, columns: Sequence[str]) -> Update | None:
        """Returns one statement that overwrites `columns` in many rows; None if the database has no arrays.

        Its parameters are `of_first`, the value of the first column in all of these rows; `of_keys`, the array of the
        values of `key`; and for each column `new_` and its name, an array with one item for each key.
        """

    @abstractmethod
    def insert_or_ignore(self, table: Table) -> Insert:
        """Returns an INSERT that does nothing if a row with the same key exists.

        With RETURNING, the caller learns whether the row was inserted.
        """

    @abstractmethod
    def array(self, values: Sequence[str] | Sequence[int]) -> str | list[str] | list[int]:
        """Returns the value of an array parameter for `expressions.any_of` and `expressions.array_items`."""

    @abstractmethod
    def copy(self, connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Runs COPY … FROM STDIN with these rows. If the database has no COPY, does nothing and returns False."""

    @abstractmethod
    def stream_cursor(self, connection: Connection) -> Any:
        """Returns a cursor of the driver that fetches rows as they are needed, not all at once."""
