"""Asks the API of a cluster, through Kubernetes' own client: it signs in, tries again, and says in words what is wrong.

The answers are taken as they came, since objects are kept as their cluster wrote them.
"""

import logging
from collections.abc import Callable
from os import pathsep
from os.path import exists, expanduser
from typing import Any, Final, Protocol

from jobreport import http_times
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.extra import needed
from jobreport.connectors.kinds.kubernetes.answers import Groups, Kinds, Listed, Review, read, token_of
from jobreport.connectors.kinds.kubernetes.table import Resource
from jobreport.runner.redact import redact

EXTRA: Final = "kubernetes"
PAGE: Final = 500
"""So many objects are asked for at once, as kubectl does."""
_TRIES: Final = 5
_LONGEST_WAIT: Final = 60
"""So many seconds it waits at most before it tries again, even if the cluster asks for more."""
_AGAIN: Final = (429, 500, 502, 503, 504)
_TIMEOUTS: Final = (10.0, 60.0)
"""To connect, and for each part of an answer, in seconds."""
_EXPIRED: Final = 410
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404


class AnsweredError(CannotReadError):
    """Raised if the cluster answers that it does not do what is asked."""


class AbsentError(AnsweredError):
    """Raised if there is nothing at this address, as where a kind of objects is not installed."""


class DeniedError(AnsweredError):
    """Raised if the right is missing."""


class ExpiredError(AnsweredError):
    """Raised if a list has become too old to go on with it. `token` goes on with what is there now; empty: there is
    none.
    """

    def __init__(self, message: str, token: str) -> None:
        self.token = token
        super().__init__(message)


class Answer(Protocol):
    """What the client's library gives for an answer."""

    data: bytes
    headers: Any


