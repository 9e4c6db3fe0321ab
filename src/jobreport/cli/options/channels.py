"""What the commands about channels share: those that `jobreport.toml` names."""

from typing import TYPE_CHECKING

import click

from jobreport.cli.options.config import configuration, configured

if TYPE_CHECKING:
    from jobreport.configuration.file import Configuration
    from jobreport.watch.channels.configured import Configured


def channels_of(file: "Configuration") -> "tuple[Configured, ...]":
    """Returns all channels of the file. Says what is wrong with the first one that is wrong."""
    from jobreport.watch.channels.configured import configured as read

    return configured(lambda: read(file))


def channel_named(config: str | None, name: str) -> "Configured":
    """Returns the channel of this name. Says which there are, or what is wrong with one."""
    from jobreport.model.spelling import meant

    file = configuration(config)
    channels = {one.name: one for one in channels_of(file)}
    if name in channels:
        return channels[name]
    there = f"there are {', '.join(channels)}" if channels else "the file names none"
    where = file.path or "jobreport.toml, which was not found"
    raise click.ClickException(f"there is no channel {name!r} in {where}: {meant(name, channels, there)}.")
