"""Applies the expectations of `jobreport.toml` when a server starts, and again when the file has changed.

A file without expectations removes none at the start, since only one of several servers may have them. A file that is
still being written is not applied: it counts when it was the same twice in a row. A file that is gone removes none
either, also if another one would be found in its place: that is more often a mistake than meant.
"""

from typing import Final

import structlog

from jobreport.configuration.file import Configuration, ConfigurationError, load
from jobreport.identity.tenants import TenantError
from jobreport.services.periodic import Periodic
from jobreport.store import Store
from jobreport.watch.declared import apply, declared
from jobreport.watch.expectations import ExpectationError

LOOK_SECONDS: Final = 15
"""How often it is looked whether the file has changed."""

_log = structlog.get_logger()


class FileExpectations:
    """The expectations of the file with which a server was started; `named` is the path that it was given, if any."""

    def __init__(self, store: Store, file: Configuration, named: str | None) -> None:
        self._store, self._named = store, named
        self._applied = self._seen = file.text
        self._pending: Configuration | None = file
        self._had = False
        self._fault = ""
        self._path = file.path

    def service(self) -> Periodic:
        """Returns the service."""
        return Periodic("expectations of the file not applied", LOOK_SECONDS, self.look)

    def look(self) -> None:
        """Applies the file if it is new and no longer being written, and says in the log what that changed."""
        try:
            file = self._pending or self._changed()
            if file is None:
                return
            self._apply(file)
        except (ConfigurationError, TenantError, ExpectationError) as error:
            if self._fault != str(error):
                _log.warning("expectations of the file not applied", reason=str(error))
            self._fault = str(error)
            return
        self._pending, self._applied, self._fault = None, file.text, ""

    def _changed(self) -> Configuration | None:
        """Returns the file if it is another one, and the same as at the last look."""
        file = load(self._named)
        if self._path and file.path != self._path:
            raise ConfigurationError(f"{self._path} is gone; what it expected stays until jobreport expect apply")
        self._path = file.path
        was, self._seen = self._seen, file.text
        return file if file.text == was != self._applied else None

    def _apply(self, file: Configuration) -> None:
        wanted = declared(file)
        if wanted or self._had:
            for step in apply(self._store, wanted):
                _log.info(f"expectation {step.what}", tenant=step.tenant, name=step.name, expected=step.words)
        self._had = bool(wanted)
