"""Names the command that adds the libraries of an extra to this installation, however it was installed.

The libraries themselves are named, not `jobreport[EXTRA]`: this installation may come from a file or a checkout, and
no index has to know it.
"""

import importlib.util
import re
import shlex
import sys
from importlib import metadata
from pathlib import Path


def command_for(extra: str) -> str:
    """Returns the command, for a shell of the user who installed this program."""
    words = shlex.join(libraries(extra))
    prefix = Path(sys.prefix)
    if (prefix / "pipx_metadata.json").exists():
        return f"pipx inject jobreport {words}"
    if (prefix / "uv-receipt.toml").exists():
        return f"uv pip install --python {shlex.quote(sys.executable)} {words}"
    if importlib.util.find_spec("pip") is None:  # as in the Debian package
        return f"pip --python {shlex.quote(sys.executable)} install {words}"
    return f"{shlex.quote(sys.executable)} -m pip install {words}"


def is_installed(extra: str) -> bool:
    """Whether each library of an extra is there, in whatever version. Loads none of them."""
    names = (re.split(r"[^\w.-]", one, maxsplit=1)[0] for one in libraries(extra))
    return all(any(metadata.distributions(name=name)) for name in names)


def libraries(extra: str) -> list[str]:
    """Returns what the extra needs, as pip's requirements, such as `xlsxwriter>=3.2`."""
    requirements = [one.partition(";") for one in metadata.requires("jobreport") or ()]
    return [name.strip() for name, _, marker in requirements if re.search(rf"extra == ['\"]{extra}['\"]", marker)]
