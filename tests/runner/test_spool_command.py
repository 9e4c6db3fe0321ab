"""`jobreport spool`: what waits and what was refused is named, and becomes what a person decides."""

import json
from pathlib import Path

import pytest

from runs import Place, Recorder


def listed(place: Place) -> list[tuple[str, str]]:
    done = place.call("spool", "list", "--json")
    assert done.returncode == 0, done.stderr
    return [(one["standing"], one.get("url", "")) for one in json.loads(done.stdout)]


@pytest.fixture
def refused(place: Place, recorder: Recorder) -> str:
    """The ID of a job whose report was refused."""
    recorder.status = 422
    place.call("run", "--plan", "nightly", "--", "true")
    recorder.status = 200
    (file,) = (place.spool / "refused").glob("*.json")
    return file.stem


def test_a_refused_report_is_named_until_it_is_dealt_with(place: Place, recorder: Recorder, refused: str) -> None:
    flushed = place.call("flush")
    assert flushed.returncode == 1
    assert b"1 refused, and kept in" in flushed.stderr
    assert b"jobreport spool list" in place.call("run", "--", "true").stderr
    listing = place.call("spool", "list").stdout.decode()
    assert refused in listing
    assert "nightly" in listing
    assert "refused: the server refused the request (422): told to" in listing
    assert "0 waiting, 1 refused, 0 damaged" in listing
    shown = json.loads(place.call("spool", "show", refused).stdout)
    assert (shown["standing"], shown["job"]["plan"], shown["clientId"]) == ("refused", "nightly", "app-1")
    again = place.call("spool", "retry", "--all")
    assert again.returncode == 0, again.stderr
    assert listed(place) == [("waiting", recorder.url)]
    flushed = place.call("flush", "--json")
    assert flushed.returncode == 0
    assert json.loads(flushed.stdout) == {"delivered": 1, "refused": 0, "waiting": 0, "keptRefused": 0}
    assert refused in [job.job_id for job in recorder.reports]
    assert b"no reports are waiting in" in place.call("flush").stdout


def test_what_waits_for_a_server_that_moved_is_redirected(place: Place, recorder: Recorder, refused: str) -> None:
    old = {"JOBREPORT_URL": "http://127.0.0.1:9"}
    place.call("run", "--deliver-for", "0s", "--tenant", "acme", "--", "true", env=old)
    stranded = place.call("flush")
    assert stranded.returncode == 1
    assert b"made for http://127.0.0.1:9, tenant acme, client ID app-1" in stranded.stderr
    named = place.call("run", "--", "true")
    assert named.returncode == 0
    assert b"reports of earlier runs still wait" in named.stderr
    before = len(recorder.reports)
    assert place.call("spool", "redirect", "--all").returncode == 0
    assert listed(place) == [("waiting", recorder.url)] * 2
    flushed = place.call("flush")
    assert (flushed.returncode, flushed.stderr) == (0, b"")
    assert len(recorder.reports) == before + 2
    assert sorted(recorder.tenants()[-2:]) == ["", "acme"]


def test_nothing_is_discarded_unasked(place: Place, refused: str) -> None:
    (place.spool / "odd.json").write_text("nonsense")
    assert b"1 waiting" not in place.call("spool", "list").stdout
    assert place.call("spool", "discard", "--all").stdout == b"2 would be deleted: --yes does it\n"
    assert listed(place) == [("refused", place.environment["JOBREPORT_URL"]), ("damaged", "")]
    assert place.call("spool", "discard", refused, "--yes").stdout == b"1 deleted\n"
    assert place.call("flush").returncode == 1
    assert place.call("spool", "discard", "--all", "--yes").stdout == b"1 deleted\n"
    assert listed(place) == []
    assert place.call("flush").returncode == 0


def test_a_report_that_waits_can_be_discarded_by_name(place: Place, recorder: Recorder) -> None:
    recorder.status = 500
    place.call("run", "--deliver-for", "0s", "--", "true")
    (file,) = place.spooled()
    assert place.call("spool", "discard", file.stem, "--yes").returncode == 0
    assert not place.spooled()


@pytest.mark.parametrize("words", [("retry",), ("redirect",), ("discard",), ("retry", "x", "--all")])
def test_which_reports_are_meant_must_be_said(place: Place, words: tuple[str, ...]) -> None:
    done = place.call("spool", *words)
    assert done.returncode == 2
    assert b"--all" in done.stderr


def test_a_report_that_is_not_there_is_named(place: Place) -> None:
    done = place.call("spool", "show", "FB1")
    assert done.returncode == 1
    assert b"there is no such report of job FB1" in done.stderr


def test_a_spool_that_cannot_be_used_is_one_sentence(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = place.call("spool", "list", "--spool", str(tmp_path / "file"))
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("words", [("flush",), ("spool", "list")])
def test_the_spool_of_the_machines_backups_is_named(place: Place, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "runner.env").write_text("JOBREPORT_SPOOL=/var/lib/jobreport-spool\n")
    installed = {"JOBREPORT_SETTINGS": str(tmp_path)}
    done = place.call(*words, env={**installed, "JOBREPORT_SPOOL": ""})
    assert b"in another spool: --spool /var/lib/jobreport-spool" in done.stderr
    assert place.call(*words, env=installed).stderr == b""
