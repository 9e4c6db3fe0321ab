"""Tells the addresses of this machine itself, which no network carries, from all others."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether the host is a loopback address of this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
