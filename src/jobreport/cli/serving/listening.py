"""Opens the socket on which the server listens, and raises the limit of open files to fit its connections."""

import errno
import socket
import time
from typing import Final

import click

from jobreport.cli.output.warning import warn
from jobreport.server.connections import MAX_CONNECTIONS

_RELEASE_SECONDS: Final = 2
"""How long to try again if the port is in use: the workers of a server that was killed need a moment to end."""
_OTHER_FILES: Final = 1_000
"""Open files of a worker besides its connections: those of the store, and sockets in a TLS handshake."""


def listen(host: str, port: int) -> socket.socket:
    """Opens the socket, which the worker processes inherit. Raises ClickException if that fails."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    give_up = time.monotonic() + _RELEASE_SECONDS
    while True:
        try:
            listener.bind((host, port))
            listener.listen(2048)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < give_up:
                time.sleep(0.05)
                continue
            listener.close()
            raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from None
        listener.set_inheritable(True)
        return listener


def allow_connections() -> None:
    """Raises the limit of open files of this process, because each connection is an open file.

    It warns if the system does not allow enough.
    """
    try:
        import resource
    except ImportError:  # not on Unix
        return
    wanted = MAX_CONNECTIONS + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < wanted:
        warn(f"this process may open {allowed} files, too few for {MAX_CONNECTIONS} connections: raise `ulimit -n`")
