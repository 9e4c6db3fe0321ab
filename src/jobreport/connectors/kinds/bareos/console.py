"""Speaks with a Bareos director as one of its consoles, by the director's own library, and says in words what failed.

The library writes the key of its connection into its log, waits without end for a director that has gone silent, and
would go on in plain text where it cannot encrypt. None of it may happen here.
"""

import logging
import re
import ssl
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import tenacity

from jobreport import secret_files
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.kinds.bareos.settings import Settings
from jobreport.hosts import is_loopback

with warnings.catch_warnings():  # it warns, in a form that it sets for all, where it cannot encrypt
    warnings.simplefilter("ignore")
    _form = warnings.formatwarning
    import bareos.exceptions
    from bareos.bsock import DirectorConsoleJson
    from bareos.bsock.protocolversions import ProtocolVersions

    warnings.formatwarning = _form

MOST_ANSWER: Final = 64 * 1024 * 1024
"""The longest answer that is read, in bytes."""
ANSWER_SECONDS: Final = 60.0
"""A director that sends nothing for so long has gone silent."""
_CONNECT_SECONDS: Final = 10
_TRIES: Final = 3
_NAME: Final = re.compile(r"OK: (\S+) Version: ")
_SILENT: Final = logging.Logger("bareos", logging.CRITICAL + 1)
_DENIED: Final = ("is an invalid command", "authoriz", "permission")


class RefusedError(CannotReadError):
    """Raised if the console may not give a command."""


class _PassingError(CannotReadError):
    """Raised if the director could not be asked, and may well be the next time."""


class _Connection(DirectorConsoleJson):  # type: ignore[misc]  # the library has no types
    """A connection of the library's, which waits for an answer so long and no longer, and for no more than so much."""

    director = ""

    @property
    def logger(self) -> logging.Logger:
        return _SILENT

    @logger.setter
    def logger(self, _: logging.Logger) -> None:
        pass

    def receive_and_evaluate_response_message(self) -> tuple[int, Any]:
        code, text = super().receive_and_evaluate_response_message()
        if found := _NAME.search(bytes(text).decode("utf-8", "replace")):
            self.director = found[1]
        return code, text

    def recv_bytes(self, length: int, timeout: float = ANSWER_SECONDS) -> bytes:
        if length > MOST_ANSWER or length + len(self.receive_buffer) > MOST_ANSWER:
            raise CannotReadError(f"the director's answer is longer than {MOST_ANSWER // 1024 // 1024} MiB")
        try:
            received: bytes = super().recv_bytes(length, ANSWER_SECONDS)
        except TimeoutError:
            self.close()
            raise _PassingError(f"the director has said nothing for {ANSWER_SECONDS:g} seconds") from None
        return received


class Console:
    """A console of a director, which signs in when something is asked. Raises CannotReadError if it has no password,
    or if what it asks and is told could not be encrypted on its way.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._host, self._port = settings.host
        self._connection: _Connection | None = None
        try:
            self._password = secret_files.only("password_file", settings.password_file)
        except secret_files.SecretFileError as error:
            raise CannotReadError(str(error)) from None
        self._encrypted = not is_loopback(self._host)
        if self._encrypted and not _Connection.is_tls_psk_available():
            raise CannotReadError(
                f"{self._host} is another machine, and to encrypt (TLS-PSK) needs Python 3.13 or newer, or the package "
                "sslpsk3 beside python-bareos"
            )

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def ask(self, command: str) -> Mapping[str, Any]:
        """Returns the result of a command. Raises CannotReadError, and RefusedError."""
        again = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_PassingError),
            stop=tenacity.stop_after_attempt(_TRIES),
            wait=tenacity.wait_exponential(0.2, 5.0),
            reraise=True,
        )
        return again(self._guarded, lambda: self._asked(command), command)

    def _asked(self, command: str) -> Mapping[str, Any]:
        if self._connection is None:
            self._connection = self._connect()
        result = self._connection.call(command)
        if not isinstance(result, Mapping):
            raise _PassingError("the director has broken off its answer")
        return result

    def _connect(self) -> _Connection:
        connection = _Connection(
            address=self._host,
            port=self._port,
            name=self._settings.console,
            password=self._password,
            timeout=_CONNECT_SECONDS,
            protocolversion=ProtocolVersions.bareos_18_2.value,
            tls_psk_require=self._encrypted,
        )
        connection.max_reconnects = 0
        if connection.director and connection.director != self._settings.director:
            connection.close()
            raise CannotReadError(
                f"the director at {self._host} is called {connection.director[:127]!r}, and director says "
                f"{self._settings.director!r}"
            )
        return connection

    def _guarded(self, ask: Callable[[], Mapping[str, Any]], command: str) -> Mapping[str, Any]:
        try:
            return ask()
        except bareos.exceptions.JsonRpcErrorReceivedException as error:
            raise _refused(error, command) from None
        except bareos.exceptions.AuthenticationError:
            self.close()
            raise CannotReadError(
                f"the director does not take the console {self._settings.console!r} with this password; one before "
                "Bareos 18.2 takes none of today's"
            ) from None
        except ssl.SSLError:
            self.close()
            raise CannotReadError(
                f"the director at {self._host} does not agree to encrypt (TLS-PSK): the password, or the console's "
                "name, is another one there, or it cannot"
            ) from None
        except (bareos.exceptions.Error, OSError, ValueError, IndexError, TypeError) as error:
            self.close()
            raise _PassingError(f"the director at {self._host} cannot be asked ({type(error).__name__})") from None
        except CannotReadError:
            self.close()
            raise


def _refused(error: Exception, command: str) -> CannotReadError:
    """Returns what the director says of a command that it does not do."""
    word = command.split()[0]
    said = _said(getattr(error, "jsondata", None))
    if any(one in said.casefold() for one in _DENIED):
        return RefusedError(f"access denied for the command {word}: the console's CommandACL has it not")
    return CannotReadError(f"the director refuses {word}: {said or 'it does not say why'}")


def _said(answer: Any) -> str:
    """Returns the messages of an answer that is an error: `{"error": {"data": {"messages": {"error": […]}}}}`."""
    try:
        told = msgspec.convert(answer, _Failed).error.data.messages
    except msgspec.ValidationError:
        return ""
    return " ".join(" ".join(texts) for texts in told.values()).strip()[:300]


class _Data(msgspec.Struct):
    messages: dict[str, list[str]] = {}


class _Error(msgspec.Struct):
    data: _Data = msgspec.field(default_factory=_Data)


class _Failed(msgspec.Struct):
    error: _Error
