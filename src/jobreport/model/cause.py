"""The cause of a job that is not good: a short code that stays the same, and a text for people.

Forty jobs that failed because one server could not be reached are one thing to mend, not forty. So the decisive line
of a job's comments is looked for. Where it says something that many tools say in their own words (no space, locked,
access denied), the cause is that. Otherwise the cause is the line itself, without what differs from job to job:
numbers, IDs, paths, quoted names, addresses and times.

Example: `Failed to copy: failed to open source object: open /srv/a.txt: permission denied` is `access-denied`;
`tape 0017 in drive "LTO-2" is worn` is a cause of its own, `tape … in drive … is worn`.
"""

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from jobreport.model.catalog import NOT_GOOD
from jobreport.model.job import Job, fold

MAX_TEXT: Final = 160
"""The most characters of the text of a cause."""
OWN: Final = "x-"
"""The beginning of the code of a cause that has no name: only comments tell it."""
_CODE_BYTES: Final = 5
_MOST_LINES: Final = 60
_LONGEST: Final = 600
"""Of a longer line only so many characters are looked at."""


class Cause(NamedTuple):
    """A cause: `code` is of ASCII letters, digits and `-`, and the same for all jobs with this cause."""

    code: str
    text: str


class _Known(NamedTuple):
    cause: Cause
    said: re.Pattern[str]


def _known(code: str, text: str, *ways: str) -> _Known:
    return _Known(Cause(code, text), re.compile("|".join(ways), re.IGNORECASE))


