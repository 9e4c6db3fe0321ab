"""A backup brings accounts back, but no session: some may have been ended since it was made."""

from contextlib import closing
from pathlib import Path

from argon2 import PasswordHasher

from jobreport.identity.operators import accounts
from jobreport.identity.operators.accounts import Reach
from jobreport.identity.operators.passwords import Passwords
from jobreport.identity.operators.sessions import Sessions
from jobreport.model.audit import ITSELF, SERVICE, Action
from jobreport.model.roles import Role
from jobreport.store import open_store
from jobreport.store.admin.backup import backup, restore
from jobreport.store.registry import audit_log

PASSWORD = "correct horse battery staple"


def test_restored_store_has_the_accounts_and_no_session(file_url: str, tmp_path: Path) -> None:
    hashing = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    with closing(open_store(file_url)) as store:
        anna = accounts.add(
            store, name="anna", role=Role.Admin, reach=Reach(all_tenants=True), password=PASSWORD, hashing=hashing
        )
        token = Sessions(store).begin(anna, ITSELF, "")
        assert Sessions(store).find(token)
        backup(store, tmp_path / "copy.db")
    place = f"sqlite:///{tmp_path}/place/jobs.db"
    restore(tmp_path / "copy.db", place)
    with closing(open_store(place)) as store:
        assert Sessions(store).find(token) is None
        assert accounts.verified(store, hashing, "anna", PASSWORD) == anna
        with store.reading() as transaction:
            (note,) = [one for one in audit_log.links(transaction, SERVICE) if one.action == Action.StoreRestored.value]
        assert '"sessionsEnded":1' in note.detail
