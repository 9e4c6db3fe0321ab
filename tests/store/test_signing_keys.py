"""The keys that tokens are signed with, on either store: published beforehand, rotated, destroyed, encrypted."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey
from joserfc.jws import extract_compact

from clocks import Clock
from jobreport.identity.apps.registrations import create
from jobreport.identity.keys import provision, rotation, signing_keys, stored_keys
from jobreport.identity.keys.encryption import SecretKey, SecretKeyError, new_secret
from jobreport.identity.oauth.grants import Grant, client_credentials
from jobreport.identity.oauth.tokens import InvalidTokenError, Tokens
from jobreport.model.audit import ITSELF, Action
from jobreport.store import Store
from jobreport.store.registry import signing_keys as registry
from jobreport.store.registry.signing_keys import SigningKey
from jobreport.store.schema.audit import audit

pytestmark = pytest.mark.usefixtures("reused_keys")

ISSUER = "http://127.0.0.1:1"
LEAD = stored_keys.LEAD_SECONDS
HOUR = 3600
DAY = 24 * HOUR
READ = "PlatformBackup.Read.All"


@pytest.fixture
def secret() -> SecretKey:
    return SecretKey(new_secret())


@pytest.fixture
def grant(store: Store) -> Grant:
    issued = create(store, name="x", tenant="t", permissions=[READ])
    form = {"grant_type": "client_credentials", "client_id": issued.app.client_id, "client_secret": issued.secret}
    return client_credentials(store, list(form.items()))


def there(store: Store) -> tuple[SigningKey, ...]:
    with store.reading() as transaction:
        return registry.signing_keys(transaction)


def published(tokens: Tokens) -> set[str]:
    return {key["kid"] for key in tokens.jwks()["keys"]}


def noted(store: Store) -> list[str]:
    """What the service's audit log says of keys."""
    with store.reading() as transaction:
        rows = transaction.execute(audit.select().where(audit.c.tenant == 0).order_by(audit.c.number)).all()
    return [row.action for row in rows if row.action.startswith("key")]


def test_of_many_servers_that_start_at_once_all_have_one_signing_key(store: Store, secret: SecretKey) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: provision.ensure(store, secret), range(4)))
    assert len(there(store)) == 1
    assert noted(store) == [Action.KeyCreated]


def test_of_many_that_rotate_an_aged_key_at_once_one_does(store: Store, secret: SecretKey, clock: Clock) -> None:
    provision.ensure(store, secret)
    clock.pass_by(DAY)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: rotation.rotate_if_due(store, secret, DAY * 10_000_000), range(4)))
    assert len([kid for kid in made if kid]) == 1
    assert len(there(store)) == 2


def test_new_key_is_published_before_anything_is_signed_with_it(
    store: Store, secret: SecretKey, clock: Clock, grant: Grant
) -> None:
    one, other = Tokens(store, ISSUER, secret), Tokens(store, ISSUER, secret)
    (old,) = published(one)
    new = rotation.rotate(store, secret).kid
    for tokens in (one, other):
        tokens.reload()
        assert published(tokens) == {old, new}
        assert signed_with(tokens, grant) == old
    clock.pass_by(LEAD)
    one.reload()
    # Another worker that has not looked since signs with the old one still, and each verifies the other's.
    assert signed_with(one, grant) == new
    assert signed_with(other, grant) == old
    for by, at in ((one, other), (other, one)):
        assert at.verify(by.issue(grant)).client_id == grant.app.client_id


def signed_with(tokens: Tokens, grant: Grant) -> str:

    return str(extract_compact(tokens.issue(grant).encode()).headers()["kid"])