KNOWN: Final = (
    _known("silent", "No sign of life; presumed to have failed", r"^presumed: (?:no sign of life|started again)"),
    _known("not-started", "Did not start", r"^did not start; expected "),
    _known(
        "no-space",
        "No space left",
        r"no space left|disk (?:is )?full|out of (?:disk )?space|quota (?:has been )?exceeded|disk quota",
        r"(?:not enough|insufficient) (?:free |disk |storage )*(?:space|storage|capacity)|\bENOSPC\b",
        r"kein speicherplatz|nicht genügend speicher|aucun espace disponible|espace disque insuffisant",
        r"no queda espacio|デバイスに空き領域がありません",
    ),
    _known(
        "locked",
        "Locked by another run",
        r"(?:already|is|was|are|been) (?:exclusively )?locked|locked by|lock(?:ing)? (?:file|timeout)|\block held\b",
        r"(?:acquire|create|get|obtain)\S* (?:the |an? |exclusive )*lock|cannot lock|can't lock|unable to lock",
        r"another (?:\w+ )?(?:process|backup|instance|operation|job|session)\b.*\b(?:running|in progress|active)",
        r"already (?:running|in progress)|device or resource busy|resource is busy",
    ),
    _known(
        "unreachable",
        "Cannot be reached",
        r"connection (?:was |attempt )?(?:refused|reset|closed|aborted|timed out|lost)|no route to host",
        r"(?:network|host|server|destination|endpoint|repository) (?:is |was )?(?:unreachable|down|offline)",
        r"could ?n[o']t (?:connect|resolve)|cannot (?:connect|resolve)|unable to (?:connect|resolve|reach)",
        r"no such host",
        r"failed to (?:connect|resolve)|name or service not known|failure in name resolution|getaddrinfo|dial tcp",
        r"could not establish|tls handshake|broken pipe|unreachable|lost connection|end of file while reading",
        r"verbindung (?:abgelehnt|verweigert|zurückgesetzt)|connexion (?:refusée|réinitialisée)|host not found",
    ),
    _known(
        "timed-out",
        "Took too long",
        r"timed?[ -]?out|deadline exceeded|time limit|exceeded the (?:maximum )?(?:time|duration)|took too long",
        r"zeitüberschreitung|délai (?:d'attente )?dépassé|tiempo de espera",
    ),
    _known(
        "cancelled",
        "Cancelled",
        r"cancel(?:l?ed|lation)|terminated by (?:the )?user|interrupted|aborted by (?:the )?(?:user|operator|admin)",
        r"stopped by|ended by signal (?:2|15|SIGINT|SIGTERM)\b|(?:received|signal) (?:SIG)?(?:INT|TERM)\b",
        r"keyboardinterrupt",
        r"abgebrochen|annulé|interrompu",
    ),
    _known(
        "wrong-password",
        "Sign-in refused",
        r"wrong pass(?:word|phrase)|(?:incorrect|invalid|bad) (?:password|passphrase|credential|login|api key|token)",
        r"pass(?:word|phrase)\b.*\b(?:incorrect|wrong|required|invalid)|authentication fail|login fail|logon failure",
        r"(?:expired|invalid) (?:access )?token|token (?:has |is )?expired|\b401\b.*unauthori[sz]ed|unauthenticated",
        r"host key verification failed|could not authenticate|signature .*does not match",
    ),
    _known(
        "access-denied",
        "Access denied",
        r"(?:permission|access)(?: was| is)? denied|accessdenied|not permitted|forbidden|unauthori[sz]ed|\bEACCES\b",
        r"not (?:authori[sz]ed|readable|allowed to)|lacks? (?:the |permission|[\w.]+\.[\w.]+)",
        r"insufficient (?:permission|privilege)|keine berechtigung|zugriff verweigert|permission non accordée",
        r"accès refusé|permiso denegado|opération non permise",
        r"vorgang nicht (?:zulässig|erlaubt)|does not have .*permission",
    ),
    _known(
        "wrong-arguments",
        "Wrong arguments",
        r"unknown (?:flag|option|argument|command|parameter)|(?:invalid|unrecogni[sz]ed|illegal) (?:option|argument)",
        r"syntax or usage error|arguments? (?:is|are) required|missing (?:required )?(?:argument|parameter|option)",
    ),
    _known(
        "damaged",
        "Damaged data",
        r"corrupt|checksum|hash(?:es)? (?:mismatch|differ)|integrity (?:check|error)|verification failed",
        r"bad magic|\bCRC\b|differences? found",
        r"invalid data returned|unexpected (?:eof|end of (?:file|archive))|input/output error|\bEIO\b",
    ),
    _known(
        "changed",
        "Changed while it was read",
        r"changed (?:as we read|while|during)|file has vanished|vanished (?:before|source)|geändert|a changé",
    ),
    _known(
        "no-memory",
        "Out of memory",
        r"out of memory|cannot allocate memory|oom[ -]?kill|\bENOMEM\b|ended by signal 9\b",
    ),
    _known(
        "missing",
        "Something that is needed does not exist",
        r"no such (?:file|container|object|key|database|table)|does not exist|doesn't exist|do not exist",
        r"nosuch(?:bucket|key)",
        r"(?:cannot|could not|can't|unable to) (?:find|locate)|not found|nicht gefunden|aucun fichier|n'existe pas",
        r"existiert nicht|no matching|is not mounted|no valid configuration|source .*missing|\bENOENT\b|no existe",
    ),
)
"""What many tools say in their own words. The first of these that fits a line is its cause."""

_NUMBERS: Final = re.compile("[0-9]+")
_TELLING_NUMBERS: Final = frozenset({"2", "9", "15", "401"})
"""Those that stand in `KNOWN`."""

_BY_CODE: Final = {known.cause.code: known.cause for known in KNOWN}

_NOISE: Final = re.compile(
    r"^(?:\W*$|sent [\d.,]+ bytes|total size is|need some help|usage:|use \"|\S+ help\b|try .* --help"
    r"|.*due to previous errors|.*(?:errors? is not recoverable)|.*\(see previous errors\)"
    r"|terminating with \w+ status|ended with exit code|exit(?:ed)? (?:with )?(?:status|code)"
    r"|beende mit fehlerstatus|arrêt avec code d'échec|.*non-zero exit status)",
    re.IGNORECASE,
)
_TELLING: Final = re.compile(
    r"fatal|error|fail|cannot|could not|unable|denied|refused|exception|fehler|erreur", re.IGNORECASE
)

