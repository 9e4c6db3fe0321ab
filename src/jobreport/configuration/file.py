"""`jobreport.toml` as it was read: its tables, each of which becomes what a room declares, or a message with its line.

Most kinds of tables stand as `[[kind]]` as often as there are of it, and each of these has a `name` of its own.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import fields

from jobreport import settings
from jobreport.configuration.check import Fault, checked
from jobreport.configuration.lines import Path, line_of
from jobreport.model.spelling import meant

T = TypeVar("T", bound=msgspec.Struct)

KINDS: Final = ("channel", "connector", "digest", "expectation", "mailbox", "mapping", "notify", "rule")
"""The tables that the file may have several of, in two brackets. A room reads those of its own."""
SINGLE: Final = ("deadman", "sns")
"""The tables that it may have once, in one bracket."""
MAX_BYTES: Final = 1024 * 1024
"""The size of the file at most."""
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
"""The name of a table, such as that of a mapping."""


class ConfigurationError(ValueError):
    """Raised if the file cannot be used. The message names the file, the line and the key, and says what is right."""


class Keys:
    """What one table of the file says, which stands at `path`."""

    def __init__(self, file: "Configuration", path: Path, values: dict[str, Any]) -> None:
        self._file, self._path, self._values = file, path, values

    def text(self, key: str) -> str:
        """Returns the text of a key that the table must have. Raises ConfigurationError."""
        if key not in self._values:
            raise self.error(f"{key} is missing")
        if not isinstance(value := self._values[key], str) or not value:
            raise self.error("must be a text in quotes that is not empty", key)
        return value

    def read(self, type_: type[T], *, but: Iterable[str] = ()) -> T:
        """Returns the table as a value of `type_`; without the keys in `but`, and without its name unless the type has
        one. Raises ConfigurationError.
        """
        names = {field.encode_name for field in fields(type_)}
        left_out = {*but, *({"name"} - names)}
        try:
            found: T = checked({key: value for key, value in self._values.items() if key not in left_out}, type_)
        except Fault as fault:
            raise self.error(fault.message, *fault.path, line=fault.line) from None
        return found

    def error(self, message: str, *path: str | int, line: Sequence[str | int] | None = None) -> ConfigurationError:
        """Returns the error that something is wrong at a key of this table; without one, with the table itself.
        `line`: the key whose line is told; left out: the same.
        """
        name = self._values.get("name")
        where = f"{self._path[0]} {name!r}" if isinstance(name, str) else str(self._path[0])
        key = ".".join(str(part) if isinstance(part, str) else str(part + 1) for part in path)
        return self._file.error(
            f"{', '.join(filter(None, (where, key)))}: {message}", (*self._path, *(path if line is None else line))
        )


class Table(Keys):
    """One of several tables of a kind. `name` is its own among these."""

    def __init__(self, file: "Configuration", kind: str, number: int) -> None:
        every = file.document[kind]
        super().__init__(file, (kind, number), every[number])
        if not NAME.fullmatch(name := self.text("name")):
            raise self.error("must have 1 to 64 of a-z, 0-9, - and _, and begin with none of the last two", "name")
        for earlier in range(number):
            if every[earlier].get("name") == name:
                line = line_of(file.text, (kind, earlier))
                raise self.error(f"another {kind} has this name (line {line})", "name")
        self.name: str = name


def _quoted(fault: str) -> str:
    """Returns what may be right where the parser did not take a key: words of other languages are no bare keys."""
    about_a_key = fault.startswith(("Expected '=' after a key", "Invalid statement", "Invalid initial character"))
    return "; a key with a blank, or a letter beyond a to z, stands in quotes" if about_a_key else ""


class Configuration:
    """The file. `path` is None if there is none: then it has no tables."""

    def __init__(self, path: FilePath | None, text: str) -> None:
        self.path, self.text = path, text
        try:
            self.document: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{path} is not TOML: {error}{_quoted(str(error))}") from None
        for kind, value in self.document.items():
            if kind in SINGLE and not isinstance(value, dict):
                raise self.error(f"{kind}: is written with one bracket, [{kind}]", (kind,))
            if kind in KINDS and not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
                raise self.error(f"{kind}: is written with two brackets, [[{kind}]]", (kind,))
            if kind not in (*KINDS, *SINGLE):
                known = ", ".join((*(f"[[{one}]]" for one in KINDS), *(f"[{one}]" for one in SINGLE)))
                words = meant(kind, (*KINDS, *SINGLE), f"there are {known}")
                raise self.error(f"{kind}: is no table here: {words}", (kind,))

    def tables(self, kind: str) -> list[Table]:
        """Returns the tables of a kind, as they stand. Raises ConfigurationError if one has no name of its own."""
        return [Table(self, kind, number) for number in range(len(self.document.get(kind, ())))]

    def table(self, kind: str) -> Keys:
        """Returns the one table of a kind; if there is none, one without keys."""
        return Keys(self, (kind,), self.document.get(kind, {}))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Gives each key of a table whose value is a text, with that."""
        for value in self.document.values():
            for table in value if isinstance(value, list) else [value]:
                yield from ((key, one) for key, one in table.items() if isinstance(one, str))

    def error(self, message: str, path: Path) -> ConfigurationError:
        """Returns the error that something is wrong at `path`."""
        return ConfigurationError(f"{self.path}, line {line_of(self.text, path)}: {message}")


def load(named: str | None = None) -> Configuration:
    """Returns the file that is named; or else `jobreport.toml` of the current folder, or of the folder of the service's
    settings; without any of these, a file without tables. Raises ConfigurationError.
    """
    path = settings.configuration_file(named)
    if path is None:
        return Configuration(None, "")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ConfigurationError(f"{path} has more than {MAX_BYTES:,} bytes, the most that are read")
        return Configuration(path, content.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigurationError(f"cannot read {path}: {reason}") from None
