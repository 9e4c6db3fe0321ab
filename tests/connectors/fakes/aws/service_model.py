"""Holds requests and answers against the service model of AWS Backup that its SDK has: names, types, words, errors."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.session import get_session

COMMON_ERRORS: Final = frozenset(
    {
        *("AccessDeniedException", "ExpiredTokenException", "IncompleteSignature", "InternalFailure"),
        *("InvalidSignatureException", "ThrottlingException", "UnrecognizedClientException"),
    }
)
"""Errors that any call of AWS may have; the model of a service does not repeat them."""
_TYPES: Final = {
    "string": str,
    "timestamp": (int, float),
    "integer": int,
    "long": int,
    "boolean": bool,
    "double": (int, float),
}


@cache
def service() -> ServiceModel:
    """The model of AWS Backup."""
    return get_session().get_service_model("backup")


@cache
def operation(call: str) -> OperationModel:
    """The model of a call."""
    return service().operation_model(call)


def wrong_query(call: str, query: dict[str, str]) -> list[str]:
    """What is in a query that the call does not have."""
    known = {shape.serialization.get("name") for shape in operation(call).input_shape.members.values()}
    return [f"{call} has no parameter {name}" for name in query if name not in known]


def wrong_answer(call: str, answer: Any) -> list[str]:
    """What of an answer the model does not have."""
    return [f"{call}: {fault}" for fault in _faults(operation(call).output_shape, answer, "answer")]


def wrong_error(call: str, code: str) -> list[str]:
    """Whether a call has no such error."""
    known = {shape.name for shape in operation(call).error_shapes} | COMMON_ERRORS
    return [] if code in known else [f"{call} has no error {code}"]


def _faults(shape: Shape, value: Any, where: str) -> Iterator[str]:
    match shape:
        case StructureShape():
            if not isinstance(value, dict):
                yield f"{where} is no structure"
                return
            names = {member.serialization.get("name", name): member for name, member in shape.members.items()}
            yield from (f"{where} has no member {name}" for name in value if name not in names)
            yield from (f"{where} lacks {name}" for name in shape.required_members if name not in value)
            for name, one in value.items():
                if name in names:
                    yield from _faults(names[name], one, f"{where}.{name}")
        case ListShape():
            if not isinstance(value, list):
                yield f"{where} is no list"
                return
            for one in value:
                yield from _faults(shape.member, one, f"{where}[]")
        case MapShape():
            for name, one in value.items():
                yield from _faults(shape.key, name, f"{where}.{name}")
                yield from _faults(shape.value, one, f"{where}.{name}")
        case _:
            if not isinstance(value, _TYPES[shape.type_name]) or (shape.type_name != "boolean" and value is True):
                yield f"{where} is {value!r}, and no {shape.type_name}"
            elif shape.type_name == "string" and getattr(shape, "enum", None) and value not in shape.enum:
                yield f"{where} is {value!r}, and one of {shape.enum}"
