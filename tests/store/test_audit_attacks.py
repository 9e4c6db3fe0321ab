"""Who can write to the database, and has no secret key, changes the audit log in SQL: it is found, and not sealed."""

import json
from collections.abc import Callable

import pytest
from forged_log import REMOVE_SEALS, cut_off_entries, execute, read_chain, read_head, restore_head, rewrite_chain
from joserfc.jwk import RSAKey
from sqlalchemy import text

from clocks import Clock
from jobreport.audit import checkpoints
from jobreport.audit.sealing import Keys, keys_of, missing, seal, verify
from jobreport.identity.keys import provision, rotation, seal_marker, signing_keys
from jobreport.identity.keys.encryption import SecretKey, SecretKeyError, new_secret
from jobreport.model.audit import ITSELF, SERVICE, Action, Actor, AuditEntry
from jobreport.store import Store
from jobreport.store.registry import signing_keys as registry
from jobreport.store.registry.audit_log import append

pytestmark = pytest.mark.usefixtures("reused_keys")

HOUR = 3600


@pytest.fixture
def secret() -> SecretKey:
    return SecretKey(new_secret())


@pytest.fixture
def tenants(store: Store, secret: SecretKey, new_tenant: Callable[[], int]) -> tuple[int, int]:
    """Two tenants with some entries each, in a store that is served with a secret key and sealed."""
    provision.ensure(store, secret)
    one, other = new_tenant(), new_tenant()
    for number in range(4):
        for tenant in (one, other):
            add(store, tenant, f"{number}")
    assert reseal(store, secret) == set()
    assert faults(store, secret) == []
    return one, other


def add(store: Store, tenant: int, target: str = "later") -> None:
    entry = AuditEntry(
        tenant=tenant, at=store.clock(), actor=Actor("user:alice"), action=Action.AppCreated, target=target
    )
    with store.writing() as connection:
        append(connection, entry)


def known(store: Store, secret: SecretKey) -> Keys:
    found = keys_of(store, secret)
    assert found is not None
    return found


def reseal(store: Store, secret: SecretKey) -> set[int]:
    """What a server does every few seconds; the tenants whose chain it does not seal."""
    return {chain.tenant for chain in seal(store, known(store, secret))}


def faults(store: Store, secret: SecretKey) -> list[str]:
    found = [f"{one.tenant}: {fault.what}" for one in verify(store, known(store, secret)) for fault in one.faults]
    return [*found, *(f"{tenant} is missing" for tenant in missing(store))]


@pytest.mark.parametrize("how", ["rewritten", "cut", "emptied"])
def test_every_seal_taken_away_and_every_chain_forged_is_found_and_stays_found(
    store: Store, secret: SecretKey, tenants: tuple[int, int], clock: Clock, how: str
) -> None:
    execute(store, REMOVE_SEALS)
    for tenant in (*tenants, SERVICE):
        if how == "rewritten":
            rewrite_chain(store, tenant)
        elif how == "cut":
            cut_off_entries(store, tenant, 1)
    if how == "emptied":
        execute(store, "DELETE FROM audit", "DELETE FROM audit_head")
        # What is done later begins the log anew.
        add(store, tenants[0])
    for tenant in (*tenants, SERVICE)[: 1 if how == "emptied" else 3]:
        add(store, tenant)
    assert SERVICE in reseal(store, secret)
    assert any("the signing keys record that it had one" in fault for fault in faults(store, secret))
    # Nor does a rotation forget it, or one at once, or another secret key.
    rotation.rotate(store, secret)
    clock.pass_by(2 * HOUR)
    rotation.rotate_if_due(store, secret, 0)
    rotation.rotate(store, secret, at_once=True)
    other = SecretKey(new_secret())
    provision.reencrypt(store, secret, other, ITSELF)
    assert SERVICE in reseal(store, other)
    assert any("the signing keys record that it had one" in fault for fault in faults(store, other))
    with store.reading() as connection:
        assert not connection.execute(text("SELECT tenant FROM audit_head WHERE seal IS NOT NULL")).all()


def test_a_single_chain_forged_without_its_seal_is_found_whatever_is_noted_beside_the_service_seal(
    store: Store, secret: SecretKey, tenants: tuple[int, int]
) -> None:
    one = tenants[0]
    rewrite_chain(store, one)
    execute(store, f"{REMOVE_SEALS} WHERE tenant = :tenant", tenant=one)
    execute(store, "UPDATE audit_head SET sealed = 0 WHERE tenant = 0")
    assert one in reseal(store, secret)
    assert any(f"{one}: its seal was removed" in fault for fault in faults(store, secret))
    assert read_head(store, one)["seal"] is None


