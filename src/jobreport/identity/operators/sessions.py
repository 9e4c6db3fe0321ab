"""Sessions of operators: finds who sent a request by the token in its cookie."""

from jobreport.identity.operators.viewer import Viewer
from jobreport.store import Store


class Sessions:
    """The sessions of the operators of a store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def cached(self, _token: str) -> Viewer | None:
        """Returns whose session this is, without reading the store; None if that is not cached."""
        return None

    def find(self, _token: str) -> Viewer | None:
        """Returns whose session this is; None if there is no such session, it is over, or its operator is disabled."""
        return None
