"""Whether an answer is as Azure describes it, by the types that its SDKs are generated with from its own specification.

An answer of the fake that has a member or a value which the specification does not know is a mistake of the fake.
"""

import re
import sys
import types
import typing
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)")
_LENGTH = re.compile(r"-?P(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?|(?:\d+\.)?\d\d:\d\d:\d\d(?:\.\d+)?")
"""As the specification has it, and as the service sends it in lists."""


def faults(value: Any, kind: Any, path: str = "") -> list[str]:
    """Returns what of a JSON value is not as this type of an SDK says."""
    if value is None or kind is Any:
        return []
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return min((faults(value, one, path) for one in typing.get_args(kind) if one is not type(None)), key=len)
    if origin is list:
        (item,) = typing.get_args(kind)
        if not isinstance(value, list):
            return [f"{path}: no list"]
        return [fault for number, one in enumerate(value) for fault in faults(one, item, f"{path}[{number}]")]
    if origin is dict:
        _, item = typing.get_args(kind)
        return [fault for name, one in value.items() for fault in faults(one, item, f"{path}.{name}")]
    if origin is typing.Literal:
        return [] if value in typing.get_args(kind) else [f"{path}: {value!r}"]
    if hasattr(kind, "_get_discriminator"):
        return _of_model(value, kind, path)
    return [] if _is(value, kind) else [f"{path}: {value!r} is no {kind.__name__}"]


def _is(value: Any, kind: type) -> bool:
    if issubclass(kind, Enum):
        return value in [one.value for one in kind]
    if kind is datetime:
        return isinstance(value, str) and bool(_TIME.fullmatch(value))
    if kind is timedelta:
        return isinstance(value, str) and bool(_LENGTH.fullmatch(value))
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _of_model(value: Any, kind: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: no object"]
    for told, special in getattr(kind, "__mapping__", {}).items():
        if told in value.values():
            kind = special
    known = _members(kind)
    unknown = [f"{path}.{name}: unknown" for name in value if name not in known]
    return unknown + [
        fault for name, one in value.items() if name in known for fault in faults(one, known[name], f"{path}.{name}")
    ]


@cache
def _members(kind: Any) -> dict[str, Any]:
    """Returns the types of a model's members by their names on the wire."""
    package = sys.modules[kind.__module__.rpartition(".")[0]]
    hints: dict[str, Any] = {}
    for one in reversed(kind.__mro__):
        if one.__module__ == kind.__module__:
            names = {**vars(sys.modules[one.__module__]), "_models": package}
            hints |= typing.get_type_hints(one, globalns=names)
    fields = kind({})._attr_to_rest_field
    return {field._rest_name: hints[name] for name, field in fields.items()}
