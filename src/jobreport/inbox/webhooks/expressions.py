"""Expressions that find a value in a document: JMESPath, with a few functions of ours that mappings need beside it.

Its standard functions stay as they are. An expression is checked as far as it can be when it is read, not when the
first delivery comes.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from jobreport.inbox.patterns import SECONDS, Budget, Pattern, SlowError
from jobreport.inbox.report import UnreadableError

MAX_EXPRESSION: Final = 2_000
"""The characters of an expression."""
MOST_SECONDS: Final = 5.0
"""How long all expressions together may take at one delivery, in seconds of the processor's time."""
MOST_SEARCHED: Final = 10_000
"""The characters of a text in which a pattern is looked for."""


class ExpressionError(ValueError):
    """Raised if an expression cannot be, or finds something that it cannot work with. The message says what."""


def _until() -> float:
    return time.thread_time() + MOST_SECONDS


class Context(msgspec.Struct, frozen=True):
    """What expressions may use beside the part that they look at: the whole document, what came around it, and the
    time that they, and patterns in them, may take. It belongs to the thread that makes it.
    """

    root: Any
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    budget: Budget = msgspec.field(default_factory=Budget)
    until: float = msgspec.field(default_factory=_until)

    def check_time(self) -> None:
        """Raises UnreadableError if the expressions have taken too long: each part may look at the whole document, so
        a document of a few megabytes could else take hours.
        """
        if time.thread_time() > self.until:
            raise UnreadableError(f"the expressions take longer than {MOST_SECONDS:.0f} s at it")


def _parse_json(_: Context, text: str) -> Any:
    return msgspec.json.decode(text)


def _regex(context: Context, text: str, pattern: str) -> str | None:
    try:
        return Pattern(pattern).word(text[:MOST_SEARCHED], context.budget)
    except SlowError:
        raise ValueError(f"the patterns take longer than {SECONDS:.0f} s at it") from None


def _split(_: Context, text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator or None)]


def _calculates(work: Callable[[float, float], float | None]) -> Callable[[Context, Any, Any], float | None]:
    """Returns a function of two numbers, which may be texts."""
    return lambda _, one, other: work(float(one), float(other))


class Function(NamedTuple):
    """A function that JMESPath does not have. `takes` names its arguments; if the first is nothing, so is what it
    finds. `gives` tells people what that is.
    """

    work: Callable[..., Any]
    takes: tuple[str, ...]
    gives: str


_NUMBERS: Final = ("number", "other number")
FUNCTIONS: Final = {
    "root": Function(lambda context: context.root, (), "the whole document, where `each` looks at a part of it"),
    "header": Function(
        lambda context, name: context.headers.get(name.lower()), ("name",), "a header field of the request"
    ),
    "query": Function(lambda context, name: context.query.get(name), ("name",), "a parameter behind the address"),
    "parse_json": Function(_parse_json, ("text",), "the JSON that a text holds"),
    "regex": Function(
        _regex, ("text", "pattern"), "what a regular expression finds: its first group that has something, or all of it"
    ),
    "split": Function(_split, ("text", "separator"), "the parts of a text, without blanks around them"),
    "lower": Function(lambda _, text: text.lower(), ("text",), "the text in small letters"),
    "trim": Function(lambda _, text: text.strip(), ("text",), "the text without blanks around it"),
    "add": Function(_calculates(lambda a, b: a + b), _NUMBERS, "the sum"),
    "subtract": Function(_calculates(lambda a, b: a - b), _NUMBERS, "the difference"),
    "multiply": Function(_calculates(lambda a, b: a * b), _NUMBERS, "the product"),
    "divide": Function(_calculates(lambda a, b: a / b if b else None), _NUMBERS, "the quotient; by 0, nothing"),
}
"""The functions that JMESPath does not have."""


class _Functions(Functions):  # type: ignore[misc]  # the library tells no types
    """Those of JMESPath, and ours."""

    def __init__(self, context: Context) -> None:
        self.context = context


def _entry(function: Function) -> dict[str, Any]:
    """Returns a function as the library keeps it. Only texts and numbers are taken."""

    def call(functions: _Functions, *given: Any) -> Any:
        functions.context.check_time()
        return None if None in given[:1] else function.work(functions.context, *given)

    types = ["string", "number", "null"] if function.takes is _NUMBERS else ["string", "null"]
    return {"function": call, "signature": tuple({"types": types} for _ in function.takes)}


_Functions.FUNCTION_TABLE = Functions.FUNCTION_TABLE | {name: _entry(one) for name, one in FUNCTIONS.items()}


class Expression:
    """One expression."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_EXPRESSION:
            raise ExpressionError(f"is longer than {MAX_EXPRESSION:,} characters")
        self.text = text
        try:
            self._parsed = jmespath.compile(text)
        except JMESPathError as error:
            raise ExpressionError(f"is no JMESPath expression: {_words(error)}") from None
        for name, number in _calls(self._parsed.parsed):
            _check_call(name, number)

    def find(self, document: Any, context: Context) -> Any:
        """Returns what the expression finds; None if that is nothing. Raises ExpressionError, or UnreadableError if
        there is no time left.
        """
        context.check_time()
        options = jmespath.Options(custom_functions=_Functions(context))
        try:
            return self._parsed.search(document, options)
        except (JMESPathError, RecursionError, OverflowError, TypeError, ValueError) as error:
            raise ExpressionError(f"{self.text}: {_words(error)}") from None


def _calls(node: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Gives the name of each function that an expression calls, and the number of its arguments."""
    if node["type"] == "function_expression":
        yield node["value"], len(node["children"])
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _calls(child)


def _check_call(name: str, given: int) -> None:
    known: dict[str, Any] = _Functions.FUNCTION_TABLE
    if name not in known:
        raise ExpressionError(f"calls {name}(), which there is not; there are {', '.join(sorted(known))}")
    wanted = known[name]["signature"]
    if given < len(wanted) or (given > len(wanted) and not (wanted and wanted[-1].get("variadic"))):
        raise ExpressionError(f"gives {name}() {given} arguments; it takes {len(wanted)}")


def _words(error: Exception) -> str:
    """Returns the first line of what a library says."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")[:300]
