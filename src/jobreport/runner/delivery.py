"""Delivers job reports to a server or a store, at once or as soon as it can be reached.

A report that is sent twice counts once, so a sender that is not sure whether one arrived sends it again.
"""

import random
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from jobreport.contract.parameters import TENANT, TENANT_HEADER
from jobreport.model.job import Job

if TYPE_CHECKING:
    import tenacity

    from jobreport.client import JobReportClient, JobReportError

_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 60.0
_FIRST_TENANT: Final = "default"
_REFUSED_FOR_GOOD: Final = frozenset({400, 403, 409, 413, 422})
_TENANT_PLACES: Final = frozenset({TENANT_HEADER, TENANT.name})
_OF_SETUP: Final = frozenset({400, 403})
"""Of these, what refuses any report unless it names a fault of this one: a permission that the app does not have, or a
proxy that was spoken to in the wrong way."""


class DeliveryError(Exception):
    """A report that was not delivered; the message is for people and holds no secret.

    DeliveryError
    ├── NotNowError      unreachable or busy: the same report may be taken later
    ├── SetupError       the address, the credentials or a permission must be put right first
    │   └── TenantRefusedError   the tenant must be
    └── RefusedError     this report will never be taken
    """


class NotNowError(DeliveryError):
    """Raised if the destination is unreachable or busy. `retry_after`: the seconds that it asked to wait, or None."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class SetupError(DeliveryError):
    """Raised if nothing can be delivered until somebody repairs the setup."""


class TenantRefusedError(SetupError):
    """Raised if the destination takes no report for this tenant, or wants one to be named."""


class RefusedError(DeliveryError):
    """Raised if the report itself breaks a rule, or if this sender may not write its job."""


class Sink(Protocol):
    """A destination of reports. `address` (without secrets; empty: not known), `tenant` and `client_id` say who
    receives them as whom, so that a report that waits in the spool is never delivered to another tenant or app.
    """

    @property
    def address(self) -> str: ...

    @property
    def tenant(self) -> str: ...

    @property
    def client_id(self) -> str: ...

    def send(self, job: Job) -> None:
        """Delivers one report. On return it is safely stored. May be repeated without harm.

        Raises NotNowError, SetupError, RefusedError. May be called from any thread.
        """

    def for_tenant(self, tenant: str) -> "Sink":
        """Returns the same destination for the reports of another tenant."""


class ServerSink:
    """A server, with one of its app registrations. A provider's app names the `tenant`.

    `connect` makes the client for a tenant (empty: none is named) at the first report, and again at the next report if
    it raised SetupError. So a slow file does not delay the backup, and a setting that is repaired meanwhile is used.
    `told` puts a server's refusal into words for the person who runs this.
    """

    def __init__(
        self,
        connect: "Callable[[str], JobReportClient]",
        *,
        url: str,
        client_id: str,
        tenant: str = "",
        told: "Callable[[JobReportError], str]" = str,
    ) -> None:
        self._connect, self._told = connect, told
        self._client: JobReportClient | None = None
        self._connecting = threading.Lock()
        self.address, self.client_id, self.tenant = shown(url), client_id, tenant

    def for_tenant(self, tenant: str) -> Sink:
        """Returns the same server and app for the reports of another tenant."""
        return ServerSink(self._connect, url=self.address, client_id=self.client_id, tenant=tenant, told=self._told)

    def send(self, job: Job) -> None:
        """Delivers one report, as `Sink.send` says."""
        # Here and not above: the backup starts before its libraries are loaded.
        from jobreport.client import JobReportError, RequestRefusedError, SignInRefusedError

        with self._connecting:
            client = self._client = self._client or self._connect(self.tenant)
        try:
            client.record([job])
        except (RequestRefusedError, SignInRefusedError) as error:
            of_tenant = any(fault.field in _TENANT_PLACES for fault in error.errors)
            if error.status in _REFUSED_FOR_GOOD and not of_tenant and (error.errors or error.status not in _OF_SETUP):
                raise RefusedError(self._told(error)) from None
            raise (TenantRefusedError if of_tenant else SetupError)(self._told(error)) from None
        except JobReportError as error:
            if error.temporary:
                raise NotNowError(str(error), getattr(error, "retry_after", None)) from None
            raise SetupError(str(error)) from None


class StoreSink:
    """A store on this machine or network, to which reports are written directly. It is opened at the first report."""

    client_id = ""

    def __init__(self, url: str, tenant: str) -> None:
        self._url = url
        self.address = shown(url)
        self.tenant = tenant
        self._send: Callable[[Job], object] | None = None
        self._opening = threading.Lock()

    def for_tenant(self, tenant: str) -> Sink:
        """Returns the same store for the reports of another tenant; where none is named, for those of the first one."""
        return StoreSink(self._url, tenant or _FIRST_TENANT)

    def send(self, job: Job) -> None:
        """Delivers one report, as `Sink.send` says."""
        from jobreport.store import FinalJobError, StoreError, UnusableStoreError

        try:
            with self._opening:
                self._send = self._send or self._open()
            self._send(job)
        except FinalJobError as error:
            raise RefusedError(str(error)) from None
        except UnusableStoreError as error:
            raise SetupError(str(error)) from None
        except (StoreError, OSError) as error:
            raise NotNowError(f"the store cannot be written now: {error}") from None

    def _open(self) -> Callable[[Job], object]:
        # Here and not above: a machine that reports to a server never loads the store.
        from jobreport.identity.tenants import TenantError, check_name, ensure
        from jobreport.store import open_store

        try:
            check_name(self.tenant)
        except TenantError as error:
            raise SetupError(f"{error}, unlike {self.tenant!r}") from None
        store = open_store(self._url, create=False, migrate=False)

        def send(job: Job) -> None:
            try:
                tenant = ensure(store, self.tenant)
            except TenantError as error:
                raise SetupError(str(error)) from None
            store.record(tenant.number, [job])

        return send


def store_sink(url: str, tenant: str) -> Sink:
    """Returns the sink of the store at `url` for `tenant`. The tenant is made if it does not exist."""
    return StoreSink(url, tenant)


def shown(url: str) -> str:
    """Returns `url` without user, password and query, so that it may be written to disk and shown to people."""
    # Greedy: a password may hold what ends a host, such as / or ?, where its writer did not encode it.
    bare = re.sub(r"^([\w+.-]+://)(?!/).*@", r"\1", url)
    return re.split(r"[?#]", bare)[0].rstrip("/")


def deliver(sink: Sink, job: Job, *, seconds: float, stop: threading.Event, on_wait: Callable[[str], None]) -> None:
    """Sends `job`. If that fails for a passing reason, tries again with growing pauses until `seconds` after the first
    try.

    `stop` ends the pauses and the tries. `on_wait` is called with each reason to wait. Raises the error of the last
    try.
    """
    import tenacity

    def pause(state: "tenacity.RetryCallState") -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = getattr(error, "retry_after", None) or 0.0
        growing = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(state.attempt_number - 1, 10))
        wait = max(asked, growing * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load, keeps no secret
        # The last pause ends with the time that is given, so that the last try is made then and not before.
        return max(0.01, min(wait, seconds - (state.seconds_since_start or 0.0)))

    def say(state: "tenacity.RetryCallState") -> None:
        on_wait(str(state.outcome.exception()) if state.outcome else "")

    tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(NotNowError),
        wait=pause,
        stop=tenacity.stop_any(tenacity.stop_after_delay(seconds), tenacity.stop_when_event_set(stop)),
        sleep=tenacity.sleep_using_event(stop),
        before_sleep=say,
        reraise=True,
    )(sink.send, job)
