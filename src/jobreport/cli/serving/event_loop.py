"""The event loop of a server process, with time limits for the TLS handshake and the end of TLS."""

from typing import Any, Final

try:
    from uvloop import Loop as _Base
except ImportError:  # where uvloop does not exist, such as on Windows
    from asyncio import SelectorEventLoop as _Base  # type: ignore[assignment]  # another class that does

HANDSHAKE_SECONDS: Final = 10
"""The time limit of a TLS handshake. A connection is counted when its handshake has ended."""
CLOSE_SECONDS: Final = 5
"""The time to wait for the client's close_notify, the TLS message that ends a connection."""


class Loop(_Base):
    """The fast loop (uvloop, if installed), with our time limits unless the server names others."""

    async def create_server(self, *arguments: Any, **options: Any) -> Any:
        """Does as the base class, with these time limits."""
        if options.get("ssl") is not None:
            options.setdefault("ssl_handshake_timeout", HANDSHAKE_SECONDS)
            options.setdefault("ssl_shutdown_timeout", CLOSE_SECONDS)
        return await super().create_server(*arguments, **options)