def test_old_key_verifies_until_the_last_token_that_it_signed_is_over_and_is_then_destroyed(
    store: Store, secret: SecretKey, clock: Clock, grant: Grant
) -> None:
    tokens = Tokens(store, ISSUER, secret)
    (old,) = published(tokens)
    rotation.rotate(store, secret)
    clock.pass_by(LEAD - 1)
    last = tokens.issue(grant)
    clock.pass_by(HOUR - 1)
    tokens.rotate_if_due(0)
    assert Tokens(store, ISSUER, secret).verify(last)
    assert old in published(tokens)
    clock.pass_by(62)
    tokens.rotate_if_due(0)
    assert old not in published(tokens)
    (gone,) = [key for key in there(store) if key.kid == old]
    assert set(json.loads(secret.decrypt(gone.jwk))) <= {"kty", "n", "e", "kid", "use", "alg", "key_ops"}
    assert noted(store) == [Action.KeyCreated, Action.KeyCreated, Action.KeyRetired, Action.KeyDeleted]


def test_key_is_rotated_by_age_and_not_before(store: Store, secret: SecretKey, clock: Clock) -> None:
    tokens = Tokens(store, ISSUER, secret)
    for age, rotated in ((DAY - 1, False), (1, True), (DAY - 1, False), (1, True)):
        clock.pass_by(age)
        assert bool(tokens.rotate_if_due(DAY * 10_000_000)) is rotated
    assert tokens.rotate_if_due(0) is None
    clock.pass_by(1000 * DAY)
    assert tokens.rotate_if_due(0) is None


def test_key_that_got_out_is_withdrawn_with_every_token_that_it_signed(
    store: Store, secret: SecretKey, clock: Clock, grant: Grant
) -> None:
    here, elsewhere = Tokens(store, ISSUER, secret), Tokens(store, ISSUER, secret)
    token = here.issue(grant)
    assert here.verify(token)
    assert elsewhere.verify(token)
    new = rotation.rotate(store, secret, at_once=True).kid
    for tokens in (here, elsewhere):
        tokens.rotate_if_due(0)
        assert tokens.cached(token) is None
        with pytest.raises(InvalidTokenError):
            tokens.verify(token)
        assert published(tokens) == {new}
        assert tokens.verify(tokens.issue(grant))
    assert all("d" not in json.loads(secret.decrypt(key.jwk)) for key in there(store) if key.kid != new)


def test_unknown_key_makes_a_worker_look_again_but_not_each_time(
    store: Store, secret: SecretKey, clock: Clock, grant: Grant
) -> None:
    late, quick = Tokens(store, ISSUER, secret), Tokens(store, ISSUER, secret)
    rotation.rotate(store, secret, at_once=True)
    quick.reload()
    token = quick.issue(grant)
    with pytest.raises(InvalidTokenError):
        late.verify(token)
    clock.pass_by(10)
    assert late.verify(token)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_any_number_of_rotations_in_a_row_leaves_one_that_signs(
    store: Store, secret: SecretKey, clock: Clock, grant: Grant, times: int
) -> None:
    tokens = Tokens(store, ISSUER, secret)
    for _ in range(times):
        clock.pass_by(1)
        rotation.rotate(store, secret)
    for _ in range(3):
        tokens.reload()
        assert Tokens(store, ISSUER, secret).verify(tokens.issue(grant))
        clock.pass_by(LEAD)
    assert signed_with(tokens, grant) == there(store)[-1].kid


def test_keys_are_unreadable_without_the_secret_key_and_with_another(store: Store, secret: SecretKey) -> None:
    provision.ensure(store, secret)
    (key,) = there(store)
    assert key.jwk.count(".") == 4
    assert '"kty"' not in key.jwk
    for other, said in ((SecretKey(new_secret()), "is not the one"), (None, "JOBREPORT_SECRET_KEY")):
        for use in (provision.ensure, signing_keys.load, rotation.rotate):
            with pytest.raises(SecretKeyError, match=said):
                use(store, other)
    assert there(store) == (key,)


