"""Goes through the words of a command line, and masks each word that is a secret or contains one.

A word that contains blanks may be a command itself (`bash -c '…'`, `ssh host '…'`, `lftp -e '…'`), and is treated like
one.
"""

import re
from collections.abc import Sequence
from typing import Final, Literal

from jobreport.runner.command_lines.found_secrets import Secrets
from jobreport.runner.command_lines.script_pieces import Piece, commands, pieces
from jobreport.runner.command_lines.secret_names import (
    BY_PLACE,
    GUESSES,
    NONE,
    ORACLE,
    SHELLS,
    SNAPSHOTS,
    STARTERS,
    WORDS,
    ShortOptions,
    is_secret,
    is_tool,
    short_options,
    tells_a_place,
)
from jobreport.runner.redact import redact

_DEPTH: Final = 4  # scripts within scripts
_SHORTEST_TOKEN: Final = 14
_LONGEST: Final = 4_000
_REMEMBERED: Final = 3  # words
# What a secret within a word is told by; most words are plain names and paths, and there may be a hundred thousand.
_SPECIAL: Final = re.compile(r"[\s=:@%'\"\\?&;<>{}(),|`$]")
_ENDING: Final = re.compile(r"\.(exe|cmd|bat|com)$")
_Next = Literal["", "secret", "guess", "user"]
"""What the next word is: one as any, a secret, what may be one of a program that is not known, a user's name."""
_NAMED: Final = re.compile(
    r"(?P<name>[A-Za-z_][\w.\[\]-]{0,80})(?P<joint>\s*=\s*|:(?!//|\\)\s*)(?P<value>.+)", re.DOTALL
)
_OPTION: Final = re.compile(r"(?P<name>(?:--?|/)[A-Za-z][\w.-]*)(?P<joint>[=:])(?P<value>.*)", re.DOTALL)
# A pair goes on to what begins the next, or to the end.
_FIELD: Final = re.compile(
    r"(?<=[\s;,&?{(])(?P<name>[\w.-]{1,80})\s?=\s?"
    r"(?P<value>'[^']*'|\"[^\"]*\"|.+?(?=[;,&\s]\s?[\w.-]{1,80}\s?=|[)}]|$))",
    re.DOTALL,
)
_MEMBER: Final = re.compile(r"\"(?P<name>[^\"]{1,80})\"\s*:\s*\"(?P<value>(?:\\.|[^\"\\])*)\"")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]{0,30}://[^\s/:@]*:(?P<secret>.*)@", re.IGNORECASE | re.DOTALL)
_AT_HOST: Final = re.compile(r"^[\w.-]{1,64}:(?P<secret>[^\s/@]+)@[\w(\[]")
_DATABASE: Final = re.compile(r"^[\"'\\]*[\w.$#-]{1,30}/(?P<secret>[^/@\s]+)@(?!sha256:)[\w.:/-]*")
_ORACLE: Final = re.compile(r"^[\"'\\]*[\w.$#-]{1,30}/(?P<secret>[^/\s].*?)(?:@[\w.:/-]*)?$")
_USER: Final = re.compile(r"(?P<begin>[^:%,]*[:%,])(?P<secret>.+)", re.DOTALL)
_TAKES_SCRIPT: Final = re.compile(r"-\w*c|/[ck]|-command", re.IGNORECASE)
_WORD: Final = re.compile(r"-[A-Za-z][a-z-]+")
_PRINTS: Final = re.compile(r"[$<]\((?:echo|printf)")
_USER_OPTIONS: Final = frozenset({"--user", "--proxy-user", "--username", "--login", "-user", "--cert", "--proxy-cert"})


