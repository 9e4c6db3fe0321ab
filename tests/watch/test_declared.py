"""Expectations of `jobreport.toml` are applied whole, and what is wrong with one is told with its line."""

from pathlib import Path

import pytest

from jobreport.configuration.file import Configuration, ConfigurationError
from jobreport.contract.expectation import ExpectationDocument, to_expectation
from jobreport.identity.tenants import TenantError, create, delete, readable, suspend
from jobreport.model.expectation import Expectation
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.watch import declared, expectations
from jobreport.watch.expectations import ExpectationError

FILE = """
[[expectation]]
name = "nightly"
tenant = "acme"
plan = "nightly"
cron = ["0 2 * * *"]
windows = [{ cron = "0 22 * * 6", length = "4h" }]

[[expectation]]
name = "of-all"
tenant = "*"
age = "26h"
"""


def file(text: str) -> Configuration:
    return Configuration(Path("jobreport.toml"), text)


def own(store: Store, tenant: str) -> dict[str, Expectation]:
    return {one.name: one for one in readable(store, tenant).own}


def test_a_file_is_applied_whole_and_leaves_what_was_set_otherwise(store: Store) -> None:
    create(store, "acme")
    expectations.put(store, "acme", to_expectation(ExpectationDocument(name="by-hand", plan="x", age="1d")))
    wanted = declared.declared(file(FILE))
    said = [(one.what, one.tenant, one.name) for one in declared.steps(store, wanted)]
    assert said == [("set", SERVICE_NAME, "of-all"), ("set", "acme", "nightly")]
    assert set(own(store, "acme")) == {"by-hand"}
    assert [(one.what, one.tenant, one.name) for one in declared.apply(store, wanted)] == said
    assert set(own(store, "acme")) == {"by-hand", "nightly"}
    assert declared.apply(store, wanted) == []
    # A pattern of tenants applies to those that come later, too, and not to the operator's own.
    create(store, "globex")
    assert [one.name for one in readable(store, "globex").expectations] == ["of-all"]
    with store.reading() as transaction:
        later = tenants.find(transaction, "globex")
        assert later
        assert tenants.ages(transaction, later.number) == later.ages
    (gone, _) = declared.apply(store, declared.declared(file(FILE.replace('"nightly"', '"weekly"', 1))))
    assert (gone.what, gone.name) == ("remove", "nightly")
    assert set(own(store, "acme")) == {"by-hand", "weekly"}
    declared.apply(store, declared.declared(file("")))
    assert set(own(store, "acme")) == {"by-hand"}


def tables(*those: tuple[str, str, str]) -> declared.Declared:
    """What a file expects with a table for each of these: a name, a tenant and a plan."""
    keys = (f'name = "{name}"\ntenant = "{tenant}"\nplan = "{plan}"\nage = "1d"' for name, tenant, plan in those)
    return declared.declared(file("".join(f"[[expectation]]\n{one}\n" for one in keys)))


def test_two_that_change_places_are_applied(store: Store) -> None:
    declared.apply(store, tables(("first", "acme", "a"), ("second", "acme", "b")))
    done = declared.apply(store, tables(("first", "acme", "b"), ("second", "acme", "a")))
    assert [(one.what, one.name) for one in done] == [("set", "first"), ("set", "second")]
    assert {name: one.plan for name, one in own(store, "acme").items()} == {"first": "b", "second": "a"}


def test_where_one_cannot_be_applied_none_is_and_a_dry_run_says_so(store: Store) -> None:
    declared.apply(store, tables(("first", "acme", "a"), ("second", "zeta", "b")))
    expectations.put(store, "zeta", to_expectation(ExpectationDocument(name="by-hand", plan="x", age="1d")))
    for do in (declared.steps, declared.apply):
        with pytest.raises(ExpectationError, match="zeta: the expectation by-hand applies to the same series"):
            do(store, tables(("another", "acme", "b"), ("other", "zeta", "x")))
        with pytest.raises(ExpectationError, match="acme: the expectation one applies to the same series"):
            do(store, tables(("one", "acme", "x"), ("two", "acme", "x")))
    assert set(own(store, "acme")) == {"first"}


def test_tenants_that_are_away_keep_no_other_from_what_the_file_says(store: Store) -> None:
    declared.apply(store, tables(*((f"of-{name}", name, "a") for name in ("gone", "off", "zeta"))))
    delete(store, "gone", grace_seconds=9)
    suspend(store, "off")
    done = declared.apply(store, tables(("of-zeta", "zeta", "b"), ("another", "off", "b")))
    assert [(one.what, one.tenant) for one in done] == [("remove", "off"), ("set", "off"), ("set", "zeta")]
    assert (set(own(store, "off")), own(store, "zeta")["of-zeta"].plan) == ({"another"}, "b")
    with pytest.raises(TenantError, match="the tenant gone is deleted"):
        declared.apply(store, tables(("of-gone", "gone", "b"), ("of-zeta", "zeta", "c")))
    assert own(store, "zeta")["of-zeta"].plan == "b"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('age = "soon"', "line 3: expectation 'one', age: 'soon' is no length of time"),
        ('cron = ["0 2 * *"]', "line 3: expectation 'one', cron: '0 2 * *' must have five fields"),
        ('windows = [{ cron = "0 2 * * *" }]', "expectation 'one', windows: has either begins and ends, or cron"),
        ('agge = "1d"', "agge: is no key here: did you mean age"),
        ("age = 3", "age: must be a text in quotes"),
        ('age = "1d"\nby = "me"', "line 4: expectation 'one', by: is said by answers alone"),
        ('plan = "x"', "expectation 'one': says nothing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(line: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        declared.declared(file(f'[[expectation]]\nname = "one"\n{line}\n'))
    assert message in str(refused.value)
