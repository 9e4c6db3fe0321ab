"""Expectations from `jobreport.toml`: the whole file is applied, and what is no longer in it is removed.

Expectations that were set by a command, the API or a run stay as they are.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

import msgspec
from msgspec.structs import replace

from jobreport.configuration.file import Configuration
from jobreport.contract.expectation import ExpectationDocument, to_expectation
from jobreport.identity.tenants import TenantError, check_name, ensure
from jobreport.model.audit import ITSELF, Actor
from jobreport.model.errors import InvalidInputError
from jobreport.model.expectation import Expectation, pattern_words
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import TenantStatus
from jobreport.watch import expectations
from jobreport.watch.expectations import ExpectationError, says

TABLE: Final = "expectation"
TENANT: Final = "default"
"""The tenant of a table that names none."""
_CHANGED: Final = (TenantStatus.ACTIVE, TenantStatus.SUSPENDED)
"""What is expected of a suspended tenant follows the file as well: it is resumed with that."""

Declared = Mapping[str, Sequence[Expectation]]
"""Expectations by the name of their tenant."""


class Step(msgspec.Struct, frozen=True):
    """What applying the file does to an expectation: `set` or `remove`. `words` say what it expects of which series."""

    what: str
    tenant: str
    name: str
    words: str


def declared(file: Configuration) -> Declared:
    """Returns the expectations of the file. Raises ConfigurationError for the first one that is wrong."""
    found: dict[str, list[Expectation]] = {}
    for table in file.tables(TABLE):
        given = table.read(ExpectationDocument)
        try:
            one = expectations.checked(to_expectation(given, file=True))
        except InvalidInputError as error:
            fault = error.errors[0]
            raise table.error(fault.message, *filter(None, [fault.field.partition("[")[0]])) from None
        if given.by or given.file:
            raise table.error("is said by answers alone", "by" if given.by else "file")
        of_several = "*" in one.tenant or "?" in one.tenant
        whose = SERVICE_NAME if of_several else one.tenant or TENANT
        found.setdefault(whose, []).append(one if of_several else replace(one, tenant=""))
    return found


def steps(store: Store, wanted: Declared) -> list[Step]:
    """Returns what applying would do, without doing it. Raises TenantError if a tenant cannot be used, and
    ExpectationError if an expectation cannot stand beside the others.
    """
    with store.reading() as transaction:
        listed = tenants.list_tenants(transaction)
    # What is left of a deleted tenant is no reason not to apply the rest.
    known = {one.name: one for one in listed if one.status in _CHANGED or one.name in wanted}
    done = []
    for whose in sorted({*wanted, *known}):
        tenant = known.get(whose)
        if tenant is None:
            check_name(whose)
        elif tenant.status not in _CHANGED:
            raise TenantError(tenant.unusable())
        mine = {one.name: one for one in wanted.get(whose, ())}
        there = {one.name: one for one in tenant.own} if tenant else {}
        gone = [name for name, one in sorted(there.items()) if one.file and name not in mine]
        try:
            expectations.beside([*there.values()], gone, [*mine.values()])
        except ExpectationError as error:
            raise ExpectationError(f"{whose}: {error}") from None
        done += [Step("remove", whose, name, pattern_words(there[name])) for name in gone]
        for name, one in sorted(mine.items()):
            if there.get(name) != one:
                done.append(Step("set", whose, name, f"{pattern_words(one)}: {says(one)}"))
    return done


def apply(store: Store, wanted: Declared, *, by: Actor = ITSELF) -> list[Step]:
    """Makes the expectations of the file those of the store, and returns what was done. A tenant that is not there is
    made. Raises what `steps` does: then nothing was changed.
    """
    done = steps(store, wanted)
    for whose, own in groupby(done, lambda one: one.tenant):
        those = [*own]
        _make(store, whose, by)
        set_ = {one.name for one in those if one.what == "set"}
        new = [one for one in wanted.get(whose, ()) if one.name in set_]
        expectations.change(store, whose, [one.name for one in those if one.what == "remove"], new, by=by)
    return done


def _make(store: Store, name: str, by: Actor) -> None:
    with store.reading() as transaction:
        there = tenants.find(transaction, name)
    if there is None:
        ensure(store, name, by=by)
