"""Checks a chain of the audit log, entry by entry, against its hashes and its seal.

Each tenant has its own chain, in which every entry contains the hash of the entry before it. Example: entry 3 contains
the hash of entry 2. If somebody changes entry 2, its hash changes, and entry 3 no longer fits. If somebody then makes
entry 3 and all later entries again, the last hash no longer fits the seal, and only the service can sign a new seal.

The service has a chain too, which records the start of each tenant's chain.
"""

from collections.abc import Iterator

from jobreport.audit import seals
from jobreport.audit.seals import Chain, End, Fault, Keys, Seal, SealError
from jobreport.model.audit import SERVICE, START, Action, Link
from jobreport.store import Transaction
from jobreport.store.registry import audit_log
from jobreport.store.registry.audit_log import Head


class ChainStarts:
    """Knows from the service's own chain which tenants' chains have started. That chain is read once, when needed."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known: tuple[frozenset[int], frozenset[int], frozenset[int], str] | None = None

    def lacks(self, transaction: Transaction, tenant: int) -> bool:
        """Whether the service's chain has no entry about the start of the tenant's chain."""
        return tenant not in self._found(transaction)[0]

    def require(self, transaction: Transaction, tenant: int) -> None:
        """Raises SealError if a tenant's chain, which has no seal now, should have one, or if that cannot be known.

        A chain should have one if the entry about its start is sealed in the service's own chain: that entry is sealed
        only after the tenant's chain is.
        """
        _, sealed, fresh, untold = self._found(transaction)
        if untold:
            raise SealError(untold)
        if tenant in sealed:
            raise SealError("its seal was removed: the chain had one soon after its start")
        if tenant not in fresh:
            raise SealError("it has no seal, and the service's own chain has no entry about its start")

    def _found(self, transaction: Transaction) -> tuple[frozenset[int], frozenset[int], frozenset[int], str]:
        if self._known is None:
            self._known = self._look(transaction)
        return self._known

    def _look(self, transaction: Transaction) -> tuple[frozenset[int], frozenset[int], frozenset[int], str]:
        noted = audit_log.chain_starts(transaction)
        every = frozenset(tenant for tenant, _ in noted)
        try:
            number, before = _sealed(transaction, SERVICE, audit_log.head(transaction, SERVICE), self._keys, self)
        except SealError:
            untold = "it has no seal, and the service's own chain, which could prove that it had one, is not valid"
            return every, frozenset(), frozenset(), untold
        sealed = frozenset(tenant for tenant, at in noted if at <= number)
        fresh = set()
        for link in audit_log.links(transaction, SERVICE, number):
            if any(_faults(link, number, before)):
                break
            if (tenant := started_by(link)) is not None:
                fresh.add(tenant)
            number, before = link.number, link.hash
        return every, sealed, frozenset(fresh), ""


def started_by(link: Link) -> int | None:
    """Returns the tenant whose chain starts, if this entry of the service's own chain says that; otherwise None."""
    return audit_log.started_chain(link.detail) if link.action == Action.ChainBegun.value else None


def check_chain(transaction: Transaction, tenant: int, keys: Keys, known: ChainStarts, *, from_seal: bool) -> Chain:
    """Checks a chain to its end: from its start, or with `from_seal` only from the entry that was sealed last."""
    head = audit_log.head(transaction, tenant)
    faults: list[Fault] = []
    sealed, at_seal = 0, START
    try:
        sealed, at_seal = _sealed(transaction, tenant, head, keys, known)
        if head and head.sealed != sealed:
            faults.append(Fault(sealed, f"is the last one that the seal covers, not entry {head.sealed} as recorded"))
    except SealError as error:
        faults.append(Fault(0, str(error)))
    number, before = (sealed, at_seal) if from_seal else (0, START)
    if from_seal and sealed:
        last = audit_log.link_at(transaction, tenant, sealed)
        if last is None or last.computed() != at_seal:
            faults.append(Fault(sealed, "is not the entry that was sealed"))
    begun: set[int] = set()
    for link in audit_log.links(transaction, tenant, number):
        faults += _faults(link, number, before)
        if tenant == SERVICE and (begins := started_by(link)) is not None:
            if begins in begun:
                faults.append(Fault(link.number, f"records a second start of the chain of tenant {begins}"))
            begun.add(begins)
        number, before = link.number, link.hash
        if number == sealed and link.hash != at_seal:
            faults.append(Fault(number, "is not the entry that was sealed"))
    if number < sealed:
        faults.append(Fault(number + 1, f"is missing, with all entries up to {sealed}: they were sealed"))
    if head is None:
        faults.append(Fault(0, "the record of its last entry is missing"))
    elif (head.number, head.hash) != (number, before):
        faults.append(Fault(number, f"is not the recorded last entry: that is entry {head.number} with another hash"))
    return Chain(tenant=tenant, entries=number, sealed=sealed, hash=before, faults=tuple(faults))


def _faults(link: Link, before: int, previous: bytes) -> Iterator[Fault]:
    """Gives the faults of an entry that should follow the entry with the number `before` and the hash `previous`."""
    if link.number != before + 1:
        gone = f"entry {before + 1}" if link.number == before + 2 else f"entries {before + 1} to {link.number - 1}"
        yield Fault(link.number, f"comes after a gap: {gone} missing")
    elif link.previous != previous:
        yield Fault(link.number, "does not contain the hash of the entry before it")
    if link.hash != link.computed():
        yield Fault(link.number, "was changed")


def _sealed(transaction: Transaction, tenant: int, head: Head | None, keys: Keys, begins: ChainStarts) -> End:
    """Returns the entry up to which a chain is sealed; the position before the first entry if it was never sealed.

    Raises SealError if its seal is not valid, or was taken away.
    """
    if head and head.seal:
        return _held(transaction, seals.read(head.seal, tenant, keys))
    if tenant == SERVICE:
        _require_new_service(transaction, keys)
    elif head:
        begins.require(transaction, tenant)
    return 0, START


def _held(transaction: Transaction, seal: Seal) -> End:
    """Returns the entry that a seal names.

    Raises SealError if the service's own chain no longer contains the entry of its own that the seal names: then an
    older copy of that chain was put back.
    """
    if seal.service and seal.service[0]:
        there = audit_log.link_at(transaction, SERVICE, seal.service[0])
        if there is None or there.hash != seal.service[1]:
            raise SealError(
                f"its seal names entry {seal.service[0]} of the service's own chain, which is not there any more: "
                "an older copy of that chain was put back"
            )
    return seal.end


def _require_new_service(transaction: Transaction, keys: Keys) -> None:
    """Raises SealError if the service's own chain, which has no seal now, had one before."""
    if keys.marker:
        raise SealError("its seal was removed: the signing keys record that it had one")
    if audit_log.is_any_sealed(transaction):
        raise SealError("its seal was removed: other chains have one")
