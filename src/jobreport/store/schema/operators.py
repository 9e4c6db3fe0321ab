"""The tables of the monitor: operators, their sessions, links that sign in once, failed sign-ins, and screens on walls.

Times are ticks. All tenants share these tables.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from jobreport.store.db.definitions import CLUSTERED, CodePointText
from jobreport.store.schema.metadata import shared

operator: Final = Table(
    "operator",
    shared,
    # A random number, so that no later account gets the number of one that was removed.
    Column("operator", Integer, primary_key=True, autoincrement=False),
    # As it was written, and case-folded.
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),
    # `model.roles.Role`.
    Column("role", SmallInteger, nullable=False),
    # The hash of the password, with its algorithm and parameters. NULL: nobody can sign in with a password.
    Column("password", Text),
    Column("created", BigInteger, nullable=False),
    # Since this time the operator may not sign in. NULL: the account is not disabled.
    Column("disabled", BigInteger),
    # True: sees all tenants, also those that are created later.
    Column("all_tenants", Boolean, nullable=False),
    # The OpenID provider that vouches for this person, and by which `sub`. NULL: the password does.
    Column("issuer", CodePointText),
    Column("subject", CodePointText),
    Index("operator_subject", "issuer", "subject", unique=True),
)

operator_tenant: Final = Table(
    "operator_tenant",
    shared,
    # The tenants that an operator may see, unless it is all.
    Column("operator", Integer, primary_key=True, autoincrement=False),
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    **CLUSTERED,
)

operator_session: Final = Table(
    "operator_session",
    shared,
    # SHA-256 of the token in the cookie.
    Column("token", LargeBinary, primary_key=True),
    Column("operator", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    # The last request of a person, to the minute; and when the person last gave proof, such as the password.
    Column("seen", BigInteger, nullable=False),
    Column("confirmed", BigInteger, nullable=False),
    # It is over at this time, which moves on with `seen`.
    Column("expires", BigInteger, nullable=False),
    # From where, and with which browser, it was begun; shortened.
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    # The ID token by which it was begun, to sign out at the provider: encrypted with the session's token. NULL: none.
    Column("id_token", LargeBinary),
    Index("operator_session_operator", "operator"),
    Index("operator_session_expires", "expires"),
    **CLUSTERED,
)

operator_link: Final = Table(
    "operator_link",
    shared,
    # SHA-256 of the token in the address that signs in once.
    Column("token", LargeBinary, primary_key=True),
    Column("operator", Integer, nullable=False),
    Column("expires", BigInteger, nullable=False),
    **CLUSTERED,
)

operator_failure: Final = Table(
    "operator_failure",
    shared,
    # Failed sign-ins in a row: of one name at one address; of all names at one address (the name is empty); of one name
    # at all addresses (the address is empty).
    Column("name", CodePointText, primary_key=True),
    Column("address", CodePointText, primary_key=True),
    Column("failures", Integer, nullable=False),
    # When the last one was.
    Column("last", BigInteger, nullable=False),
    Index("operator_failure_last", "last"),
    **CLUSTERED,
)

wall: Final = Table(
    "wall",
    shared,
    # SHA-256 of the token in the address of the screen.
    Column("token", LargeBinary, primary_key=True),
    Column("tenant", Integer, nullable=False),
    # Where it hangs, in words.
    Column("name", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    **CLUSTERED,
)

series_mark: Final = Table(
    "series_mark",
    shared,
    # What a person said of a series (`model.need.Mark`).
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("series", Integer, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    # 0: it has no end.
    Column("until", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("ticket", Text, nullable=False),
    # How the series was found then (`model.need.Snapshot`).
    Column("need", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("good", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    **CLUSTERED,
)
