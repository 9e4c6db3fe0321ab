"""Tells from the words of a sentence how a job ended, in the languages of the senders.

Words of failure come first, and a denial makes a success unknown: `not completed` has `completed` in it.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.model.catalog import NOT_GOOD, JobState


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


_FAILED: Final = _any(
    r"fail(?:ed|s|ures?|ing)?\b"
    r"|unsuccessful|did not start|is missing|not backed up|\bfatal\b|could not|couldn't|unable to",
    r"fehlgeschlagen|fehlschlag|gescheitert|misslungen|nicht gestartet|erfolglos|konnten? .{0,60}nicht\b",
    r"échoué|échouée|échec|échoue|n'a pas pu|insuccès|pas démarré",
    r"non riuscit|non è riuscit|fallit|insucc|mislyk",
)
_PARTLY: Final = _any(
    r"partial|partly|incomplete|abnormal|\berrors?\b|exception|warning|problem|not responding|corrupt|damaged",
    r"\bskipped\b|\blocked\b|out of space|\bcritical\b",
    r"teilweise|zum teil|unvollständig|warnung|fehler|übersprungen|ausgelassen|beschädigt",
    r"partiel|incompl[eè]t|anormal|avertissement|erreur|problème|ignorée?s?\b|endommagé",
    r"parzial|in parte|\bparte\b|avvis|error[ei]\b|saltat|mancat",
    r"delvis|ufuldst|advarsl|advarsel|\bfejl|sprunget over",
)
_STOPPED: Final = _any(
    r"cancel|abort|interrupt|suspend|\bstopped\b|terminated by",
    r"abgebrochen|angehalten|unterbrochen|gestoppt|ausgesetzt",
    r"annul|interromp|suspend|arrêté",
    r"interrott|sospes|annullat|afbrudt",
)
_DENIED: Final = _any(
    r"\b(?:not|never|no|cannot|unable|without|unknown|will|partly|until|nearly|almost|last)\b|n't\b|\d ?%",
    r"\b(?:nicht|nie|kein\w{0,2}|ohne|wird|werden|fast|letzte\w?)\b",
    r"\b(?:pas|jamais|aucun\w?|sans|non|ne|impossible|sera|dernière?)\b|\bn'",
    r"\b(?:ikke|senza|sarà|ultim[oa]|sidste)\b",
    r"\b\d{1,9} (?:of|out of|von|sur|di|af) \d",
)
_DONE: Final = _any(
    r"success|\b(?:complete|completed|finished|done)\b|succeeded",
    r"erfolgreich|abgeschlossen|fertiggestellt|beendet",
    r"terminée?\b|réussi|succès|effectuée?\b",
    r"completat|riuscit|fuldført|gennemført",
)
_NONE: Final = re.compile(
    r"\b(?:(?:error|warning|exception|failure|fehler|warnung|erreur|avertissement)(?:s|en)?|failed|skipped)"
    r"\s{0,4}[:=\t]\s{0,4}0\b(?![.,]\d)"
    r"|\b(?:no|without|without any|ohne|kein|keine|sans|sans aucune|aucune?|senza|uden) "
    r"(?:(?:error|warning|exception|failure|erreur|avertissement)s?|fehler|warnung(?:en)?|error[ei]|avvis[io]|fejl)\b"
    r"|(?<![\d.,])0 (?:(?:error|warning|exception|failure|erreur|avertissement)s?|fehler|warnungen|failed|skipped)\b"
)
"""A count of nothing: it is no word of an error."""
_BESIDE: Final = (
    "a all an and are as at backed backup backups been by data device devices file files finish finishing "
    "folder for from had has have in is it its job jobs now of on operation plan process restore restored "
    "sync synced task tasks that the this time to total up version was were with your am auf auftrag "
    "aufgabe aufträge aus bei das daten datensicherung datensicherungsaufgabe der des die eine für hat "
    "ihre im ist mit nach sicherung sicherungsaufgabe sicherungsauftrag sind um und vollständig von vom "
    "worden wurde wurden wiederherstellung zu zum au aux avec ce cette d de données du en est et l la le "
    "les été ont par pour restauration s sauvegarde sauvegardes sur travail tâche tâches une votre à "
    "s'est correctement al alla attività con correttamente da dati del della di e il lo nel operazione "
    "per processo ripristino stata stato su sul un una è af backupopgave backupopgaven den det er blev "
    "blevet korrekt og opgaven på sikkerhedskopiering kb mb gb tb kib mib gib tib bytes sec min h pm utc "
    "gmt cet cest"
)
_HARMLESS: Final = frozenset(_BESIDE.split())
"""Words that stand beside that of a success, and say nothing against it."""
_WORD: Final = re.compile(r"[^\W\d_]{1,100}|(?<![\d.,:])0(?![\d.,:])")
_EVERY: Final = _any(*(words.pattern for words in (_FAILED, _PARTLY, _STOPPED, _DENIED)))
_SAYS_MORE: Final = re.compile(r"\w")
_LOOKED_AT: Final = 1_000
"""Characters of a sentence that are looked at."""
_SENTENCE: Final = 500
_OF_MAILS: Final = re.compile(r"notif|benachrichtig|mail|unsubscribe|https?://", re.IGNORECASE)


def told(sentence: str, but: Sequence[str] = ()) -> JobState | None:
    """Returns how a job ended by a sentence of its sender; None if the words say nothing that is known.

    `but` are names that stand in it: a task may be called "failover".
    """
    text = _NONE.sub(" ", _lowered(sentence[:_LOOKED_AT]))
    for name in map(_lowered, but):
        # A name that is nothing but a word for how a job ends may be that word here, and must not take it away.
        if name and _SAYS_MORE.search(_EVERY.sub("", name)):
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text, count=1)
    if _FAILED.search(text):
        return JobState.Failed
    if _STOPPED.search(text):
        return JobState.Stopped
    if _PARTLY.search(text):
        return JobState.Exception
    if _DENIED.search(text) or not _DONE.search(text):
        return None
    # A list of words of failure never ends. So a success is only what consists of words that are known.
    return JobState.Successful if all(word in _HARMLESS or _DONE.match(word) for word in _WORD.findall(text)) else None


def _lowered(text: str) -> str:
    return text.casefold().replace("\u2019", "'")


def against(lines: Sequence[str], but: Sequence[str] = ()) -> str:
    """Returns the first line that tells of anything but a success; empty if none does. Words about the mail itself, and
    lines that are too long for a sentence, do not count.
    """
    for line in lines:
        if len(line) <= _SENTENCE and not _OF_MAILS.search(line) and told(line, but) in NOT_GOOD:
            return line
    return ""
