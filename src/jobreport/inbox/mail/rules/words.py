"""Tells from the words of a sentence how a job ended, in the languages of the senders.

Words of failure come first, and a denial makes a success unknown: `not completed` has `completed` in it.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.catalog import JobState


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


_FAILED: Final = _any(
    r"fail(?:ed|s|ure)?\b|unsuccessful|did not start|is missing|not backed up",
    r"fehlgeschlagen|gescheitert|misslungen|nicht gestartet",
    r"échoué|échouée|échec|pas démarré",
    r"non riuscit|non è riuscit|fallit|mislyk",
)
_PARTLY: Final = _any(
    r"partial|with (?:\w{1,20} )?(?:warning|error|exception)|warning|not responding|corrupt",
    r"teilweise|mit (?:\w{1,20} )?(?:warn|fehler)|warnung",
    r"partiel|avec (?:\w{1,20} )?(?:avertissement|erreur)|avertissement",
    r"parzial|con avvis|avvis|delvist",
)
_STOPPED: Final = _any(
    r"cancel|abort|interrupt|suspend|\bstopped\b|terminated by",
    r"abgebrochen|angehalten|unterbrochen|gestoppt|ausgesetzt",
    r"annul|interromp|suspend|arrêté",
    r"interrott|sospes|annullat|afbrudt",
)
_DENIED: Final = _any(
    r"\b(?:not|never|no|cannot|unable|without|unknown)\b",
    r"\b(?:nicht|nie|kein\w{0,2}|ohne)\b",
    r"\b(?:pas|jamais|aucun\w?|sans|non|ne|impossible)\b|\bn'",
    r"\b(?:ikke|senza)\b",
)
_DONE: Final = _any(
    r"success|\b(?:complete|completed|finished|done)\b|succeeded",
    r"erfolgreich|abgeschlossen|fertiggestellt|beendet",
    r"terminée?\b|réussi|succès|effectuée?\b",
    r"completat|riuscit|fuldført|gennemført",
)
_LOOKED_AT: Final = 1_000
"""Characters of a sentence that are looked at."""


def told(sentence: str, but: Sequence[str] = ()) -> JobState | None:
    """Returns how a job ended by a sentence of its sender; None if the words say nothing that is known.

    `but` are names that stand in it: a task may be called "failover".
    """
    text = sentence[:_LOOKED_AT].casefold().replace("\u2019", "'")
    for name in but:
        if name:
            text = text.replace(name.casefold(), " ", 1)
    if _FAILED.search(text):
        return JobState.Failed
    if _STOPPED.search(text):
        return JobState.Stopped
    if _PARTLY.search(text):
        return JobState.Exception
    if _DENIED.search(text) or not _DONE.search(text):
        return None
    return JobState.Successful
