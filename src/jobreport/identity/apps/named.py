"""Finds the app that a person means: by its client ID, by the first characters of that, or by its name."""

from typing import Final

from jobreport.identity.apps.registrations import RegistrationError
from jobreport.model.spelling import nearest
from jobreport.store import Store
from jobreport.store.registry import apps
from jobreport.store.registry.apps import App

_LEAST: Final = 4
"""The fewest characters of a client ID that stand for the whole."""
_SHOWN: Final = 5


def client_id_of(store: Store, word: str) -> str:
    """Returns the client ID of the app that `word` stands for; `3c8b…`, as lists shorten an ID, is taken too.

    A whole client ID comes first, then a name, then the beginning of an ID. A revoked app is meant only if no other
    is. Raises RegistrationError if no app is meant, or more than one.
    """
    with store.reading() as transaction:
        if found := apps.find_app(transaction, word):
            return found.client_id
        every = apps.list_apps(transaction)
    start = word.rstrip("….").lower()
    named = [app for app in every if app.name == word]
    begun = [app for app in every if app.client_id.startswith(start)] if len(start) >= _LEAST else []
    candidates = named or begun
    meant = [app for app in candidates if not app.revoked] or candidates
    if len(meant) == 1:
        return meant[0].client_id
    if meant:
        raise RegistrationError(f"{len(meant)} apps may be meant by {word!r}; write the client ID: {_shown(meant)}")
    near = nearest(word, [app.name for app in every])
    hint = f"did you mean {near!r}? " if near else ""
    raise RegistrationError(f"there is no app {word!r}: {hint}jobreport app list shows those that there are")


def _shown(found: list[App]) -> str:
    shown = ", ".join(f"{app.client_id} ({app.name})" for app in found[:_SHOWN])
    return f"{shown}, …" if len(found) > _SHOWN else shown
