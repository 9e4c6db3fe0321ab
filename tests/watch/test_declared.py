"""Expectations of `jobreport.toml` are applied whole, and what is wrong with one is told with its line."""

from pathlib import Path

import pytest

from jobreport.configuration.file import Configuration, ConfigurationError
from jobreport.contract.expectation import ExpectationDocument, to_expectation
from jobreport.identity.tenants import create, readable
from jobreport.model.expectation import Expectation
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.watch import declared, expectations

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
