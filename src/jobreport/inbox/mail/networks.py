"""Decides which mails are accepted: by the sender's network and address. Pure.

A mail may claim any sender. So a list of allowed senders keeps out stray mails, but proves nothing.
"""

import ipaddress
from collections.abc import Sequence

import msgspec


class Network(msgspec.Struct, frozen=True):
    """A network from which mails are taken. `tenant` is whose inboxes it reaches by their slugs alone; empty: none."""

    network: str
    tenant: str = ""


def parse_network(text: str) -> Network:
    """Reads `NETWORK` or `NETWORK=TENANT`. Raises ValueError, with a message for people."""
    network, _, tenant = text.strip().partition("=")
    try:
        found = ipaddress.ip_network(network.strip())
    except ValueError:
        raise ValueError(f"{network.strip()!r} is no network such as 192.168.7.0/24, and no IP address") from None
    return Network(str(found), tenant.strip())


def parse_sender(text: str) -> str:
    """Reads an address, or an @ and a domain. Raises ValueError, with a message for people."""
    sender = text.strip().lower()
    if "@" not in sender or sender.endswith("@") or any(one.isspace() for one in sender):
        raise ValueError(f"{text.strip()!r} is no sender such as nas@example.com or @example.com")
    return sender


def network_of(peer: str, networks: Sequence[Network]) -> Network | None:
    """Returns the narrowest of the networks in which `peer` lies; None if it lies in none."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    within = [
        (parsed.prefixlen, one)
        for one in networks
        if (parsed := ipaddress.ip_network(one.network)).version == address.version and address in parsed
    ]
    return max(within, key=lambda found: found[0])[1] if within else None


def may_send(sender: str, senders: Sequence[str]) -> bool:
    """Returns whether a sender is one of those that are allowed; without any, each is."""
    address = sender.strip().lower()
    return not senders or any(address.endswith(one) if one.startswith("@") else address == one for one in senders)
