"""The kinds of channels that there are. Each is loaded only if `jobreport.toml` names it."""

from importlib import import_module
from typing import Final

from jobreport.extras import command_for
from jobreport.model.spelling import meant
from jobreport.watch.channels.base import Kind

OWN: Final = {
    "mail": "jobreport.watch.channels.mail",
    "webhook": "jobreport.watch.channels.webhook",
    "pagerduty": "jobreport.watch.channels.pagerduty",
    "alertmanager": "jobreport.watch.channels.alertmanager",
    "apprise": "jobreport.watch.channels.other_services",
}
"""The module with the `KIND` of each, by its name."""
_EXTRAS: Final = {"apprise": "apprise"}
"""The extra that the module of a kind needs to be loaded at all."""


class KindError(ValueError):
    """Raised if there is no such kind, or if its libraries are missing. The message says what would be right."""


def load(name: str) -> Kind:
    """Returns a kind. Raises KindError."""
    if name not in OWN:
        known = f"there are {', '.join(OWN)}"
        raise KindError(f"there is no kind {name!r} of channels: {meant(name, OWN, known)}")
    try:
        kind: Kind = import_module(OWN[name]).KIND
    except ImportError:
        if name not in _EXTRAS:
            raise
        raise KindError(f"a channel of the kind {name} needs more: {command_for(_EXTRAS[name])}") from None
    return kind
