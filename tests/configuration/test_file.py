"""`jobreport.toml`: where it is looked for, and what a message says of each thing that is wrong in it."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest

from jobreport.configuration.check import Span
from jobreport.configuration.file import MAX_BYTES, Configuration, ConfigurationError, load
from jobreport.model.catalog import JobType


class _Inner(msgspec.Struct, frozen=True):
    path: str = "."


class _Settings(msgspec.Struct, frozen=True, kw_only=True):
    every: Span = 300
    parts: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    share: float = 0.5
    own: Literal["all", "none"] = "all"
    type: JobType = JobType.Backup
    region: Annotated[str, msgspec.Meta(pattern="^[a-z]+$", description="a region such as eu")] = "eu"
    short: Annotated[str, msgspec.Meta(max_length=3)] = ""
    accounts: tuple[str, ...] = ()
    either: str | list[str] = ""
    states: dict[str, JobType] = {}
    inner: _Inner | None = None
    deep: bool = False

    def __post_init__(self) -> None:
        if self.deep and not self.accounts:
            raise ValueError("deep needs accounts")


def _file(text: str) -> Configuration:
    return Configuration(Path("jobreport.toml"), text)


def _read(lines: str) -> _Settings:
    (table,) = _file(f'[[connector]]\nname = "prod"\nkind = "x"\n{lines}\n').tables("connector")
    return table.read(_Settings, but=["kind"])


def test_a_table_becomes_what_a_room_declares() -> None:
    read = _read(
        'every = "1h30m"\nparts = 9\nshare = 1\nown = "none"\ntype = "restore"\naccounts = ["a"]\neither = ["b"]\n'
        'states.done = "Backup"\ninner.path = "/srv"\ndeep = true'
    )
    assert read == _Settings(
        every=5400,
        parts=9,
        share=1.0,
        own="none",
        type=JobType.Restore,
        accounts=("a",),
        either=["b"],
        states={"done": JobType.Backup},
        inner=_Inner("/srv"),
        deep=True,
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("every = 5", 'every: must be a length of time in quotes, such as "5m" or "1h30m"'),
        ('every = "soon"', 'every: must be a length of time in quotes, such as "5m" or "1h30m"'),
        ("parts = 10", "parts: must be at least 1 and at most 9, not 10"),
        ('parts = "1"', "parts: must be a whole number, not a text in quotes"),
        ("parts = true", "parts: must be a whole number, not true or false"),
        ("own = 'al'", "own: did you mean all? It must be one of all, none"),
        ('type = "Bakup"', "type: did you mean Backup? It must be one of these names or codes: Backup 1"),
        ("type = 1", "type: must be a name in quotes, not a whole number"),
        ('region = "EU"', "region: must be a region such as eu, not 'EU'"),
        ('short = "abcd"', "short: must be of 0 to 3 characters, not 'abcd'"),
        ('accounts = "a"', "accounts: must be a list in brackets, not a text in quotes"),
        ('accounts = ["a", 1]', "accounts.2: must be a text in quotes, not a whole number"),
        ('states.done = "x"', "states.done: must be one of these names or codes: Backup 1"),
        ("inner = {pat = 1}", "inner.pat: is no key here: did you mean path? There are path"),
        ("region = 2024-01-01", "region: must be a text in quotes, not a time"),
        ("evry = 1", "evry: is no key here: did you mean every? There are every, parts"),
    ],
)
def test_what_is_wrong_is_told_with_its_key_and_line(line: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        _read(line)
    assert str(error.value).startswith(f"jobreport.toml, line 4: connector 'prod', {message}")


def test_a_fault_that_begins_with_a_key_names_its_line_and_that_of_a_table_its_head() -> None:
    with pytest.raises(ConfigurationError, match="line 4: connector 'prod': deep needs accounts"):
        _read("deep = true")
    table = _file('\n[[connector]]\nname = "prod"\n').tables("connector")[0]
    with pytest.raises(ConfigurationError, match="line 2: connector 'prod': kind is missing"):
        table.text("kind")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[conector]]", r"line 1: conector: is no table here: did you mean connector\? There are"),
        ("[connector]", r"line 1: connector: is written with two brackets, \[\[connector\]\]"),
        ("[[sns]]", r"line 1: sns: is written with one bracket, \[sns\]"),
        ("connector = 1", "line 1: connector: is written with two brackets"),
        ("\nx = ", "jobreport.toml is not TOML: Invalid value"),
        (
            "x = 1\nvollständig = 1",
            r"\(at line 2, column 7\); a key with a blank, or a letter beyond a to z, stands",
        ),
        ("überfällig = 1", r"\(at line 1, column 1\); a key with a blank"),
        ("[[connector]]", "line 1: connector: name is missing"),
        ("[[connector]]\nname = 1", "line 2: connector, name: must be a text in quotes"),
        ('[[connector]]\nname = "A b"', "line 2: connector 'A b', name: must have 1 to 64 of a-z"),
        (
            '[[connector]]\nname = "a"\n[[connector]]\nname = "a"',
            r"line 4: connector 'a', name: another connector has this name \(line 1\)",
        ),
    ],
)
def test_tables_have_known_kinds_and_names_of_their_own(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        _file(text).tables("connector")


def test_a_table_that_there_is_once_has_no_name() -> None:
    assert _file("[sns]\npath = 'x'").table("sns").read(_Inner) == _Inner("x")
    assert _file("").table("sns").read(_Inner) == _Inner()
    with pytest.raises(ConfigurationError, match="line 2: sns, path: must be a text in quotes"):
        _file("[sns]\npath = 1").table("sns").read(_Inner)


def test_the_file_is_the_one_named_or_here_or_of_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, service = tmp_path / "here", tmp_path / "service"
    here.mkdir()
    service.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("JOBREPORT_SETTINGS", str(service))
    assert load().path is None
    assert load().tables("connector") == []
    (service / "jobreport.toml").write_text("", encoding="utf-8")
    assert load().path == service / "jobreport.toml"
    (here / "jobreport.toml").write_bytes(b"\xef\xbb\xbf# with a mark of its byte order")
    assert load().path == Path("jobreport.toml")
    (tmp_path / "x.toml").write_text("", encoding="utf-8")
    assert load(str(tmp_path / "x.toml")).path == tmp_path / "x.toml"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot read .*none.toml: No such file or directory"):
        load(str(tmp_path / "none.toml"))
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    with pytest.raises(ConfigurationError, match="it is not UTF-8"):
        load(str(tmp_path / "latin.toml"))
    (tmp_path / "long.toml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(ConfigurationError, match="the most that are read"):
        load(str(tmp_path / "long.toml"))
