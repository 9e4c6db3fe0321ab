"""A server applies the expectations of its file when it starts, and when the file has changed."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jobreport.configuration.file import load
from jobreport.identity.tenants import ensure, readable
from jobreport.services.file_expectations import FileExpectations
from jobreport.store import Store

NIGHTLY = """
[[expectation]]
name = "nightly"
tenant = "acme"
plan = "nightly"
cron = ["0 2 * * *"]
"""


def names(store: Store) -> list[str]:
    return [one.name for one in readable(store, "acme").own]


def test_the_file_is_applied_at_the_start_and_when_it_has_changed(store: Store, tmp_path: Path) -> None:
    ensure(store, "acme")
    path = tmp_path / "jobreport.toml"
    path.write_text(NIGHTLY)
    service = FileExpectations(store, load(str(path)), str(path))
    with capture_logs() as said:
        service.look()
        service.look()
    assert names(store) == ["nightly"]
    assert [(one["event"], one["name"]) for one in said] == [("expectation set", "nightly")]
    # One that is being written is not applied by halves.
    path.write_text("")
    service.look()
    path.write_text(NIGHTLY.replace('"nightly"', '"weekly"'))
    service.look()
    assert names(store) == ["nightly"]
    service.look()
    assert names(store) == ["weekly"]
    path.write_text("")
    service.look()
    service.look()
    assert names(store) == []


def test_a_file_with_a_fault_changes_nothing_and_is_told_once(store: Store, tmp_path: Path) -> None:
    ensure(store, "acme")
    path = tmp_path / "jobreport.toml"
    path.write_text(NIGHTLY)
    service = FileExpectations(store, load(str(path)), str(path))
    service.look()
    path.write_text(NIGHTLY.replace("0 2 * * *", "0 2 * *"))
    with capture_logs() as said:
        for _ in range(4):
            service.look()
    assert names(store) == ["nightly"]
    (told,) = said
    assert "line 6" in told["reason"]
    path.unlink()
    service.look()
    assert names(store) == ["nightly"]


def test_a_default_file_that_is_gone_takes_nothing_away_and_that_is_told_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure(store, "acme")
    monkeypatch.setenv("JOBREPORT_SETTINGS", str(tmp_path / "service"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "service").mkdir()
    for path in (Path("jobreport.toml"), tmp_path / "service" / "jobreport.toml"):
        path.write_text(NIGHTLY if path.parent.name else NIGHTLY.replace('"nightly"', '"weekly"'))
    service = FileExpectations(store, load(), None)
    service.look()
    assert names(store) == ["weekly"]
    Path("jobreport.toml").rename("away")
    with capture_logs() as said:
        for gone in range(4):
            if gone == 2:
                (tmp_path / "service" / "jobreport.toml").unlink()
            service.look()
    assert names(store) == ["weekly"]
    assert [one["reason"] for one in said] == [
        "jobreport.toml is gone; what it expected stays until jobreport expect apply"
    ]
    Path("jobreport.toml").write_text("")
    service.look()
    service.look()
    assert names(store) == []


def test_a_server_whose_file_has_none_takes_none_away(store: Store, tmp_path: Path) -> None:
    ensure(store, "acme")
    path, other = tmp_path / "jobreport.toml", tmp_path / "other.toml"
    path.write_text(NIGHTLY)
    other.write_text("")
    for one in (path, other):
        FileExpectations(store, load(str(one)), str(one)).look()
    assert names(store) == ["nightly"]