class _Complaints(logging.Filter):
    """What the client logs where it should raise: that the program which gives credentials failed, in the words of that
    program. It goes on without credentials then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.last = ""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.module != "kube_config":
            return True
        self.last = record.getMessage()
        return False


class Cluster:
    """A cluster, signed in to. `clock` is its own time at its last answer (ticks; 0: it did not say)."""

    def __init__(self, kubeconfig: str, context: str) -> None:
        with needed(EXTRA):
            import kubernetes
            import urllib3
        self._sdk, self._urllib3 = kubernetes, urllib3
        self._kubeconfig, self._context = kubeconfig, context
        self._complaints = _Complaints()
        logging.getLogger().addFilter(self._complaints)
        try:
            self._api = self._sign_in()
        except CannotReadError:
            logging.getLogger().removeFilter(self._complaints)
            raise
        self.clock = 0

    def close(self) -> None:
        """Closes its connections."""
        logging.getLogger().removeFilter(self._complaints)
        self._api.close()

    def kinds(self, group: str, version: str) -> set[str] | None:
        """Returns the kinds of objects of a group, by the names that lists of them have; None: it is not installed.

        Raises CannotReadError, also if it is installed in other versions.
        """
        try:
            body = self._ask(
                lambda api: self._sdk.client.CustomObjectsApi(api).get_api_resources,
                f"which kinds {group} has",
                group,
                version,
            )
        except AbsentError:
            if versions := self._versions(group):
                raise CannotReadError(
                    f"the cluster has {group} in {', '.join(versions)}, and {version} is read"
                ) from None
            return None
        return {str(one.get("name")) for one in read(body, Kinds).resources}

    def _versions(self, group: str) -> tuple[str, ...]:
        try:
            body = self._ask(lambda api: self._sdk.client.ApisApi(api).get_api_versions, "which groups it has")
        except AbsentError:
            return ()
        found = {one.name: one.versions for one in read(body, Groups).groups}
        return tuple(one["version"] for one in found.get(group, ()))

    def page(self, resource: Resource, namespace: str, token: str = "") -> Listed:
        """Returns a page of a list; the namespace is empty for those of all. Raises ExpiredError too."""
        where = f"list {resource} in {namespace or 'all namespaces'}"
        address = (resource.group, resource.version, *((namespace,) if namespace else ()), resource.plural)
        more = {"_continue": token} if token else {}

        def method(api: Any) -> Any:
            objects = self._sdk.client.CustomObjectsApi(api)
            return objects.list_namespaced_custom_object if namespace else objects.list_cluster_custom_object

        return read(self._ask(method, where, *address, limit=PAGE, **more), Listed)

    def has_namespace(self, name: str) -> bool:
        """Returns whether there is such a namespace; also if it may not be asked: whoever may list in one has it."""
        try:
            self._ask(lambda api: self._sdk.client.CoreV1Api(api).read_namespace, f"get namespaces {name}", name)
        except AbsentError:
            return False
        except DeniedError:
            return True
        return True

    def may(self, verb: str, group: str, plural: str, namespace: str) -> bool | None:
        """Returns whether we have a right; None: that may not be asked."""
        about = {"verb": verb, "group": group, "resource": plural, "namespace": namespace}
        review = {"spec": {"resourceAttributes": about}}

        def method(api: Any) -> Any:
            return self._sdk.client.AuthorizationV1Api(api).create_self_subject_access_review

        try:
            return read(self._ask(method, "which rights it has", review), Review).status.allowed
        except AnsweredError:
            return None

    def _sign_in(self) -> Any:
        configuration = self._sdk.client.Configuration()
        self._complaints.last = ""
        config = self._sdk.config
        files = self._kubeconfig.split(pathsep)
        if self._kubeconfig and not any(exists(expanduser(one)) for one in files):  # noqa: PTH110, PTH111 - as it does
            raise CannotReadError("cannot sign in to the cluster: the file that kubeconfig names is not there")
        try:
            if self._kubeconfig or self._context:
                config.load_kube_config(
                    self._kubeconfig or None, context=self._context or None, client_configuration=configuration
                )
            elif exists(expanduser(config.KUBE_CONFIG_DEFAULT_LOCATION)):  # noqa: PTH110, PTH111 - as the client does
                config.load_kube_config(client_configuration=configuration)
            else:
                config.load_incluster_config(configuration)
        except config.ConfigException as error:
            raise CannotReadError(f"cannot sign in to the cluster: {_first_line(error)}") from None
        except Exception as error:  # noqa: BLE001 - a parser's message may quote what the file has
            raise CannotReadError(f"cannot sign in to the cluster: {type(error).__name__} in its kubeconfig") from None
        if said := self._complaints.last:
            raise CannotReadError(f"cannot sign in to the cluster: {_first_line(said)}")
        configuration.retries = self._urllib3.Retry(
            total=_TRIES,
            connect=2,
            other=0,  # such as a certificate that is not trusted
            redirect=False,  # what we send is for this host alone
            backoff_factor=0.5,
            backoff_jitter=0.5,
            status_forcelist=_AGAIN,
            allowed_methods=("GET", "POST"),  # the only thing that we post is a question
            retry_after_max=_LONGEST_WAIT,
            raise_on_status=False,
            raise_on_redirect=False,
        )
        return self._sdk.client.ApiClient(configuration)

    def _ask(self, method: Callable[[Any], Any], what: str, *about: Any, **more: Any) -> bytes:
        """Returns the body of an answer. Credentials that are not taken are read once more: they may have been renewed.

        Raises CannotReadError, in words.
        """
        for again in (True, False):
            try:
                answer: Answer = method(self._api)(*about, _preload_content=False, _request_timeout=_TIMEOUTS, **more)
                body = answer.data
            except self._sdk.client.ApiException as error:
                if error.status == _UNAUTHORIZED and again:
                    self._api.close()
                    self._api = self._sign_in()
                    continue
                raise _in_words(error, what) from None
            except self._urllib3.exceptions.HTTPError as error:
                raise CannotReadError(f"{self._api.configuration.host} {self._why_silent(error)}") from None
            except (self._sdk.config.ConfigException, OSError) as error:  # as it reads a token again
                raise CannotReadError(f"cannot sign in to the cluster: {_first_line(error)}") from None
            self.clock = http_times.date(answer.headers.get("Date")) or self.clock
            return body
        raise AssertionError("the second time returns or raises")

    def _why_silent(self, error: Any) -> str:
        errors, reason = self._urllib3.exceptions, getattr(error, "reason", None) or error
        if isinstance(reason, errors.SSLError):
            return "has a certificate that is not trusted"
        late = isinstance(reason, errors.TimeoutError) and not isinstance(reason, errors.NewConnectionError)
        return "took too long" if late else "cannot be reached, or broke off"


def _in_words(error: Any, what: str) -> CannotReadError:
    status = int(error.status or 0)
    if status == _FORBIDDEN:
        return DeniedError(f"access denied for {what}")
    if status == _NOT_FOUND:
        return AbsentError(f"the cluster does not have what is asked for: {what}")
    if status == _UNAUTHORIZED:
        return CannotReadError("the cluster does not take the credentials")
    if status == _EXPIRED:
        return ExpiredError(f"{what}: the list is too old to go on with it", token_of(error.body))
    return AnsweredError(
        f"{what}: the cluster answered {status or 'nothing that is secure'} {error.reason or ''}".strip()
    )


def _first_line(said: Exception | str) -> str:
    return redact(next(iter(str(said).splitlines()), type(said).__name__))