@pytest.mark.parametrize("hidden", ["its begin", "the head of the service", "the seal of the service"])
def test_a_chain_is_not_sealed_anew_while_what_tells_of_it_is_hidden(
    store: Store, secret: SecretKey, tenants: tuple[int, int], hidden: str
) -> None:
    one = tenants[0]
    before = read_head(store, SERVICE)
    begin = next(link.number for link in read_chain(store, SERVICE) if link.detail == f'{{"tenant":{one}}}')
    rewrite_chain(store, one)
    execute(store, f"{REMOVE_SEALS} WHERE tenant = :tenant", tenant=one)
    action = "UPDATE audit SET action = :action WHERE tenant = 0 AND number = :number"
    if hidden == "its begin":
        execute(store, action, action="x", number=begin)
        again = AuditEntry(tenant=SERVICE, at=1, actor=ITSELF, action=Action.ChainBegun, detail={"tenant": one})
        with store.writing() as connection:
            append(connection, again)
    elif hidden == "the head of the service":
        execute(store, "DELETE FROM audit_head WHERE tenant = 0")
    else:
        execute(store, f"{REMOVE_SEALS} WHERE tenant = 0")
    reseal(store, secret)
    if hidden == "its begin":
        execute(store, action, action=Action.ChainBegun.value, number=begin)
    elif hidden == "the head of the service":
        execute(
            store,
            "INSERT INTO audit_head (tenant, number, hash, sealed, key_id, seal) "
            "VALUES (0, :number, :hash, :sealed, :key_id, :seal)",
            **before,
        )
    else:
        restore_head(store, SERVICE, before)
    assert faults(store, secret) != []


def test_old_seal_that_is_put_back_with_its_tail_cut_off_is_found_by_what_was_noted_within_the_hour(
    store: Store, secret: SecretKey, tenants: tuple[int, int], clock: Clock
) -> None:
    one = tenants[0]
    old = read_head(store, one)
    clock.pass_by(HOUR)
    add(store, one, "to be forgotten")
    reseal(store, secret)
    assert checkpoints.is_due(store)
    assert checkpoints.write(store, known(store, secret)) == ()
    assert not checkpoints.is_due(store)
    reseal(store, secret)
    assert faults(store, secret) == []
    restore_head(store, one, old)
    assert any("an older copy of this chain was put back" in fault for fault in faults(store, secret))
    # And still when it has grown beyond that again.
    for _ in range(3):
        add(store, one)
        reseal(store, secret)
    assert any("an older copy of this chain was put back" in fault for fault in faults(store, secret))


def test_note_is_made_by_the_hour_of_what_moved_and_by_one_of_many(
    store: Store, secret: SecretKey, tenants: tuple[int, int], clock: Clock
) -> None:
    def notes() -> list[list[str]]:
        every = read_chain(store, SERVICE)
        return [json.loads(link.detail)["ends"] for link in every if link.action == Action.ChainsNoted.value]

    for _ in range(2):
        clock.pass_by(HOUR)
        add(store, tenants[0])
        reseal(store, secret)
        clock.pass_by(120)
        for _ in range(2):
            checkpoints.write(store, known(store, secret))
    clock.pass_by(HOUR)
    assert not checkpoints.is_due(store)
    found = [{end.split()[0]: int(end.split()[1]) for end in ends} for ends in notes()]
    assert found == [{str(tenants[0]): 5, str(tenants[1]): 4}, {str(tenants[0]): 6}]


def test_log_of_the_service_that_is_set_back_to_an_old_seal_is_found_by_the_seals_of_others(
    store: Store, secret: SecretKey, tenants: tuple[int, int]
) -> None:
    old = read_head(store, SERVICE)
    add(store, SERVICE, "to be forgotten")
    for _ in range(2):
        add(store, tenants[0])
        reseal(store, secret)
    restore_head(store, SERVICE, old)
    assert any("an older copy of that chain was put back" in fault for fault in faults(store, secret))
    # What shows it is not sealed over.
    for tenant in (SERVICE, *tenants):
        add(store, tenant)
    assert tenants[0] in reseal(store, secret)
    assert any("an older copy of that chain was put back" in fault for fault in faults(store, secret))


