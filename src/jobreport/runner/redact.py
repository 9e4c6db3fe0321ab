"""Masks passwords, keys and tokens in text, such as a tool's messages.

It masks too much rather than too little: the whole query string of a URL, and texts that only look like a password. The
words of a command line, which are known one by one, are masked by `redact_words`.
"""

import re
from collections.abc import Iterator
from typing import Final

MASK: Final = "***"

_PART: Final = 1_000
_CUT: Final = "…"

_WORD: Final = (
    r"(?:pass(?!ive|ed|es|ing|age)|passwd|password|passphrase|passwort|kennwort|pwd|secret|token|credential"
    r"|api-?_?key|access-?_?key|account-?_?key|shared-?_?access|private-?_?key|encryption-?_?key|sse-c-key|source-key"
    r"|cpk-by-value|signature|(?<![a-z])pw(?![a-z])|(?<![a-z])sig(?![a-z])|(?<![a-z])sas(?![a-z]))"
)
_NO_PLACE: Final = r"(?<!file)(?<!path)(?<!hint)"  # of such a name the value is only where the secret lies
_USER_INFO: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]{0,30})://(?P<user>[^\s/:@]*)(?P<rest>:\S*)?@", re.IGNORECASE
)
_QUERY: Final = re.compile(r"(://[^\s?'\"]+)\?[^\s'\"]+")
_SAS: Final = re.compile(r"(?<![\w%])(s[vigkpert]{1,5}=[^\s&'\"]*&[^\s'\"]+|sig=[^\s&'\"]+)", re.IGNORECASE)
_QUOTED_PAIR: Final = re.compile(rf"([\"'])([\w.-]{{0,100}}?{_WORD}[\w.-]*{_NO_PLACE}=)[^\"'\n]*", re.IGNORECASE)
# A value goes on to what begins the next pair, as in a connection string, to a quote, or to a blank.
_PAIR: Final = re.compile(
    rf"(?<![\w.-])([\w.-]*?{_WORD}[\w.-]*{_NO_PLACE}[\"']?\]?\s*(?:=|:(?!//))\s*)"
    r"(\"[^\"]*\"|'[^']*'|[^;\"'\n]{1,200}?(?=;)|(?:(?![;,&]\s?[\w.-]{1,60}=)[^\s\"'])+)",
    re.IGNORECASE,
)
_LONG_OPTION: Final = re.compile(rf"(?<!\S)(--?[\w-]*?{_WORD}[\w-]*{_NO_PLACE}\s+)(?!-)(\S+)", re.IGNORECASE)
_HEADER: Final = re.compile(r"\b(authorization[\"']?\s*[:=]\s*[\"']?|(?:set-)?cookie:\s*)[^\"'\n]+", re.IGNORECASE)
_BEARER: Final = re.compile(r"\b(bearer\s+)[\w.~+/=-]+|\b(basic\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_IDENTIFIED: Final = re.compile(
    r"\b(identified\s+(?:with\s+\S+\s+)?by\s+|user\s+\S+\s+using\s+)('[^']*'|\"[^\"]*\"|\S+)", re.IGNORECASE
)
# Calls in SQL and in scripts: PASSWORD('…'), db.auth("user", "…"), S3('https://…', 'key', '…').
_CALL: Final = re.compile(r"\b(\w*(?:password|auth|login|connect|s3)\w*\(\s*)[\"'][^()\n]*", re.IGNORECASE)
_ELEMENT: Final = re.compile(rf"(<\w*{_WORD}\w*>)[^<\n]+", re.IGNORECASE)
_JWT: Final = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
# As GitHub, GitLab, Slack, Stripe, SendGrid, Vault, Google and npm begin theirs, so that they are found.
_TOKEN: Final = re.compile(
    r"\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeprs]-|[rs]k_(?:live|test)_|SG\.|hv[sb]\.|AIza|ya29\.|npm_)[\w.-]{10,}"
)
# Addresses to which anybody may post who knows them.
_WEBHOOK: Final = re.compile(
    r"(hooks\.slack\.com/(?:services|workflows)/|api\.telegram\.org/bot|discord(?:app)?\.com/api/webhooks/"
    r"|webhook\.office\.com/webhookb2/|hc-ping\.com/|://[\w.:-]+/(?:[\w/-]*/)?(?:ping|p|hook|api/push)/(?=[\w-]{22})|://[\w.-]+/(?:[\w/-]*/)?webhooks?/)[^\s/'\"][^\s'\"]*",
    re.IGNORECASE,
)
_KEY_BLOCK: Final = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^-]*")
# Each pattern needs one of these, whatever the case. Nearly no line of a log has one, and to look for them costs a
# hundredth of what the patterns cost.
_SIGNS: Final = (
    *("pass", "pw", "kennwort", "secret", "token", "credential", "key", "shared", "sig", "sas", "cpk"),
    *("://", "=", "bearer", "basic", "auth", "cookie", "identified", "using", "login", "connect", "s3"),
    *("slack.com", "telegram.org", "webhook", "hc-ping", "eyj", "github_pat_", "glpat-", "xox", "k_live_", "k_test_"),
    *("gho_", "ghp_", "ghs_", "ghu_", "ghr_", "sg.", "hvs.", "hvb.", "aiza", "ya29.", "npm_", "-----begin"),
)


