"""Turns refusals of Azure into messages that name the missing right. They quote no part of a request or an answer."""

import re
from http import HTTPStatus
from typing import Final

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)

from jobreport.connectors.base import CannotReadError

_CODE: Final = re.compile(r"AADSTS\d{3,9}")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,60}")


class AbsentError(CannotReadError):
    """Raised if what is asked for is not there."""


def refused(error: AzureError, action: str, where: str) -> CannotReadError:
    """Returns what to say of an error. `action` is the right that the request needs, `where` what it is about."""
    if isinstance(error, HttpResponseError) and error.status_code == HTTPStatus.NOT_FOUND:
        return AbsentError(f"{where} is not there")
    return CannotReadError(_words(error, action, where))


def _words(error: AzureError, action: str, where: str) -> str:
    if isinstance(error, HttpResponseError) and error.status_code is not None:
        return _of_answer(error, error.status_code, action, where)
    if isinstance(error, ClientAuthenticationError):
        code = _CODE.search(str(error))
        return (
            f"signing in to Azure failed{f' ({code[0]})' if code else ''}: set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
            "AZURE_CLIENT_SECRET, or use another way of DefaultAzureCredential, such as a managed identity; if these "
            "are set, Azure does not take them, or cannot be reached to ask"
        )
    if isinstance(error, DecodeError):
        return f"Azure's answer about {where} is not JSON"
    if isinstance(error, ServiceRequestError):
        return f"Azure cannot be reached ({type(error).__name__})"
    if isinstance(error, ServiceResponseError | IncompleteReadError):
        return f"Azure broke off its answer about {where} ({type(error).__name__})"
    return f"Azure could not be asked about {where} ({type(error).__name__})"


def _of_answer(error: HttpResponseError, status: int, action: str, where: str) -> str:
    if status == HTTPStatus.FORBIDDEN:
        return f"access denied for {action} in {where}"
    if status == HTTPStatus.UNAUTHORIZED:
        return f"Azure does not accept who signed in, for {action} in {where}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return f"Azure is asked too often, and still wants a pause for {action} in {where}"
    code = getattr(error.error, "code", None)
    named = f" ({code})" if isinstance(code, str) and _WORD.fullmatch(code) else ""
    return f"Azure answers {status}{named} to {action} in {where}"
