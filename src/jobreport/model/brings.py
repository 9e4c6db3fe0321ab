"""Which services and types of jobs an origin can report: a connector, a tool or a sender of webhooks."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from jobreport.model.catalog import JobType, ServiceType

Brings = Mapping[ServiceType, frozenset[JobType]]
"""The types of jobs that an origin can tell of, by service."""

ANYTHING: Final[Brings] = MappingProxyType(dict.fromkeys(ServiceType, frozenset(JobType)))
"""What an origin brings that hands on what others said, of whatever they say it."""


def brings(*pairs: tuple[ServiceType, JobType]) -> Brings:
    """Returns what an origin brings that tells of these services with these types."""
    return together({service: frozenset({kind})} for service, kind in pairs)


def together(origins: Iterable[Brings]) -> Brings:
    """Returns what several origins bring together."""
    found: dict[ServiceType, frozenset[JobType]] = {}
    for origin in origins:
        for service, kinds in origin.items():
            found[service] = found.get(service, frozenset()) | kinds
    return MappingProxyType(found)
