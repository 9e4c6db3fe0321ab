"""Asks the REST API of a backup server: in the newest revision that both sides know, signed in by user and password.

The revision is found without signing in, so that no password is tried twice: each try would count towards a lockout.
"""

import re
from collections.abc import Hashable, Iterator, Sequence
from datetime import UTC, timedelta, timezone, tzinfo
from http import HTTPStatus
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from jobreport.connectors import http_client
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.http_client import AbsentError, AnsweredError, Headers, HttpServer, UnauthorizedError
from jobreport.connectors.kinds.veeam.settings import VERSIONS, Settings
from jobreport.connectors.paging import Answer, walk

T = TypeVar("T")
WHO: Final = "the Veeam server"
PAGE: Final = 500
"""So many items are asked for at once."""
_AGAIN: Final = 4
"""A list that changes so many times while it is read is given up."""
_TASKS_SINCE: Final = "1.2-rev0"
"""The first revision that lists task sessions."""
_OFFSET: Final = re.compile(r"(?P<sign>[+-])(?P<hours>[01]\d|2[0-3]):(?P<minutes>[0-5]\d)$", re.ASCII)


class Listed(msgspec.Struct, frozen=True):
    """A page of a list: its records as they came, how many the whole list has, and the server's time (ticks)."""

    items: Sequence[msgspec.Raw]
    total: int
    clock: int


class _Pagination(msgspec.Struct):
    total: int


class _List(msgspec.Struct):
    data: list[msgspec.Raw]
    pagination: _Pagination


class _Token(msgspec.Struct):
    access_token: str


class _Time(msgspec.Struct, rename="camel"):
    server_time: str
    iana_time_zone_id: str | None = None


class Veeam:
    """A backup server. `zone` is its time zone, in which it writes times that bear none; known once it was asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = HttpServer(settings.url, WHO, ca_file=settings.ca_file, sign_in=self._sign_in)
        self._version = ""
        self.zone: tzinfo = UTC

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    @property
    def lists_tasks(self) -> bool:
        """Whether its revision of the API has task sessions. Known once it was asked."""
        return self._version not in VERSIONS[VERSIONS.index(_TASKS_SINCE) + 1 :]

    def pages(self, path: str, what: str, **criteria: Any) -> Iterator[Listed]:
        """Gives a list to its end. Where its total changes meanwhile, what stands where has shifted: it is read again,
        and items come once more. Raises CannotReadError.
        """
        for _ in range(_AGAIN):
            totals: set[int] = set()
            clock = 0

            def ask(skip: Hashable | None, totals: set[int] = totals) -> Answer[msgspec.Raw]:
                nonlocal clock
                begin = skip if isinstance(skip, int) else 0
                answered = self._http.get(path, what, skip=begin, limit=PAGE, **criteria)
                listed = _read(answered.body, _List, what)
                clock, total = answered.clock, listed.pagination.total
                totals.add(total)
                end = begin + len(listed.data)
                # Once it has changed, the rest of this reading is not worth its time.
                more = listed.data and end < total and len(totals) == 1
                return Answer(listed.data, end if more else None, None if len(totals) > 1 else total)

            for items in walk(ask, what):
                yield Listed(items, max(totals), clock)
            if len(totals) == 1:
                return
        raise CannotReadError(f"{what}: the list has changed each time it was read")

    def one(self, path: str, what: str) -> bytes | None:
        """Returns a record; None if it is not there. Raises CannotReadError."""
        try:
            return self._http.get(path, what).body
        except AbsentError:
            return None

    def may_ask(self, path: str, what: str) -> bool:
        """Returns whether a list may be read. Raises CannotReadError if that is not known."""
        try:
            self._http.get(path, what, limit=1)
        except (http_client.DeniedError, AbsentError):
            return False
        return True

    def _sign_in(self, server: HttpServer) -> Headers:
        password = http_client.secret("password_file", self._settings.password_file)
        if not self._version:
            self._version = self._agreed(server)
        version = {"x-api-version": self._version}
        form = {
            "grant_type": "password",
            "username": self._settings.user,
            "password": password,
            "use_short_term_refresh": "true",  # nobody refreshes it: a new one is asked for
        }
        try:
            answered = server.once("POST", "api/oauth2/token", "signing in", data=form, headers=version)
        except AnsweredError as error:
            if isinstance(error, UnauthorizedError) or error.status == HTTPStatus.BAD_REQUEST:
                raise CannotReadError(
                    f"{WHO} does not take the user and the password; it cannot ask for a second factor here"
                ) from None
            raise
        return {**version, "Authorization": f"Bearer {_read(answered.body, _Token, 'signing in').access_token}"}

    def _agreed(self, server: HttpServer) -> str:
        """Returns the revision to ask in, and learns the server's zone. Raises CannotReadError."""
        wanted = self._settings.api_version
        for version in (wanted,) if wanted else VERSIONS:
            try:
                answered = server.once("GET", "api/v1/serverTime", "its time", headers={"x-api-version": version})
            except AnsweredError as error:
                refused = HTTPStatus.BAD_REQUEST <= error.status < HTTPStatus.INTERNAL_SERVER_ERROR
                if not refused or error.status == HTTPStatus.TOO_MANY_REQUESTS:
                    raise
                continue
            self.zone = _zone(_read(answered.body, _Time, "its time"))
            return version
        if wanted:
            raise CannotReadError(f"{WHO} does not know revision {wanted} of its API: leave api_version out")
        known = f"{VERSIONS[-1]} to {VERSIONS[0]}"
        raise CannotReadError(f"{WHO} knows none of the revisions {known} of its API, or url is not that of its API")


def _zone(time: _Time) -> tzinfo:
    """Returns the server's zone: by its name where it tells that, else by how far it is from UTC now."""
    try:
        return ZoneInfo(time.iana_time_zone_id) if time.iana_time_zone_id else _offset(time.server_time)
    except (KeyError, ValueError, OSError):  # this machine does not know the zone
        return _offset(time.server_time)


def _offset(time: str) -> tzinfo:
    found = _OFFSET.search(time)
    if found is None:
        return UTC
    minutes = int(found["hours"]) * 60 + int(found["minutes"])
    return timezone(timedelta(minutes=-minutes if found["sign"] == "-" else minutes))


def _read(body: bytes, kind: type[T], what: str) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CannotReadError(f"{what}: {WHO} answers otherwise than its API describes: {error}") from None
