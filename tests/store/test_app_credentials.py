"""What an app signs in with, on either store: two of a kind at a time, an assertion once whoever judges it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import certificates as made
from clocks import Clock
from jobreport.identity.apps import credentials as proofs
from jobreport.identity.apps import registrations
from jobreport.identity.apps.registrations import Issued, RegistrationError
from jobreport.identity.oauth.grants import Grant, GrantError, client_credentials
from jobreport.model import ticks
from jobreport.model.audit import Action, Actor
from jobreport.store import Store, open_store
from jobreport.store.registry import apps, credentials
from jobreport.store.schema.audit import audit

READ = "PlatformBackup.Read.All"
ENDPOINT = "https://jobs.example.com/connect/token"
DAY = 86_400
BY = Actor("user:anna", "desk-7")


@pytest.fixture
def first(store: Store) -> Issued:
    return registrations.create(store, name="nightly", tenant="t", permissions=[READ])


def signs_in(store: Store, issued: Issued) -> bool:
    form = {"grant_type": "client_credentials", "client_id": issued.app.client_id, "client_secret": issued.secret}
    try:
        client_credentials(store, list(form.items()))
    except GrantError as error:
        assert error.error == "invalid_client"  # noqa: PT017 - the error's words are the point
        return False
    return True


def signer(clock: Clock, days: int = 365) -> made.Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    return made.make(key, ends=timedelta(days=days), now=ticks.to_datetime(clock.now))


def noted(store: Store, *actions: Action) -> list[tuple[str, str, str]]:
    """Who did what to what, by the audit log."""
    with store.reading() as transaction:
        rows = transaction.execute(audit.select().order_by(audit.c.tenant, audit.c.number)).all()
    return [(row.actor, row.action, row.target) for row in rows if row.action in actions]


def test_two_secrets_work_at_once_so_that_a_rotation_has_no_gap(store: Store, first: Issued, clock: Clock) -> None:
    clock.pass_by(DAY)
    second = proofs.add_secret(store, first.app.client_id, years=2)
    assert signs_in(store, first)
    assert signs_in(store, second)
    (old, _) = proofs.live_secrets(_app(store, first), store.clock())
    proofs.end_secret(store, first.app.client_id, proofs.secret_id(old))
    assert not signs_in(store, first)
    assert signs_in(store, second)


def test_third_live_secret_is_refused_with_what_to_do_until_one_has_ended(
    store: Store, first: Issued, clock: Clock
) -> None:
    client_id = first.app.client_id
    proofs.add_secret(store, client_id, years=2)
    with pytest.raises(RegistrationError, match=f"jobreport app secret revoke {client_id} "):
        proofs.add_secret(store, client_id)
    with pytest.raises(RegistrationError, match="end one first"):
        proofs.rotate(store, client_id, overlap_seconds=60)
    clock.pass_by(366 * DAY)
    assert proofs.add_secret(store, client_id)
    last = proofs.rotate(store, client_id)
    assert proofs.live_secrets(_app(store, first), store.clock())[0].expires == last.expires


def test_of_many_that_add_a_secret_at_once_one_does(store: Store, first: Issued) -> None:
    def add(_: int) -> bool:
        try:
            proofs.add_secret(store, first.app.client_id)
        except RegistrationError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [False] * 3 + [True]
    assert len(_app(store, first).secrets) == 2


@pytest.mark.parametrize("named", ["", "zz", "0123456789abcdef"])
def test_secret_that_is_not_there_cannot_be_ended(store: Store, first: Issued, named: str) -> None:
    with pytest.raises(RegistrationError, match="jobreport app show"):
        proofs.end_secret(store, first.app.client_id, named)
    assert signs_in(store, first)


def test_last_use_of_a_secret_is_known_to_the_hour(store: Store, first: Issued, clock: Clock) -> None:
    def last() -> int:
        return _app(store, first).secrets[0].last_used

    assert last() == 0
    began = clock.now
    for passed, known in ((0, began), (3599, began), (1, began + 3600 * ticks.PER_SECOND)):
        clock.pass_by(passed)
        assert signs_in(store, first)
        assert last() == known


def test_refused_secret_is_no_use(store: Store, first: Issued) -> None:
    assert not signs_in(store, Issued(first.app, "jrs_wrong", 0))
    assert _app(store, first).secrets[0].last_used == 0


def test_two_certificates_at_a_time_each_once(store: Store, first: Issued, clock: Clock) -> None:
    client_id = first.app.client_id
    one, two, three = (signer(clock) for _ in range(3))
    proofs.add_certificate(store, client_id, one.pem)
    with pytest.raises(RegistrationError, match="already"):
        proofs.add_certificate(store, client_id, one.der)
    proofs.add_certificate(store, client_id, two.pem)
    with pytest.raises(RegistrationError, match=f"jobreport app certificate remove {client_id} "):
        proofs.add_certificate(store, client_id, three.pem)
    proofs.end_certificate(store, client_id, one.thumbprint[:8].upper())
    proofs.add_certificate(store, client_id, three.pem)
    proofs.end_certificate(store, client_id, two.thumbprint)
    proofs.add_certificate(store, client_id, one.pem)
    with store.reading() as transaction:
        kept = credentials.certificates_of(transaction, client_id)
    assert {one.thumbprint for one in kept if one.is_live(clock.now)} == {one.thumbprint, three.thumbprint}


def test_revoked_app_gets_nothing_any_more(store: Store, first: Issued, clock: Clock) -> None:
    registrations.revoke(store, first.app.client_id)
    for client_id in (first.app.client_id, "nobody", "a\0b"):
        for do in (
            lambda it: proofs.add_secret(store, it),
            lambda it: proofs.rotate(store, it),
            lambda it: proofs.end_secret(store, it, "a"),
            lambda it: proofs.add_certificate(store, it, signer(clock).pem),
            lambda it: proofs.end_certificate(store, it, "a"),
        ):
            with pytest.raises(RegistrationError, match="no such app"):
                do(client_id)


def test_assertion_is_used_once_whichever_worker_judges_it(
    store: Store, store_url: str, clock: Clock, first: Issued
) -> None:
    one = signer(clock)
    proofs.add_certificate(store, first.app.client_id, one.pem)
    now = (clock.now - ticks.UNIX_EPOCH) // ticks.PER_SECOND
    said = made.claims(first.app.client_id, ENDPOINT, iat=now, nbf=now, exp=now + 60)
    assertion = one.sign(said)

    def ask(where: Store) -> Grant | None:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": made.ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        try:
            return client_credentials(where, list(form.items()), None, [ENDPOINT])
        except GrantError as error:
            assert "used before" in error.description  # noqa: PT017 - the error's words are the point
            return None

    workers = [open_store(store_url, clock=clock) for _ in range(4)]
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(ask, workers * 2))
    finally:
        for worker in workers:
            worker.close()
    assert len([grant for grant in found if grant]) == 1
    again = open_store(store_url, clock=clock)  # as after a restart
    assert ask(again) is None
    again.close()


def test_used_assertions_are_forgotten_when_they_are_over(store: Store, first: Issued, clock: Clock) -> None:
    ends = clock.now + 60 * ticks.PER_SECOND
    with store.writing() as transaction:
        assert credentials.use_once(transaction, "a", b"1", ends, clock.now)
        assert not credentials.use_once(transaction, "a", b"1", ends, clock.now)
        assert credentials.use_once(transaction, "b", b"1", ends, clock.now)
        assert credentials.use_once(transaction, "c", b"2", ends + 100, ends)
        rows = transaction.execute(credentials.assertion.select()).all()
    assert [row.client_id for row in rows] == ["c"]


def test_audit_log_says_who_did_what_and_no_secret(store: Store, first: Issued, clock: Clock) -> None:
    client_id = first.app.client_id
    second = proofs.add_secret(store, client_id, by=BY)
    proofs.rotate(store, client_id, by=BY)
    one = signer(clock)
    proofs.add_certificate(store, client_id, one.pem, by=BY)
    proofs.end_certificate(store, client_id, one.thumbprint[:8], by=BY)
    added, ended = Action.SecretAdded, Action.SecretEnded
    assert noted(store, added, ended) == [
        (BY.name, action, f"app:{client_id}") for action in (added, ended, ended, added)
    ]
    assert noted(store, Action.CertificateAdded, Action.CertificateEnded) == [
        (BY.name, action, f"app:{client_id}") for action in (Action.CertificateAdded, Action.CertificateEnded)
    ]
    with store.reading() as transaction:
        said = "".join(row.detail for row in transaction.execute(audit.select()))
    assert one.thumbprint in said
    for secret in (first.secret, second.secret):
        assert secret not in said
        assert registrations.hash_secret(secret) not in said


def test_app_is_warned_of_thirty_days_before_its_last_proof_ends(store: Store, first: Issued, clock: Clock) -> None:
    def warned() -> list[str]:
        with store.reading() as transaction:
            kept = credentials.certificates_of(transaction, first.app.client_id)
        return [name.split()[0] for name, _ in proofs.expiring(_app(store, first), kept, clock.now)]

    clock.pass_by(334 * DAY)
    assert warned() == []
    clock.pass_by(DAY)
    assert warned() == ["secret"]
    proofs.add_certificate(store, first.app.client_id, signer(clock, days=31).pem)
    assert warned() == []
    clock.pass_by(DAY + 1)
    assert warned() == ["secret", "certificate"]
    clock.pass_by(100 * DAY)
    assert warned() == ["certificate"]
    registrations.revoke(store, first.app.client_id)
    assert warned() == []


def test_app_that_goes_on_with_what_ends_is_warned_of_though_another_lasts(
    store: Store, first: Issued, clock: Clock
) -> None:
    def warned() -> list[str]:
        return [name for name, _ in proofs.expiring(_app(store, first), (), clock.now)]

    clock.pass_by(340 * DAY)
    new = proofs.add_secret(store, first.app.client_id, years=3)
    assert warned() == []  # nobody has used the old one
    assert signs_in(store, first)
    assert warned() == [f"secret {registrations.hash_secret(first.secret)[:8]}"]
    assert signs_in(store, new)
    assert warned()  # one machine has the new one, and another perhaps not
    clock.pass_by(2 * DAY)
    assert signs_in(store, new)
    assert warned() == []
    assert signs_in(store, first)
    assert [len(proofs.expiring_sign_ins(store)) for _ in range(2)] == [1, 0]
    clock.pass_by(30 * DAY)
    assert warned() == []  # it has ended


def test_log_is_told_once_a_day_by_one_of_all_workers(store: Store, first: Issued, clock: Clock) -> None:
    clock.pass_by(340 * DAY)
    assert [len(proofs.expiring_sign_ins(store)) for _ in range(3)] == [1, 0, 0]
    clock.pass_by(DAY)
    ((name, ends),) = proofs.expiring_sign_ins(store)
    assert name == f"nightly ({first.app.client_id})"
    assert ends == first.expires


def _app(store: Store, issued: Issued) -> apps.App:
    with store.reading() as transaction:
        found = apps.find_app(transaction, issued.app.client_id)
    assert found
    return found