_TAKEN_OUT: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"[a-z][a-z0-9+.-]*://\S+",  # addresses
        r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b",
        # Quoted names, also in the quotes of other languages.
        r"\"[^\"]*\"|'[^']*'|\u2018[^\u2019]*\u2019|\u201c[^\u201d]*\u201d|«[^»]*»|`[^`]*`",
        r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?",
        r"\b\d{4}[-/.]\d\d[-/.]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",  # times
        r"\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b",
        r"(?:\b[A-Za-z]:)?(?:\\{1,2}[^\s\\:,;)]+)+\\?|(?<![\w.])~?(?:/[^\s/:,;)]+)+/?",  # paths
        r"\b(?:[0-9A-Fa-f]{1,4}:){3,7}[0-9A-Fa-f:]+\b|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b",
        r"\b(?=[0-9a-zA-Z_-]*\d)(?=[0-9a-zA-Z_-]*[A-Za-z])[0-9a-zA-Z_-]{6,}\b",  # IDs: letters and digits together
        r"\b[0-9a-f]{8,}\b",
        r"[-+]?\d+(?:[.,]\d+)*(?: ?(?:[KMGTP]i?B|bytes?|%|ms|s|min|h))?\b",  # numbers with their units
    )
)
_GAP: Final = "…"
_GAPS: Final = re.compile(rf"[\s{_GAP}]*{_GAP}[\s{_GAP}]*")


@lru_cache(maxsize=4096)
def cause_of(comments: str) -> Cause | None:
    """Returns the cause that the comments of a job name; None if there are no comments."""
    lines = [line.strip()[:_LONGEST] for line in comments.splitlines()]
    lines = [line for line in lines if line][-_MOST_LINES:]
    if not lines:
        return None
    telling = [line for line in lines if not _NOISE.match(line)] or lines
    for line in telling:
        if found := known_cause(line):
            return found
    line = next((line for line in telling if _TELLING.search(line)), telling[-1])
    return _own(pattern_of(line))


def cause_of_job(job: Job) -> Cause | None:
    """Returns the cause of a job: the one that its origin gives, or else the one that its comments name.

    None if the job is good, or if there is neither.
    """
    if job.state not in NOT_GOOD:
        return None
    return named(job.cause) if job.cause else cause_of(job.comments)


def named(code: str) -> Cause:
    """Returns the known cause with this code. Raises KeyError if there is none."""
    return _BY_CODE[code]


def known_cause(line: str) -> Cause | None:
    """Returns the known cause that a line names, if it names one."""
    return _known_cause(_NUMBERS.sub(_telling_number, line))


@lru_cache(maxsize=4096)
def _known_cause(line: str) -> Cause | None:
    return next((known.cause for known in KNOWN if known.said.search(line)), None)


def _telling_number(found: re.Match[str]) -> str:
    """Returns a number as it is if it may name a cause, otherwise always the same: lines that differ in others are
    looked at once.
    """
    number = found[0]
    return number if number in _TELLING_NUMBERS else "7"


def pattern_of(line: str) -> str:
    """Returns the line with `…` in place of what differs from job to job."""
    for taken in _TAKEN_OUT:
        line = taken.sub(_GAP, line)
    line = _GAPS.sub(f" {_GAP} ", line).strip(" .:;,")
    return line if len(line) <= MAX_TEXT else f"{line[: MAX_TEXT - 1]}{_GAP}"


def _own(pattern: str) -> Cause:
    digest = blake2b(fold(pattern).encode("utf-8", "surrogatepass"), digest_size=_CODE_BYTES)
    return Cause(f"{OWN}{digest.hexdigest()}", pattern)
