"""Checks what a table says against the type that a room declares for it, and says of the first fault where it is."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import inspect

from jobreport.configuration.lines import Path
from jobreport.contract.job_document import code
from jobreport.contract.spoken_times import seconds
from jobreport.model.spelling import meant

Span = Annotated[int, msgspec.Meta(extra={"form": "span"})]
"""A length of time, written such as "5m" or "1h30m", in seconds."""

_KINDS: Final = (
    (bool, "true or false"),
    (str, "a text in quotes"),
    (int, "a whole number"),
    (float, "a number"),
    (list, "a list in brackets"),
    (dict, "a table"),
)
_SHOWN: Final = 40


class Fault(Exception):  # noqa: N818 - it becomes a ConfigurationError, which knows the file
    """Raised for the first thing that is wrong: what it is, and what would be right. `line`: the key whose line is
    told; left out: its own.
    """

    def __init__(self, path: Path, message: str, line: Path | None = None) -> None:
        self.path, self.message = path, message
        self.line = path if line is None else line
        super().__init__(message)


def checked(value: Any, type_: Any, path: Path = ()) -> Any:
    """Returns what `value`, as the TOML parser gave it, is as a value of `type_`. Raises Fault.

    Types are texts, numbers, truth values, lists and tuples of one kind, dicts with names as keys, codes of the
    contract (by their names), literals, optional ones of these, `Span`, and Structs of all of them. A Struct may refuse
    values by a ValueError of its own, and say by `Meta(description=…)` what a text must be.
    """
    return _checked(value, inspect.type_info(type_), path, "")


def _checked(value: Any, kind: inspect.Type, path: Path, described: str) -> Any:
    match kind:
        case inspect.Metadata():
            if (kind.extra or {}).get("form") == "span":
                return _span(value, path)
            return _checked(value, kind.type, path, (kind.extra_json_schema or {}).get("description", ""))
        case inspect.StructType():
            return _struct(value, kind, path)
        case inspect.DictType():
            _must_be(dict, value, path)
            return {name: _checked(one, kind.value_type, (*path, name), "") for name, one in value.items()}
        case inspect.ListType() | inspect.VarTupleType():
            _must_be(list, value, path)
            every = [_checked(one, kind.item_type, (*path, number), "") for number, one in enumerate(value)]
            return tuple(every) if isinstance(kind, inspect.VarTupleType) else every
        case inspect.EnumType():
            return _code(value, kind.cls, path)
        case inspect.UnionType():
            return _any_of(value, kind, path)
        case inspect.LiteralType():
            if value not in kind.values or isinstance(value, bool):
                raise Fault(path, meant(str(value), map(str, kind.values), f"must be one of {_list(kind.values)}"))
            return value
    return _leaf(value, kind, path, described)


def _struct(value: Any, kind: inspect.StructType, path: Path) -> Any:
    _must_be(dict, value, path)
    fields = {field.encode_name: field for field in kind.fields}
    for name in value:
        if name not in fields:
            raise Fault((*path, name), f"is no key here: {meant(name, fields, f'there are {_list(fields)}')}")
    given = {fields[name].name: _checked(one, fields[name].type, (*path, name), "") for name, one in value.items()}
    for name, field in fields.items():
        if field.required and name not in value:
            raise Fault(path, f"{name} is missing")
    try:
        return kind.cls(**given)
    except ValueError as error:
        # A sentence that begins with a key is about that key, which has a line of its own.
        key = str(error).partition(" ")[0]
        raise Fault(path, str(error), (*path, key) if key in value else path) from None


def _any_of(value: Any, kind: inspect.UnionType, path: Path) -> Any:
    """Returns the value as one of several types. If it is none, the last of these that it resembles says why."""
    fault = Fault(path, "has no value of a kind that it may have")
    for one in kind.types:
        if isinstance(one, inspect.NoneType):
            continue  # TOML has no such value; the key is left out
        try:
            return _checked(value, one, path, "")
        except Fault as found:
            fault = found
    raise fault


def _code(value: Any, codes: Any, path: Path) -> Any:
    if not isinstance(value, str):
        raise Fault(path, f"must be a name in quotes, not {_kind(value)}")
    try:
        return code(codes, value)
    except ValueError as error:
        raise Fault(path, str(error)) from None


def _span(value: Any, path: Path) -> int:
    found = seconds(value) if isinstance(value, str) else None
    if found is None:
        raise Fault(path, 'must be a length of time in quotes, such as "5m" or "1h30m"')
    return found


def _leaf(value: Any, kind: inspect.Type, path: Path, described: str) -> Any:
    plain = {
        inspect.StrType: str,
        inspect.IntType: int,
        inspect.FloatType: float,
        inspect.BoolType: bool,
    }.get(type(kind))
    if plain is None:  # any value
        return value
    if plain is float and type(value) is int:
        value = float(value)
    _must_be(plain, value, path)
    limits = {name: getattr(kind, name, None) for name in ("ge", "le", "min_length", "max_length", "pattern")}
    meta = msgspec.Meta(**{name: one for name, one in limits.items() if one is not None})
    wanted: Any = Annotated[plain, meta]
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        shown = repr(value) if len(repr(value)) <= _SHOWN else f"one of {len(value)} characters"
        raise Fault(path, f"must be {described or _within(limits)}, not {shown}") from None


def _within(limits: Mapping[str, Any]) -> str:
    least, most = limits["ge"], limits["le"]
    if least is None and most is None:
        return f"of {limits['min_length'] or 0} to {limits['max_length'] or 'any number of'} characters"
    return " and ".join(
        words
        for words in (
            f"at least {least}" if least is not None else "",
            f"at most {most}" if most is not None else "",
        )
        if words
    )


def _must_be(kind: type, value: Any, path: Path) -> None:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Fault(path, f"must be {dict(_KINDS)[kind]}, not {_kind(value)}")


def _kind(value: object) -> str:
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "a time")


def _list(names: Any) -> str:
    return ", ".join(str(name) for name in names)