def test_key_that_somebody_put_there_without_the_secret_key_is_none(store: Store, secret: SecretKey) -> None:
    provision.ensure(store, secret)
    planted = RSAKey.generate_key(2048, {"kid": "planted"})
    with store.writing() as transaction:
        registry.add_signing_key(transaction, SigningKey("planted", json.dumps(planted.as_dict(private=True)), 1))
    for use in (provision.ensure, signing_keys.load, rotation.rotate, signing_keys.load_all):
        with pytest.raises(SecretKeyError, match="planted"):
            use(store, secret)


def test_shared_store_is_not_used_without_a_secret_key_and_a_file_is(store: Store) -> None:
    if store.is_shared:
        with pytest.raises(SecretKeyError, match="jobreport key secret"):
            provision.ensure(store, None)
        assert there(store) == ()
    else:
        provision.ensure(store, None)
        assert "kty" in json.loads(there(store)[0].jwk)


def test_keys_that_were_plain_are_encrypted_when_a_secret_key_is_there(
    store: Store, secret: SecretKey, grant: Grant
) -> None:
    if store.is_shared:
        pytest.skip("its keys never were plain")
    tokens = Tokens(store, ISSUER)
    token, before = tokens.issue(grant), published(tokens)
    after = Tokens(store, ISSUER, secret)
    assert published(after) == before
    assert after.verify(token)
    assert all(not key.jwk.startswith("{") for key in there(store))
    assert noted(store) == [Action.KeyCreated, Action.KeysEncrypted]
    Tokens(store, ISSUER, secret)
    assert noted(store) == [Action.KeyCreated, Action.KeysEncrypted]


def test_secret_key_is_exchanged_for_another(store: Store, secret: SecretKey, grant: Grant) -> None:
    token = Tokens(store, ISSUER, secret).issue(grant)
    new = SecretKey(new_secret())
    assert provision.reencrypt(store, secret, new, ITSELF) == 1
    assert Tokens(store, ISSUER, new).verify(token)
    for wrong in (secret, None):
        with pytest.raises(SecretKeyError):
            provision.reencrypt(store, wrong, new, ITSELF)


def test_server_that_runs_goes_on_while_its_secret_key_is_no_longer_the_right_one(
    store: Store, secret: SecretKey, clock: Clock, grant: Grant
) -> None:
    tokens = Tokens(store, ISSUER, secret)
    new = SecretKey(new_secret())
    provision.reencrypt(store, secret, new, ITSELF)
    clock.pass_by(60)
    with pytest.raises(SecretKeyError):
        tokens.rotate_if_due(0)
    assert Tokens(store, ISSUER, new).verify(tokens.issue(grant))
    rotation.rotate(store, new, at_once=True)
    with pytest.raises(InvalidTokenError):
        tokens.verify(Tokens(store, ISSUER, new).issue(grant))


@given(st.text(max_size=200))
def test_whatever_is_encrypted_comes_back_and_looks_new_each_time(text: str) -> None:
    secret = SecretKey(new_secret())
    first, second = secret.encrypt(text), secret.encrypt(text)
    assert first != second
    assert secret.decrypt(first) == secret.decrypt(second) == text
    at = len(first) - 5
    with pytest.raises(SecretKeyError):
        secret.decrypt(first[:at] + ("A" if first[at] != "A" else "B") + first[at + 1 :])


@pytest.mark.parametrize("word", ["", "password", "=" * 44, "A" * 40, "A" * 44, "é" * 32])
def test_secret_key_that_is_none_is_refused_with_how_to_make_one(word: str) -> None:
    with pytest.raises(SecretKeyError, match="jobreport key secret") as caught:
        SecretKey(word)
    assert word not in str(caught.value) or not word


def test_secret_key_is_the_same_in_either_alphabet_and_never_shown() -> None:
    word = new_secret()
    standard = word.replace("-", "+").replace("_", "/")
    assert SecretKey(word).name == SecretKey(standard).name == SecretKey(word.rstrip("=") + "\n").name
    assert word not in repr(SecretKey(word))
    assert SecretKey(new_secret()).name != SecretKey(word).name
