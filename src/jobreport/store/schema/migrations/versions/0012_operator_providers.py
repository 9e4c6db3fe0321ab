"""Adds to operators who vouches for them, and to sessions the ID token by which they were begun."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the columns. No row is changed: everybody until now has a password."""
    op.add_column("operator", sa.Column("issuer", _KEY))
    op.add_column("operator", sa.Column("subject", _KEY))
    op.create_index("operator_subject", "operator", ["issuer", "subject"], unique=True)
    op.add_column("operator_session", sa.Column("id_token", sa.LargeBinary))
