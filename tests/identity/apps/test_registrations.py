"""App registrations and tokens over a clock that a test sets: what ends when, and what overlaps."""

import pytest

from clocks import Clock
from jobreport.identity.apps import credentials, registrations
from jobreport.identity.apps.registrations import Issued, RegistrationError
from jobreport.identity.oauth.grants import Grant, GrantError, client_credentials
from jobreport.identity.oauth.tokens import InvalidTokenError, Tokens
from jobreport.store import Store
from strategies import NOW

SECOND = 10_000_000
DAY = 86_400 * SECOND
READ_WRITE = "PlatformBackup.ReadWrite.All"
ISSUER = "http://127.0.0.1:1"


def register(store: Store, years: int = 1) -> Issued:
    return registrations.create(store, name="x", tenant="t", permissions=[READ_WRITE], years=years)


def sign_in(store: Store, issued: Issued) -> Grant:
    form = {"grant_type": "client_credentials", "client_id": issued.app.client_id, "client_secret": issued.secret}
    return client_credentials(store, list(form.items()))


def refusal(store: Store, issued: Issued) -> GrantError:
    with pytest.raises(GrantError) as caught:
        sign_in(store, issued)
    return caught.value


@pytest.mark.parametrize("years", [1, 2, 3])
def test_secret_works_until_its_last_moment_and_not_after(store: Store, clock: Clock, years: int) -> None:
    issued = register(store, years)
    assert issued.expires == NOW + years * 365 * DAY
    clock.now = issued.expires - 1
    assert sign_in(store, issued).app.client_id == issued.app.client_id
    clock.now = issued.expires
    error = refusal(store, issued)
    assert (error.error, error.status) == ("invalid_client", 401)
    assert "expired" in error.description


def test_that_a_secret_has_expired_is_told_to_who_knows_it_alone(store: Store, clock: Clock) -> None:
    issued = register(store)
    clock.now = issued.expires
    guess = Issued(issued.app, "jrs_guess", issued.expires)
    assert "expired" not in refusal(store, guess).description


def test_overlap_ends_when_it_was_said(store: Store, clock: Clock) -> None:
    old = register(store)
    new = credentials.rotate(store, old.app.client_id, overlap_seconds=3600)
    clock.now = NOW + 3600 * SECOND - 1
    assert sign_in(store, old)
    assert sign_in(store, new)
    clock.now += 1
    assert refusal(store, old).status == 401
    assert sign_in(store, new)


def test_overlap_does_not_lengthen_a_life(store: Store, clock: Clock) -> None:
    old = register(store)
    clock.now = old.expires - SECOND
    credentials.rotate(store, old.app.client_id, overlap_seconds=10 * 86_400)
    clock.now = old.expires
    assert refusal(store, old).status == 401


def test_rotation_after_expiry_gives_a_secret_that_works(store: Store, clock: Clock) -> None:
    old = register(store)
    clock.now = old.expires + DAY
    assert sign_in(store, credentials.rotate(store, old.app.client_id))


def test_revoked_app_gets_no_token_and_no_secret_and_its_token_ends_within_five_seconds(
    store: Store, clock: Clock
) -> None:
    issued = register(store)
    tokens = Tokens(store, ISSUER)
    token = tokens.issue(sign_in(store, issued))
    assert tokens.verify(token).client_id == issued.app.client_id
    registrations.revoke(store, issued.app.client_id)
    assert refusal(store, issued).status == 401
    with pytest.raises(RegistrationError):
        credentials.rotate(store, issued.app.client_id)
    clock.now += 5 * SECOND
    with pytest.raises(InvalidTokenError, match="revoked"):
        tokens.verify(token)


def test_revoking_twice_changes_nothing(store: Store) -> None:
    issued = register(store)
    for _ in range(2):
        assert registrations.revoke(store, issued.app.client_id).client_id == issued.app.client_id


def test_token_lives_an_hour_though_it_was_verified_before(store: Store, clock: Clock) -> None:
    tokens = Tokens(store, ISSUER)
    token = tokens.issue(sign_in(store, register(store)))
    assert tokens.verify(token)
    clock.now = NOW + 3600 * SECOND - 1
    assert tokens.verify(token)
    clock.now = NOW + 3600 * SECOND
    with pytest.raises(InvalidTokenError, match="expired"):
        tokens.verify(token)


def test_token_is_good_in_another_process_of_the_same_store_and_not_for_another_issuer(store: Store) -> None:
    token = Tokens(store, ISSUER).issue(sign_in(store, register(store)))
    assert Tokens(store, ISSUER).verify(token).tenant_name == "t"
    for issuer in ("http://127.0.0.1:2", f"{ISSUER}/", "https://127.0.0.1:1"):
        with pytest.raises(InvalidTokenError):
            Tokens(store, issuer).verify(token)


@pytest.mark.parametrize("years", [0, 4, -1])
def test_secret_lives_one_two_or_three_years(store: Store, years: int) -> None:
    with pytest.raises(RegistrationError):
        register(store, years)


def test_secrets_are_long_random_and_recognisable(store: Store) -> None:
    secrets = {register(store).secret for _ in range(20)}
    assert len(secrets) == 20
    assert all(secret.startswith("jrs_") and len(secret) >= 47 for secret in secrets)
