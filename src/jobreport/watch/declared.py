"""Expectations that stand in `jobreport.toml`: the file is applied whole, and what an earlier one had besides is gone.

Those that were set by a command, by the API or by a run stay as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from jobreport.configuration.file import Configuration
from jobreport.contract.expectation import ExpectationDocument, to_expectation
from jobreport.identity.tenants import ensure
from jobreport.model.audit import ITSELF, Actor
from jobreport.model.errors import InvalidInputError
from jobreport.model.expectation import Expectation, pattern_words
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.watch import expectations
from jobreport.watch.expectations import says

TABLE: Final = "expectation"
TENANT: Final = "default"
"""The tenant of a table that names none."""

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


def steps(store: Store, wanted: Declared) -> Iterator[Step]:
    """Gives what applying would do, without doing it."""
    with store.reading() as transaction:
        known = {one.name: one.own for one in tenants.list_tenants(transaction)}
    for whose in sorted({*wanted, *known}):
        mine = {one.name: one for one in wanted.get(whose, ())}
        there = {one.name: one for one in known.get(whose, ())}
        for name, one in sorted(there.items()):
            if one.file and name not in mine:
                yield Step("remove", whose, name, pattern_words(one))
        for name, one in sorted(mine.items()):
            if there.get(name) != one:
                yield Step("set", whose, name, f"{pattern_words(one)}: {says(one)}")


def apply(store: Store, wanted: Declared, *, by: Actor = ITSELF) -> list[Step]:
    """Makes the expectations of the file those of the store, and returns what was done. A tenant that is not there is
    made. Raises TenantError if one cannot be used, and ExpectationError if one cannot stand beside the others.
    """
    done = [*steps(store, wanted)]
    by_name = {(whose, one.name): one for whose, every in wanted.items() for one in every}
    for step in done:
        if step.what == "remove":
            expectations.remove(store, step.tenant, step.name, by=by)
    for step in done:
        if step.what == "set":
            ensure(store, step.tenant, by=by)
            expectations.put(store, step.tenant, by_name[step.tenant, step.name], by=by)
    return done
