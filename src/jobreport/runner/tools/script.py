"""The simple commands of a shell's script, so that what `sh -c` runs can be read as what it is.

It is no shell: what it cannot take apart it leaves alone, and what is computed only when the script runs stays as the
script has it.
"""

import re
import shlex
from typing import Final

_COMPUTED: Final = re.compile(r"\$\([^()]*\)|`[^`]*`|[<>]\([^()]*\)")
_OPERATOR: Final = re.compile(r"[();<>|&]+")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")
_LEADING: Final = frozenset({"if", "then", "else", "elif", "do", "!", "{", "time", "exec", "command", "builtin"})
_CLOSING: Final = frozenset({"fi", "done", "esac", "}"})
_HEADS: Final = frozenset({"for", "while", "until", "case", "select", "function"})
_LOOPS: Final = frozenset({"for", "while", "until"})
_LONGEST: Final = 20_000


def commands(script: str) -> list[list[str]]:
    """Every simple command of `script` as its words, without redirections and assignments, those of a loop twice, as
    they may run more than once; none if it is no script that can be taken apart."""
    if len(script) > _LONGEST:
        return []
    lexer = shlex.shlex(
        _COMPUTED.sub("$…", script).replace("\\\n", " ").replace("\n", " ; "), posix=True, punctuation_chars=True
    )
    lexer.whitespace_split = True
    try:
        tokens = list(lexer)
    except ValueError:  # a quote that is not closed
        return []
    found: list[list[str]] = []
    current: list[str] = []
    target = False
    for token in tokens:
        if _OPERATOR.fullmatch(token) is None:
            if not target:
                current.append(token)
            target = False
        elif "<" in token or ">" in token:
            if current and current[-1].isdecimal():
                current.pop()  # the 2 of `2> file`
            target = True
        else:
            found.append(current)
            current, target = [], False
    found.append(current)
    loops = any(words[:1] and words[0] in _LOOPS for words in found)
    simple = [command for command in map(_bare, found) if command]
    return simple * 2 if loops else simple


def _bare(words: list[str]) -> list[str]:
    """`words` without what stands before a command's name: keywords and assignments."""
    while words and (words[0] in _LEADING or _ASSIGNMENT.match(words[0])):
        words = words[1:]
    return [] if not words or words[0] in _HEADS or words[0] in _CLOSING else words
