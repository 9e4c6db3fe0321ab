"""Text or arguments in, the same without passwords, keys and tokens out."""

import re
from collections.abc import Sequence
from typing import Final

MASK: Final = "***"

_WORD: Final = (
    r"(?:pass(?!ive|ed|es|ing|age)|passwd|password|passphrase|pwd|secret|token|credential|api-?_?key|access-?_?key"
    r"|account-?_?key|shared-?_?access|private-?_?key|encryption-?_?key|sse-c-key|source-key|cpk-by-value|signature|(?<![a-z])sig(?![a-z])"
    r"|(?<![a-z])sas(?![a-z]))"
)
_USER_INFO: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]{0,30})://(?P<user>[^\s/:@]*)(?P<rest>:\S*)?@", re.IGNORECASE
)
_QUERY: Final = re.compile(r"(://[^\s?'\"]+)\?[^\s'\"]+")
_SAS: Final = re.compile(r"(?<![\w%])(s[vigkpert]{1,5}=[^\s&'\"]*&[^\s'\"]+|sig=[^\s&'\"]+)", re.IGNORECASE)
_PAIR: Final = re.compile(
    rf"(?<![\w.-])([\w.-]*?{_WORD}[\w.-]*[\"']?\s*(?:=|:(?!//))\s*)(\"[^\"]*\"|'[^']*'|[^;\"'\n]{{1,200}}?(?=;)|[^\s;,&]+)",
    re.IGNORECASE,
)
_LONG_OPTION: Final = re.compile(rf"(?<!\S)(--?[\w-]*?{_WORD}[\w-]*\s+)(?!-)(\S+)", re.IGNORECASE)
_BEARER: Final = re.compile(r"\b((?:authorization:\s*)?(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_JWT: Final = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
_OPTION: Final = re.compile(rf"--?[\w.-]*?{_WORD}[\w.-]*", re.IGNORECASE)
# Short options by which common programs (mysqldump, 7z, zip, curl, sshpass, openssl) are given a password.
_SHORT_SECRET: Final = re.compile(r"-[pPkKu](?!ath|rint|eep)(.*)")
_WITH_VALUE: Final = re.compile(r"-[pPkKu]|-pass|-passin|-passout")
_TAKES_SHORT: Final = re.compile(r"(?<![\w-])(?:mysql|mariadb|7z|zip|unzip|curl|sshpass|openssl)")
_SHORT_IN_SCRIPT: Final = re.compile(r"(?<!\S)(-[pPkKu]\s*)(?!ath|rint|eep)([^\s-]\S*)")


def redact(text: str) -> str:
    """`text` with credentials masked: in URLs, query strings, connection strings, headers and options.

    It rather masks too much: a URL's whole query string goes, and what stands for a password need not be one.
    """
    text = _USER_INFO.sub(_without_password, text)
    text = _QUERY.sub(rf"\1?{MASK}", text)
    text = _SAS.sub(MASK, text)
    text = _BEARER.sub(rf"\1{MASK}", text)
    text = _JWT.sub(MASK, text)
    text = _LONG_OPTION.sub(rf"\1{MASK}", text)
    return _PAIR.sub(rf"\1{MASK}", text)


def redact_unknown(arguments: Sequence[str]) -> list[str]:
    """As `redact_arguments`, for a command of which nothing is known: `-psecret`, `-p secret` and `-u user:secret`
    are masked too, and a port or a path that looks the same is masked with them."""
    result: list[str] = []
    secret = False
    for given, argument in zip(arguments, redact_arguments(arguments), strict=True):
        if secret and not given.startswith("-"):
            result.append(MASK)
            secret = False
            continue
        secret = _WITH_VALUE.fullmatch(given) is not None
        if not secret and _SHORT_SECRET.fullmatch(given):
            argument = f"{given[:2]}{MASK}"
        elif _TAKES_SHORT.search(given):  # a script for a shell
            argument = _SHORT_IN_SCRIPT.sub(rf"\1{MASK}", argument)
        result.append(argument)
    return result


def redact_arguments(arguments: Sequence[str]) -> list[str]:
    """Each argument redacted, and the value that follows an option such as `--password` masked as a whole."""
    result: list[str] = []
    secret = False
    for argument in arguments:
        if secret and not argument.startswith("-"):
            result.append(MASK)
            secret = False
            continue
        name, joint, _ = argument.partition("=")
        named_secret = _OPTION.fullmatch(name) is not None
        result.append(f"{name}={MASK}" if named_secret and joint else redact(argument))
        secret = named_secret and not joint
    return result


def _without_password(match: re.Match[str]) -> str:
    scheme, user, rest = match["scheme"], match["user"], match["rest"]
    if rest:
        return f"{scheme}://{user}:{MASK}@"
    # What stands alone before the @ of a web address is an access token; of ssh or sftp it is a user's name.
    return f"{scheme}://{MASK}@" if scheme.casefold() in {"http", "https"} else match[0]