def test_signing_keys_that_are_all_deleted_leave_seals_that_nobody_can_verify(
    store: Store, secret: SecretKey, tenants: tuple[int, int]
) -> None:
    execute(store, "DELETE FROM signing_key")
    provision.ensure(store, secret)
    add(store, tenants[0])
    assert reseal(store, secret) == {SERVICE, *tenants}
    found = faults(store, secret)
    assert len([one for one in found if "which is not in the store any more" in one]) == 3


def test_log_that_is_forged_with_all_signing_keys_deleted_is_known_by_how_young_its_first_seal_is(
    store: Store, secret: SecretKey, tenants: tuple[int, int], clock: Clock
) -> None:
    before = known(store, secret).marker
    clock.pass_by(30 * 24 * HOUR)
    execute(store, REMOVE_SEALS, "DELETE FROM signing_key")
    for tenant in (*tenants, SERVICE):
        rewrite_chain(store, tenant)
    provision.ensure(store, secret)
    reseal(store, secret)
    mark = known(store, secret).marker
    assert before
    assert mark
    assert mark.since >= before.since + 30 * 24 * HOUR * 10_000_000
    assert mark.entries == sum(one.entries for one in verify(store, known(store, secret)))


@pytest.mark.parametrize("left", [1, 3])
def test_chain_that_is_said_to_be_sealed_further_than_it_is_is_found(
    store: Store, secret: SecretKey, tenants: tuple[int, int], clock: Clock, left: int
) -> None:
    clock.pass_by(HOUR)
    for _ in range(left):
        add(store, tenants[0])
    execute(store, "UPDATE audit_head SET sealed = number")
    assert reseal(store, secret) == set()
    assert any("is the last one that the seal covers" in fault for fault in faults(store, secret))
    assert checkpoints.write(store, known(store, secret)) == (tenants[0],)


def test_plain_key_in_the_place_of_all_is_used_by_nobody_who_has_the_secret_key(
    store: Store, secret: SecretKey, tenants: tuple[int, int]
) -> None:
    planted = RSAKey.generate_key(2048, {"kid": "planted"})
    jwk = json.dumps({**planted.as_dict(private=True), "sealed": {"since": 1, "entries": 0}})
    execute(store, "DELETE FROM signing_key")
    execute(store, "INSERT INTO signing_key (kid, jwk, created) VALUES ('planted', :jwk, 1)", jwk=jwk)
    for use in (signing_keys.load, keys_of):
        with pytest.raises(SecretKeyError, match="somebody put others in their place"):
            use(store, secret)
    # A start takes it for a key of before there was a secret key, but nothing that is written in it.
    provision.ensure(store, secret)
    assert known(store, secret).marker is None
    assert reseal(store, secret) == {SERVICE, *tenants}


def test_store_that_was_sealed_before_there_were_marks_goes_on_and_gets_one(
    store: Store, secret: SecretKey, tenants: tuple[int, int]
) -> None:
    with store.reading() as connection:
        (key,) = registry.signing_keys(connection)
    jwk = seal_marker.split(key.jwk, secret)[0]
    execute(store, "UPDATE signing_key SET jwk = :jwk", jwk=secret.encrypt(json.dumps(jwk)))
    assert known(store, secret).marker is None
    assert faults(store, secret) == []
    assert reseal(store, secret) == set()
    mark = known(store, secret).marker
    assert mark
    assert mark.entries == sum(one.entries for one in verify(store, known(store, secret)))
    execute(store, REMOVE_SEALS)
    assert any("the signing keys record that it had one" in fault for fault in faults(store, secret))


def test_mark_is_in_no_published_key_and_each_key_has_it(
    store: Store, secret: SecretKey, tenants: tuple[int, int], clock: Clock
) -> None:
    rotation.rotate(store, secret)
    ring = signing_keys.load(store, secret)
    assert all(set(key) <= {"kty", "n", "e", "kid", "use", "alg", "key_ops"} for key in ring.public["keys"])
    clock.pass_by(2 * HOUR)
    rotation.rotate_if_due(store, secret, 0)
    with store.reading() as connection:
        marks = {seal_marker.split(key.jwk, secret)[1] for key in registry.signing_keys(connection)}
    assert marks == {known(store, secret).marker}
    assert None not in marks
