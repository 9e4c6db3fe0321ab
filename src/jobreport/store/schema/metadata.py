"""The two sets of tables: `shared` for a store on a server, `embedded` for a store in a file."""

from typing import Final

from sqlalchemy import MetaData

shared: Final = MetaData()
embedded: Final = MetaData()
