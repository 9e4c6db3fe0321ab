"""What the commands about channels share: those that `jobreport.toml` names."""

from typing import TYPE_CHECKING, TypeVar

import click

from jobreport.cli.options.config import configuration, configured

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobreport.configuration.file import Configuration
    from jobreport.watch.channels.configured import Configured
    from jobreport.watch.digests.configured import Digest

T = TypeVar("T", "Configured", "Digest")


def channels_of(file: "Configuration") -> "tuple[Configured, ...]":
    """Returns all channels of the file. Says what is wrong with the first one that is wrong."""
    from jobreport.watch.channels.configured import configured as read

    return configured(lambda: read(file))


def digests_of(file: "Configuration") -> "tuple[Digest, ...]":
    """Returns all digests of the file. Says what is wrong with the first one, or the first channel, that is wrong."""
    from jobreport.watch.digests.configured import digests

    channels = channels_of(file)
    return configured(lambda: digests(file, channels))


def channel_named(config: str | None, name: str) -> "Configured":
    """Returns the channel of this name. Says which there are, or what is wrong with one."""
    file = configuration(config)
    return _named(file, "channel", name, channels_of(file))


def digest_named(config: str | None, name: str) -> "Digest":
    """Returns the digest of this name. Says which there are, or what is wrong with one."""
    file = configuration(config)
    return _named(file, "digest", name, digests_of(file))


def _named(file: "Configuration", kind: str, name: str, every: "Iterable[T]") -> "T":
    from jobreport.model.spelling import meant

    known = {one.name: one for one in every}
    if name in known:
        return known[name]
    there = f"there are {', '.join(known)}" if known else "the file names none"
    where = file.path or "jobreport.toml, which was not found"
    raise click.ClickException(f"there is no {kind} {name!r} in {where}: {meant(name, known, there)}.")
