"""Tells systemd when the service is ready, so that `systemctl start` waits for that and fails if it does not come."""

import socket
from contextlib import suppress

from jobreport import settings


def ready(status: str) -> None:
    """Says that the service is ready, with `status` in words (sd_notify). Does nothing where systemd does not ask."""
    address = settings.notify_socket()
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        # A name that begins with @ is in no folder (Linux's abstract names).
        channel.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        channel.sendall(f"READY=1\nSTATUS={status}".encode())
