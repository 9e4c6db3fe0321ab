"""Assembles the OpenAPI 3.1 document from the URL table, the operations and their types, so that it cannot drift."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract import completeness
from jobreport.contract.code_schemas import CODE_SCHEMAS, REFERENCE
from jobreport.contract.query_language import Parameter
from jobreport.identity.apps.permissions import PERMISSIONS
from jobreport.server import tenancy
from jobreport.server.operation import Answer, Body, Operation, services
from jobreport.server.problem import Problem
from jobreport.threads import LONG, in_thread

URLTable = Iterable[tuple[str, str, Operation]]

_FAULTS: Final = {
    400: "The request breaks a documented rule.",
    401: "There is no token, or it is not good.",
    403: "The token lacks the permission, or the app may not ask for this tenant.",
    404: "There is no such thing.",
    409: "A finished job cannot become unfinished again.",
    413: "The body is too large.",
    415: "The body is of a kind that is not taken.",
    426: "HTTP/1.0 cannot tell a part of this answer from the whole; ask by HTTP/1.1 or newer.",
    429: "The app asks for more than it may at once; try again after `Retry-After` seconds.",
    503: "The store cannot answer now; try again after `Retry-After` seconds.",
}
_TENANT: Final = {
    "name": tenancy.HEADER,
    "in": "header",
    "required": False,
    "description": tenancy.DESCRIPTION,
    "schema": {"type": "string"},
}
_RENAMED: Final = {"JobState": "CommonStatus"}


def document(table: URLTable, *, version: str, server: str) -> dict[str, Any]:
    """Returns the OpenAPI document of every operation in `table`; `server` is the address that clients use."""
    table = list(table)
    types = [Problem, *_types(operation for _, _, operation in table)]
    _, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    # Codes come first, since some generators need a type before the types that use it.
    schemas = dict(CODE_SCHEMAS)
    schemas |= {name: _without_defaults(schema) for name, schema in components.items() if name not in _RENAMED}
    paths: dict[str, dict[str, Any]] = {}
    for method, path, operation in table:
        paths.setdefault(path.replace(":any}", "}"), {})[method.lower()] = _operation(operation)
    found: dict[str, Any] = _rename(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Jobreport",
                "version": version,
                "description": (
                    "Exact reports on every backup job. Compatible with the job-report API of "
                    "AvePoint Cloud Backup for IaaS + PaaS, with which this project is not affiliated."
                ),
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": server}],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {
                    "clientCredentials": {
                        "type": "oauth2",
                        "flows": {"clientCredentials": {"tokenUrl": f"{server}/connect/token", "scopes": PERMISSIONS}},
                    }
                },
            },
        }
    )
    return found


def when_asked(table: URLTable, *, version: str, server: str) -> Callable[[], bytes]:
    """Returns what gives the document as JSON.

    It is assembled when it is asked for first: that takes as long as half of all else that a server does at its start.
    """
    return cache(lambda: msgspec.json.encode(document(table, version=version, server=server)))


def _types(operations: Iterable[Operation]) -> Iterable[Any]:
    for operation in operations:
        yield operation.problem
        for answer in operation.answers.values():
            if answer.schema is not None and not isinstance(answer.schema, dict):
                yield answer.schema
        for schema in (operation.body.content if operation.body else {}).values():
            if not isinstance(schema, dict):
                yield schema


def _schema(source: Any) -> Any:
    """Returns the JSON Schema of a msgspec type, as a reference if the type has a name. A finished schema is returned
    as it is.
    """
    if isinstance(source, dict):
        return source
    (schema,), _ = msgspec.json.schema_components([source], ref_template=REFERENCE)
    return schema


def _without_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """Removes `default` from the fields of a schema, since generators assume that a field with a default is always
    present.

    What it means that a field is missing, the description of the field says.
    """
    fields = schema.get("properties", {})
    for field in fields.values():
        field.pop("default", None)
    return schema


def _operation(operation: Operation) -> dict[str, Any]:
    said = completeness.MEANING if operation.is_report else {}
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "responses": {str(status): _answer(answer, said) for status, answer in operation.answers.items()},
    }
    if operation.description:
        described["description"] = operation.description
    faults = set(operation.faults) | ({400, 401, 403, 429} if operation.needs else set())
    for status in sorted(faults):
        problem = Answer(_FAULTS[status], operation.problem, "application/problem+json")
        described["responses"][str(status)] = _answer(problem, {})
    # An empty list means that nobody has to sign in. If the member is missing, generators cannot know.
    described["security"] = [{"clientCredentials": [name]} for name in PERMISSIONS if name in operation.needs]
    if operation.body:
        described["requestBody"] = _body(operation.body)
    parameters = [
        {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in operation.path_parameters.items()
    ]
    parameters += [_parameter(parameter) for parameter in operation.query]
    if operation.needs:
        parameters.append(_TENANT)
    if parameters:
        described["parameters"] = parameters
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    several = {"type": "array", "maxItems": parameter.most, "items": parameter.schema}
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.meaning,
        "schema": several if parameter.several else parameter.schema,
    }


def _answer(answer: Answer, more: Mapping[str, str]) -> dict[str, Any]:
    described = {"request-id": "Names this request in the log.", **more, **answer.headers}
    headers = {name: {"description": text, "schema": {"type": "string"}} for name, text in described.items()}
    found: dict[str, Any] = {"description": answer.description, "headers": headers}
    if answer.schema is not None:
        schema = {"schema": _schema(answer.schema)}
        found["content"] = dict.fromkeys((answer.media_type, *answer.others), schema)
    return found


def _body(body: Body) -> dict[str, Any]:
    content = {media_type: {"schema": _schema(schema)} for media_type, schema in body.content.items()}
    return {"required": body.required, "content": content}


def _rename(node: Any) -> Any:
    """Returns the document with the contract's names of the types that it refers to."""
    if isinstance(node, Mapping):
        return {key: _rename(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_rename(value) for value in node]
    if isinstance(node, str) and node.startswith("#/components/schemas/"):
        name = node.rpartition("/")[2]
        return REFERENCE.format(name=_RENAMED.get(name, name))
    return node


async def show(request: Request) -> Response:
    """Answers with the document."""
    content = await in_thread(LONG, services(request).openapi)
    return Response(content, media_type="application/json")


OPENAPI: Final = Operation(
    handler=show,
    id="Docs_OpenAPI",
    tag="Documentation",
    summary="Gives this document.",
    compress=True,
    answers={200: Answer("The OpenAPI document.", dict[str, Any])},
)