def redact(text: str) -> str:
    """Returns `text` with credentials masked: in URLs, query strings, connection strings, headers, options and SQL."""
    folded = text.casefold().replace("\u0131", "i")  # the patterns take the letter without a dot for an i, too
    if not any(sign in folded for sign in _SIGNS):
        return text
    text = _USER_INFO.sub(_without_password, text)
    text = _WEBHOOK.sub(rf"\1{MASK}", text)
    text = _QUERY.sub(rf"\1?{MASK}", text)
    text = _SAS.sub(MASK, text)
    text = _HEADER.sub(rf"\1{MASK}", text)
    text = _BEARER.sub(lambda found: f"{found[1] or found[2]}{MASK}", text)
    text = _IDENTIFIED.sub(rf"\1{MASK}", text)
    text = _CALL.sub(rf"\1{MASK}", text)
    text = _ELEMENT.sub(rf"\1{MASK}", text)
    text = _JWT.sub(MASK, text)
    text = _TOKEN.sub(MASK, text)
    text = _KEY_BLOCK.sub(rf"\1{MASK}", text)
    text = _LONG_OPTION.sub(rf"\1{MASK}", text)
    text = _QUOTED_PAIR.sub(rf"\1\2{MASK}", text)
    return _PAIR.sub(rf"\1{MASK}", text)


def redact_long(text: str) -> str:
    """Returns a text of any length with credentials masked, part by part: on one of ten thousands of characters without
    a line end the patterns could take many seconds. Of a longer line without a comma only the beginning is kept.
    """
    text = _KEY_BLOCK.sub(rf"\1{MASK}", text)  # it has many lines
    parts: list[str] = []
    for line in text.split("\n"):
        if parts and len(parts[-1]) + len(line) < _PART:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return "\n".join("".join(map(redact, _pieces(part))) for part in parts)


def _pieces(line: str) -> Iterator[str]:
    """Gives a line in pieces that end with a comma: a secret and its name stand in one of them."""
    while len(line) > _PART:
        end = line.rfind(",", 0, _PART) + 1
        if not end:
            yield f"{line[:_PART]}{_CUT}"
            line = line[line.find(",", _PART) :] if "," in line[_PART:] else ""
            continue
        yield line[:end]
        line = line[end:]
    yield line


def _without_password(match: re.Match[str]) -> str:
    scheme, user, rest = match["scheme"], match["user"], match["rest"]
    if rest:
        return f"{scheme}://{user}:{MASK}@"
    # What stands alone before the @ of a web address is an access token; of ssh or sftp it is a user's name.
    return f"{scheme}://{MASK}@" if scheme.casefold() in {"http", "https"} else match[0]
