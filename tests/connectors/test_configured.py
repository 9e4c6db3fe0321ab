"""`[[connector]]` tables: what they may say, and what is said of one that is wrong."""

from pathlib import Path

import pytest

from jobreport.configuration.file import Configuration, ConfigurationError
from jobreport.connectors import kinds
from jobreport.connectors.configured import configured, one_named
from jobreport.connectors.kinds.exec import Settings

GOOD = '[[connector]]\nkind = "exec"\nname = "nas"\ncommand = ["list-jobs"]\nsees = "runs"\n'


def test_a_table_becomes_what_its_kind_declares() -> None:
    more = 'every = "2m"\ntenant = "acme"\nremembers = "30d"'
    (one,) = configured(Configuration(Path("jobreport.toml"), GOOD + more))
    assert (one.name, one.kind.name, one.every, one.tenant, one.origin) == ("nas", "exec", 120, "acme", "exec/nas")
    assert one.settings == Settings(command=("list-jobs",), sees="runs", remembers=30 * 86_400)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('comand = ["x"]', "line 6: connector 'nas', comand: is no key here: did you mean command?"),
        ("every = 5", "line 6: connector 'nas', every: must be a length of time in quotes"),
        ('every = "1s"', 'line 6: connector \'nas\': every must be from "10s" to "7d"'),
        ("memory = 0", "line 6: connector 'nas': memory must be more than 0"),
        ('tenant = "Acme Ltd"', "line 6: connector 'nas': tenant is no name of one: a tenant's name has 1"),
        ('tenant = ["a"]', "line 6: connector 'nas', tenant: must be a text in quotes, not a list in brackets"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(more: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        configured(Configuration(Path("jobreport.toml"), GOOD + more))
    assert said in str(refused.value)


def test_an_unknown_kind_and_a_missing_key_are_named() -> None:
    for text, said in (
        (
            GOOD.replace('"exec"', '"exce"'),
            "line 2: connector 'nas', kind: there is no kind 'exce' of connectors: did you mean exec?",
        ),
        (GOOD.replace('sees = "runs"', ""), "line 1: connector 'nas': sees is missing"),
        (GOOD.replace('["list-jobs"]', "[]"), "command must name a program"),
    ):
        with pytest.raises(ConfigurationError) as refused:
            configured(Configuration(Path("jobreport.toml"), text))
        assert said in str(refused.value)


def test_a_connector_is_found_whatever_is_wrong_with_another() -> None:
    file = Configuration(Path("jobreport.toml"), GOOD + GOOD.replace("nas", "other").replace("exec", "none"))
    assert one_named(file, "nas").name == "nas"
    with pytest.raises(LookupError, match=r"no connector 'nsa' in jobreport.toml: did you mean nas\?"):
        one_named(file, "nsa")


def test_every_kind_of_ours_can_be_had_and_describes_each_of_its_keys() -> None:
    for name in kinds.OWN:
        kind = kinds.load(name)
        assert {*kind.keys} == {*kind.settings.__struct_encode_fields__}
