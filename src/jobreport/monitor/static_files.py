"""The stylesheet and the scripts of the pages, under names that change with their content.

A browser may keep such a file for ever: another content has another name.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class StaticFile(NamedTuple):
    """A file as it is served: its name, its media type and its content."""

    name: str
    media_type: str
    content: bytes


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    tag = blake2b(content, digest_size=8).hexdigest()
    return StaticFile(f"{path.stem}-{tag}{path.suffix}", _TYPES[path.suffix], content)


_BY_SOURCE: Final = {path.name: _read(path) for path in sorted(_FOLDER.iterdir()) if path.suffix in _TYPES}
FILES: Final = {file.name: file for file in _BY_SOURCE.values()}
"""Every file by the name under which it is served."""


def address(source: str) -> str:
    """Returns the address of the file that is called `source` in the folder. Raises KeyError if there is none."""
    return f"/static/{_BY_SOURCE[source].name}"
