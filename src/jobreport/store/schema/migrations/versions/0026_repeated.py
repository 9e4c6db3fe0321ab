"""Marks a store in which a time of a job that repeats another one may be 0 (`schema.repeated`)."""

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Changes nothing: older rows have both times, and are read as before. But no older version may read newer ones."""