class Command:
    """Goes through one command: each word is masked according to the words before it.

    `options` are those of the program whose arguments follow; None if the program itself comes first.
    """

    def __init__(self, secrets: Secrets, options: ShortOptions | None, depth: int = 0) -> None:
        self._secrets = secrets
        self._depth = depth
        self._options = NONE if options is None else options
        self._awaits_program = options is None
        self._wrapped = self._guesses = self._is_oracle = False
        self._program = self._last = ""
        self._said: list[str] = []
        self._places: list[tuple[tuple[str, ...], int]] = []
        self._kept: int | None = None
        self._next: _Next = ""
        self._next_of = ""

    @property
    def prints(self) -> bool:
        """Whether the command only prints its words."""
        return self._program in {"echo", "printf"}

    def meets(self, between: str) -> None:
        """Takes note of the text between two words of a script: after `<<<`, the next word is a secret."""
        if "<<<" in between:
            self._next, self._next_of = "secret", ""

    def word(self, word: str) -> str:
        """Returns `word`, masked. A very long word is cut to its beginning."""
        if len(word) > _LONGEST:
            word = f"{word[:_LONGEST]}…"
        last, self._last = self._last, word
        if _PRINTS.search(last):  # `--password-file=<(echo PASSWORD)`
            return self._secrets.hide(word)
        awaited, self._next = self._next, ""
        if awaited and word in {"=", ":"}:
            self._next = awaited
            return word
        if awaited and not self._is_another_option(awaited, word):
            return self._awaited(awaited, word)
        if word == "--":
            self._awaits_program = True
            return word
        if re.match(r"-.|/[A-Za-z]\w+[:=]", word) or word.lower() in self._options.secret:
            return self._option(word)
        if not re.match(r"[A-Za-z_]\w*=", word):
            self._sees(word)
            is_value = self._program == "smbclient" and last.startswith("-")
            if self._is_by_place() and not is_value and not word.startswith(("\\", "/")):
                return self._secrets.hide(word)
        if self._depth < _DEPTH and self._program in SHELLS and _TAKES_SCRIPT.fullmatch(last):
            return self.script(word)
        return self.value(word)

    def _is_another_option(self, awaited: str, word: str) -> bool:
        """Returns whether this word is an option and not the awaited value. A password hardly
        begins with two dashes.
        """
        return word.startswith("--") or (word.startswith("-") and (awaited != "secret" or len(word) == 2))

    def _awaited(self, awaited: str, word: str) -> str:
        if awaited == "user":
            return self._user(word)
        if awaited == "guess":
            return self._secrets.guess(word)
        return self.value(word) if tells_a_place(self._next_of, word) else self._secrets.hide(word)

    def _sees(self, word: str) -> None:
        """Takes note of a word that is not an option: a program, or a word before a secret."""
        lower = word.lower()
        if self._awaits_program:
            name = _ENDING.sub("", re.split(r"[/\\]", lower)[-1])
            if name in STARTERS:
                self._wrapped = True
                return
            self._awaits_program = False
            found = short_options(name)
            self._options, self._guesses = found or NONE, found is None
            self._runs(name)
        elif self._wrapped and is_tool(lower):  # what was taken for the program was a value of the wrapper's
            self._options, self._guesses, self._wrapped = NONE, False, False
            self._runs(lower)
        elif (found := short_options(lower)) is not None and found is not NONE:
            self._options = ShortOptions(self._options.secret | found.secret, self._options.user | found.user)
            self._runs(lower)
        else:
            self._said = [*self._said[-_REMEMBERED:], lower]
        if lower in WORDS or self._said[-2:] == ["identified", "by"]:
            self._next, self._next_of = "secret", ""
        if lower in {"login", "connect"}:
            self._options = ShortOptions(self._options.secret | {"-p"}, self._options.user | {"-u"})

    def _is_by_place(self) -> bool:
        """Returns whether the program takes this word, the last one, as a secret because of its position."""
        if self._kept is not None:
            self._kept -= 1
            return self._kept < 0
        for words, kept in self._places:
            if tuple(self._said[len(self._said) - len(words) :]) == words:
                self._kept = kept
        return False

    def _runs(self, program: str) -> None:
        self._program, self._said, self._kept = program, [], None
        self._is_oracle = ORACLE.fullmatch(program) is not None
        self._places = [(words, kept) for pattern, words, kept in BY_PLACE if pattern.fullmatch(program)]

    def _option(self, word: str) -> str:
        """Returns an option, masked, with its value if the two are joined."""
        joined = not word.startswith("--") and word[:2] in self._options.secret and len(word) > 2
        likely = self._guesses and not word.startswith("--") and not re.match(r"-[A-Za-z-]+[=:]", word)
        if not joined and not likely and (match := _OPTION.fullmatch(word)):
            name, joint, value = match["name"], match["joint"], match["value"]
            if value and is_secret(name) and not tells_a_place(name, value):
                return f"{name}{joint}{self._secrets.hide(value)}"
            if name in _USER_OPTIONS:
                return f"{name}{joint}{self._user(value)}"
            if joint == "=" and name.startswith("-") and len(name) > 2:
                return f"{name}={self.value(value)}"
        self._next_of = word
        if word.lower() in self._options.secret if len(word) > 2 else word in self._options.secret:
            self._next = "secret"
        elif word in self._options.user or word in _USER_OPTIONS:
            self._next = "user"
        elif (
            not joined
            and is_secret(word)
            and not re.search(r"\s", word)
            and (word.startswith("--") or not likely or _WORD.fullmatch(word))
        ):
            self._next = "secret"
        elif self._guesses and len(word) == 2 and GUESSES.fullmatch(word):
            self._next = "guess"
        else:
            return self._attached(word)
        return word

    def _attached(self, word: str) -> str:
        """Returns a short option that is joined to its value, such as `-psecret`, masked; and any other word."""
        for option in self._options.secret:
            if word.startswith(option) and len(word) > len(option):
                return f"{option}{self._secrets.hide(word[len(option) :])}"
        for option in self._options.user:
            if word.startswith(option) and len(word) > len(option):
                return f"{option}{self._user(word[len(option) :])}"
        if self._guesses and (match := GUESSES.fullmatch(word)) and match["value"]:
            return f"{word[:2]}{self._secrets.guess(match['value'])}"
        return self.value(word)

    def _user(self, value: str) -> str:
        """Masks the secret in `user:secret`, `user%secret` or `user,secret`. Two numbers such as 1000:1000 contain
        none.
        """
        if "://" in value:
            return self.value(value)
        match = _USER.fullmatch(value)
        if match is None:
            # A token alone, as `curl -u TOKEN:` gives it, leaves nothing behind the colon.
            return self._secrets.hide(value) if value.endswith(":") and len(value) > 1 else self.value(value)
        return value if re.fullmatch(r"\d+:\d+", value) else f"{match['begin']}{self._secrets.hide(match['secret'])}"

    def value(self, word: str) -> str:
        """Masks a word that is not an option, or the value of an option."""
        if not _SPECIAL.search(word) and not self._is_oracle:
            return redact(word) if len(word) >= _SHORTEST_TOKEN and "/" not in word else word
        begin = ""
        while match := _NAMED.fullmatch(word):
            name, joint, value = match["name"], match["joint"], match["value"]
            if is_secret(name) and not tells_a_place(name, value):
                return f"{begin}{name}{joint}{self._secrets.hide(value)}"
            if "=" not in joint:
                break
            if f"--{name}" in _USER_OPTIONS:
                return f"{begin}{name}{joint}{self._user(value)}"
            begin, word = f"{begin}{name}=", value
        word = _FIELD.sub(self._field, _MEMBER.sub(self._field, word))
        for pattern in self._patterns():
            if match := pattern.search(word):
                start, end = match.span("secret")
                word = word[:start] + self._secrets.hide(word[start:end]) + word[end:]
        if re.search(r"\s", word) and self._depth < _DEPTH:
            return begin + self.script(word)
        return begin + redact(word)

    def _field(self, match: re.Match[str]) -> str:
        """Masks the value of a name-value pair in a connection string, in JSON or the like."""
        if not match["value"] or not is_secret(match["name"]) or tells_a_place(match["name"], match["value"]):
            return match[0]
        return match[0].replace(match["value"], self._secrets.hide(match["value"]))

    def _patterns(self) -> list[re.Pattern[str]]:
        """Returns the patterns of words that contain a secret."""
        if self._is_oracle:
            return [_ORACLE]
        if self._program in SNAPSHOTS or is_tool(self._program) or not self._program:
            return [_URL, _AT_HOST]
        return [_URL, _AT_HOST, _DATABASE]

    def script(self, text: str) -> str:
        """Masks a word that contains blanks: first as the commands of a shell script, then once more as text."""
        done: list[str] = []
        substitutes = False
        for command, operator in commands(pieces(text)):
            # echo PASSWORD | program, --password-file=<(echo PASSWORD), PASSWORD=$(echo PASSWORD)
            done += self._simple(command, shown=not (operator.startswith(("|", "`")) or substitutes))
            done.append(operator)
            substitutes = operator.endswith("(") and command != [] and command[-1].raw.endswith(("<", "$"))
        return redact(self._assignments("".join(done)))

    def _assignments(self, text: str) -> str:
        """Masks what a script gives to a variable that it hands on as a secret: `P=…; mysqldump -p$P`."""
        variables = (re.fullmatch(r"\$\{?([A-Za-z_]\w*)\}?", secret) for secret in sorted(self._secrets.found))
        for name in [match[1] for match in variables if match]:
            given = re.compile(rf"(?<![\w$]){name}=(?P<quote>['\"]?)(?P<secret>(?<=['\"])[^'\"]+|[^\s;&|'\"]+)")
            text = given.sub(
                lambda found: f"{found[0][: -len(found['secret'])]}{self._secrets.hide(found['secret'])}", text
            )
        return text

    def _simple(self, command: Sequence[Piece], *, shown: bool) -> list[str]:
        inner = Command(self._secrets, None, self._depth + 1)
        result: list[str] = []
        for piece in command:
            if not piece.is_word:
                inner.meets(piece.raw)
                result.append(piece.raw)
                continue
            printed = inner.prints and not shown
            masked = self._secrets.hide(piece.value) if printed else inner.word(piece.value)
            result.append(piece.raw if masked == piece.value else piece.quoted(masked))
        return result
