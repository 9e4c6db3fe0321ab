"""Finds the simple commands of a shell script, so that the program that `sh -c` runs can be recognised.

It is not a shell: text that it cannot split is left as it is, and so are values that are computed only when the script
runs.
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
    """Returns every simple command of `script` as its words, without redirections and assignments. Those of a loop come
    twice, as they may run more than once. Returns none if the script cannot be split.
    """
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
    word_lists: list[list[str]] = []
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
            word_lists.append(current)
            current, target = [], False
    word_lists.append(current)
    loops = any(words[:1] and words[0] in _LOOPS for words in word_lists)
    simple = [command for command in map(_bare, word_lists) if command]
    return simple * 2 if loops else simple


def _bare(words: list[str]) -> list[str]:
    """Returns `words` without the keywords and assignments before a command's name."""
    while words and (words[0] in _LEADING or _ASSIGNMENT.match(words[0])):
        words = words[1:]
    return [] if not words or words[0] in _HEADS or words[0] in _CLOSING else words
