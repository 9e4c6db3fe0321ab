"""Reads lists, single records and permissions from Azure through one of its SDKs."""

import fnmatch
import logging
import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
from azure.core import AzureClouds
from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import RetryPolicy
from azure.core.rest import HttpRequest
from azure.identity import DefaultAzureCredential
from azure.mgmt.core.tools import get_arm_endpoints

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.kinds.azure.answers import Answer
from jobreport.connectors.kinds.azure.guard import Guard
from jobreport.connectors.kinds.azure.rights import PERMISSIONS
from jobreport.connectors.kinds.azure.settings import AzureSettings
from jobreport.connectors.kinds.azure.words import AbsentError, refused
from jobreport.connectors.paging import Answer as PageOf
from jobreport.connectors.paging import walk

T = TypeVar("T")
_CLOUDS: Final = {
    "public": AzureClouds.AZURE_PUBLIC_CLOUD,
    "us-government": AzureClouds.AZURE_US_GOVERNMENT,
    "china": AzureClouds.AZURE_CHINA_CLOUD,
}
_SIGN_IN: Final = {
    "public": None,  # or as AZURE_AUTHORITY_HOST says
    "us-government": "login.microsoftonline.us",
    "china": "login.chinacloudapi.cn",
}
_CONNECT_SECONDS: Final = 20
_READ_SECONDS: Final = 120
_LONGEST_PAUSE: Final = 60
"""The most seconds that the SDK waits by itself before it tries again."""
LONGEST_WANTED: Final = 300
"""The most seconds that it waits if Azure asks for them (Retry-After). The next look at the stream is sooner than that.
"""
_PERMISSIONS_VERSION: Final = "2022-04-01"


class _Patience(RetryPolicy[Any, Any]):
    """Tries again after the pause that Azure asks for, unless that is longer than any list may be held up by one."""

    def increment(self, settings: dict[str, Any], response: Any = None, error: Exception | None = None) -> bool:
        """Returns whether to try again."""
        if isinstance(response, PipelineResponse):
            try:
                wanted = self.get_retry_after(response) or 0.0
            except (ValueError, TypeError):  # it is neither a number nor a time
                wanted = math.inf
            if not wanted <= LONGEST_WANTED:
                return False
        return super().increment(settings, response, error)


class Listed(msgspec.Struct, frozen=True):
    """A page of a list: its records as they came, and Azure's own time (ticks; 0: it does not tell it)."""

    items: Sequence[msgspec.Raw]
    clock: int


class Azure:
    """One subscription, and who signed in there."""

    def __init__(self, settings: AzureSettings, credential: Any, stack: ExitStack) -> None:
        self.subscription = settings.subscription
        cloud = _CLOUDS[settings.cloud]
        endpoint = settings.endpoint.rstrip("/") or get_arm_endpoints(cloud)["resource_manager"]
        self._credential, self._stack = credential, stack
        self._each: Mapping[str, Any] = {"enforce_https": False} if settings.plain else {}
        self._common = {
            "base_url": endpoint,
            "cloud_setting": cloud,
            "per_retry_policies": [Guard(endpoint)],
            "connection_timeout": _CONNECT_SECONDS,
            "read_timeout": _READ_SECONDS,
            "retry_policy": _Patience(retry_backoff_max=_LONGEST_PAUSE),
            "user_agent": "jobreport",
        }

    def client(self, kind: Callable[..., Any]) -> Any:
        """Returns a client of one of the SDKs, which is closed at the end."""
        return self._stack.enter_context(kind(self._credential, self.subscription, **self._common))

    def pages(self, call: Callable[..., Any], action: str, where: str) -> Iterator[Listed]:
        """Gives each page of a list that `call` asks for by keywords. Raises CannotReadError.

        `action` is the right that it needs, `where` what is listed, for people.
        """
        clock = 0

        def ask(link: Hashable | None) -> PageOf[msgspec.Raw]:
            nonlocal clock
            answer = Answer(where)
            listed = call(raw_response_hook=answer, **self._each).by_page(link)
            self._again(lambda: [*next(listed)], action, where)
            clock = answer.clock
            return PageOf(answer.items, listed.continuation_token)

        for items in walk(ask, where):
            yield Listed(items, clock)

    def one(self, call: Callable[..., Any], action: str, where: str) -> bytes | None:
        """Returns the record that `call` asks for; None if it is not there. Raises CannotReadError."""
        answer = Answer(where, whole=True)
        try:
            self._again(lambda: call(raw_response_hook=answer, **self._each), action, where)
        except AbsentError:
            return None
        return answer.body

    def held(self, client: Any, scope: str, actions: Sequence[str]) -> dict[str, bool | None]:
        """Returns which of these rights are held at a scope, such as an ARM ID; None: that cannot be asked."""
        try:
            permissions = [*self._permissions(client, scope)]
        except CannotReadError:
            return dict.fromkeys(actions)
        return {action: any(_grants(one, action) for one in permissions) for action in actions}

    def _permissions(self, client: Any, scope: str) -> Iterator[dict[str, Any]]:
        first = f"{scope}/providers/Microsoft.Authorization/permissions?api-version={_PERMISSIONS_VERSION}"

        def ask(link: Hashable | None) -> PageOf[msgspec.Raw]:
            answer = Answer(scope)

            def send() -> str | None:
                request = HttpRequest("GET", str(link or first))
                sent = client.send_request(request, raw_response_hook=answer, **self._each)
                sent.raise_for_status()
                return sent.json()["nextLink"] or None

            following = self._again(send, PERMISSIONS.name, scope)
            return PageOf(answer.items, following)

        for items in walk(ask, scope):
            yield from (msgspec.json.decode(item) for item in items)

    def _again(self, ask: Callable[[], T], action: str, where: str) -> T:
        """Asks; once more if the token is not accepted, since it may have ended meanwhile, whatever our clock says.

        Raises CannotReadError.
        """
        try:
            return ask()
        except AzureError as error:
            if getattr(error, "status_code", None) != HTTPStatus.UNAUTHORIZED:
                raise refused(error, action, where) from None
        try:
            return ask()
        except AzureError as error:
            raise refused(error, action, where) from None


@contextmanager
def opened(settings: AzureSettings) -> Iterator[Azure]:
    """Signs in when it is first asked, by the environment, a workload's or a managed identity, or the Azure CLI."""
    # The SDKs log each request, and each way to sign in that is not there. What is wrong is told in our own words.
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        credential = stack.enter_context(DefaultAzureCredential(authority=_SIGN_IN[settings.cloud]))
        yield Azure(settings, credential, stack)


def _grants(permission: dict[str, Any], action: str) -> bool:
    return _matches(permission.get("actions"), action) and not _matches(permission.get("notActions"), action)


def _matches(patterns: Any, action: str) -> bool:
    every = patterns if isinstance(patterns, list) else []
    return any(fnmatch.fnmatchcase(action.casefold(), str(one).casefold()) for one in every)
