"""Failed sign-ins are limited by client and address, in all workers together; nobody is locked out from elsewhere."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

import postgres
from jobreport.identity.oauth.clients import named_client_id
from jobreport.identity.oauth.failed_sign_ins import (
    MAX_ADDRESS_FAILURES,
    MAX_COUNTED,
    MAX_FAILURES,
    FailedSignInLimits,
    TooManyAttemptsError,
    attempt_of,
)
from jobreport.model import ticks
from jobreport.store import Store, open_store
from jobreport.store.registry import failed_sign_ins
from jobreport.store.schema.audit import failed_sign_in
from serving import App, Server, serve, typed

T = TypeVar("T")
STRANGER = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Three workers of one store; whom they trust to name addresses is this machine."""
    with ExitStack() as stack:
        store = None
        if request.param == "postgresql":
            store = stack.enter_context(postgres.database(request.getfixturevalue("postgres_url")))
            assert typed("migrate", "--store", store).returncode == 0
        folder = tmp_path_factory.mktemp("limits")
        yield stack.enter_context(serve(folder, "--workers", "3", "--trusted-proxy", "127.0.0.1", store=store))


@pytest.fixture
def app(server: Server) -> App:
    return server.app("limits")


def sign_in(server: Server, client_id: str, secret: str, address: str) -> httpx.Response:
    """Each on a connection of its own, so that any worker may get it."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    headers = {"X-Forwarded-For": address, "Connection": "close"}
    return server.http.post("/connect/token", data=form, headers=headers)


def within_a_minute(do: Callable[[str], T]) -> T:
    """What `do` gives for an address of its own; done again, at another, where a minute ended meanwhile."""
    while True:
        minute = int(time.time()) // 60
        found = do(f"192.0.2.{next(_addresses)}")
        if int(time.time()) // 60 == minute:
            return found


_addresses = count(1)


def test_thirty_failures_of_a_client_at_an_address_are_answered_by_all_workers_together(
    server: Server, app: App
) -> None:
    def fail(address: str) -> list[httpx.Response]:
        return [sign_in(server, app.client_id, "wrong", address) for _ in range(MAX_FAILURES + 20)]

    answers = within_a_minute(fail)
    assert Counter(answer.status_code for answer in answers) == {401: MAX_FAILURES, 429: 20}
    refused = answers[-1]
    assert refused.json()["error"] == "slow_down"
    assert set(refused.json()) == {"error", "error_description"}
    assert refused.headers["cache-control"] == "no-store"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert "www-authenticate" not in refused.headers


def test_nothing_is_tried_for_who_failed_too_often_and_the_same_client_elsewhere_notices_nothing(
    server: Server, app: App
) -> None:
    def fail(address: str) -> tuple[int, int]:
        for _ in range(MAX_FAILURES):
            sign_in(server, app.client_id, "wrong", address)
        here = sign_in(server, app.client_id, app.secret, address)
        elsewhere = sign_in(server, app.client_id, app.secret, "198.51.100.7")
        return here.status_code, elsewhere.status_code

    assert within_a_minute(fail) == (429, 200)


def test_a_client_that_there_is_not_is_limited_just_as_one_that_there_is(server: Server) -> None:
    def fail(address: str) -> list[int]:
        return [sign_in(server, STRANGER, "wrong", address).status_code for _ in range(MAX_FAILURES + 5)]

    assert within_a_minute(fail) == [401] * MAX_FAILURES + [429] * 5


def test_successes_are_not_limited(server: Server, app: App) -> None:
    statuses = [sign_in(server, app.client_id, app.secret, "192.0.2.4").status_code for _ in range(MAX_FAILURES * 2)]
    assert set(statuses) == {200}


def test_who_tries_many_clients_is_limited_too_and_a_neighbour_at_his_address_gets_in(server: Server, app: App) -> None:
    def fail(address: str) -> tuple[Counter[int], int]:
        statuses = [
            sign_in(server, f"{STRANGER[:-4]}{number:04}", "wrong", address).status_code
            for number in range(MAX_ADDRESS_FAILURES + 30)
        ]
        return Counter(statuses), sign_in(server, app.client_id, app.secret, address).status_code

    statuses, neighbour = within_a_minute(fail)
    assert neighbour == 200
    # The other workers learn of it by the next failure that they count.
    assert 0 <= MAX_ADDRESS_FAILURES + 2 - statuses[401] <= 2
    assert statuses[429] >= 28


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = open_store(f"sqlite:///{tmp_path}/jobs.db", clock=lambda: now[0])
    yield found
    found.close()


now = [ticks.UNIX_EPOCH + 1_800_000_000 * ticks.PER_SECOND]


@pytest.fixture(autouse=True)
def start() -> None:
    now[0] = ticks.UNIX_EPOCH + 1_800_000_000 * ticks.PER_SECOND


def rows(store: Store) -> list[tuple[str, str, int]]:
    with store.reading() as connection:
        return [(row[0], row[1], row[3]) for row in connection.execute(failed_sign_in.select())]


def test_the_next_minute_begins_anew_and_counts_of_old_minutes_are_taken_away(store: Store) -> None:
    limits, one = FailedSignInLimits(store), attempt_of("a", "192.0.2.9")
    for _ in range(MAX_FAILURES):
        limits.check(one)
        limits.count(one)
    with pytest.raises(TooManyAttemptsError) as raised:
        limits.check(one)
    assert raised.value.seconds == 60 - 1_800_000_000 % 60
    now[0] += raised.value.seconds * ticks.PER_SECOND
    limits.check(one)
    for minute in range(5):
        limits.count(attempt_of(f"later {minute}", "192.0.2.10"))
        now[0] += failed_sign_ins.PER_MINUTE
    assert len(rows(store)) <= 4


def test_who_has_many_addresses_fills_no_table(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 300  # as the server's own number, but counted sooner
    monkeypatch.setattr("jobreport.identity.oauth.failed_sign_ins.MAX_COUNTED", most)
    limits = FailedSignInLimits(store)
    for number in range(most + 100):
        limits.count(attempt_of("a", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"))
    assert len(rows(store)) == 2 * most
    assert 2 * MAX_COUNTED <= 10_000


def test_addresses_that_one_customer_has_are_one_and_what_is_long_takes_no_room() -> None:
    def place(address: str) -> str:
        return attempt_of("a", address).address

    assert place("2001:db8::1") == place("2001:db8::ffff:1") == "2001:db8::/64"
    assert place("2001:db8:0:1::1") != place("2001:db8::1")
    assert place("::ffff:192.0.2.1") == place("192.0.2.1") == "192.0.2.1"
    assert len(place("x" * 10_000)) < 64
    names = {attempt_of(name, None).client for name in ("a" * 10_000, "\0", "\x1b[31m", "\ud800", "", "é")}
    assert len(names) == 6
    assert all(len(name) < 64 and name.isascii() and name.isprintable() for name in names)


@pytest.mark.parametrize("assertion", ["", "a", "a.b", "a.!.c", "a.e30.c", "a.eyJzdWIiOjF9.c", "a.W10.c", "." * 50])
def test_assertion_that_names_nobody_is_counted_all_the_same(assertion: str) -> None:
    assert attempt_of(named_client_id({"client_assertion": assertion}, None), None) == attempt_of("", None)


def test_assertion_is_counted_for_whom_it_names() -> None:
    assert attempt_of(
        named_client_id({"client_assertion": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.eA"}, None), None
    ) == attempt_of("a", None)
