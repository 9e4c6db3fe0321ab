"""Beside a report the command line says what connectors cannot see, on standard error; nothing else changes by it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from connecting import until
from jobreport.cli.output.unseen import tell
from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.model.streams import Hole, StreamState
from jobreport.store import open_store
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key
from jobreport.store.registry.tenants import find
from jobs import job
from serving import App, typed

DAY, MINUTE = ticks.PER_DAY, 60 * ticks.PER_SECOND
REPORTS = (["jobs"], ["jobs", "--as", "generation2"], ["summary", "--json"], ["series"])


def read_by_connectors(app: App) -> tuple[str, str]:
    """Has two connectors of the app's tenant be blind: one reads nothing since yesterday, one has a hole. Returns since
    when, and from when the hole is."""
    now = now_ticks()
    since, begins = now - DAY, now - 9 * DAY
    store = open_store(app.server.store)
    with store.writing() as transaction:
        tenant = find(transaction, app.document["tenant"])
        assert tenant is not None
        for name, looked, streams in (("blind", since, ("eu", "us")), ("forgetful", now, ("all",))):
            key = Key(tenant.number, name)
            assert connectors.claim(transaction, key, "exec", 300, "a", now, now + MINUTE)
            for one in streams:
                state = StreamState(stream=one, added=begins, looked=looked, watermark=looked, error="access denied")
                connectors.put_stream(transaction, key, state)
            connectors.release(transaction, key, "a", "")
        hole = Hole(stream="all", begins=begins, ends=now - 7 * DAY, found=now)
        connectors.add_hole(transaction, key, hole)
    store.close()
    return ticks.to_iso(since, digits=0), ticks.to_iso(begins, digits=0)


def wanted(since: str, begins: str) -> list[str]:
    return [
        f"not all is seen: the connector blind, eu: no data since {since}: access denied; and 1 more of its streams",
        f"not all is seen: what ran from {begins} to",
    ]


def told(stderr: str) -> list[str]:
    return [line.removeprefix("jobreport: ") for line in stderr.splitlines() if "not all is seen" in line]


def ask(words: Sequence[str], more: Sequence[str], env: dict[str, str]) -> tuple[str, list[str]]:
    done = typed(*words, *more, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout, told(done.stderr)


def test_every_report_says_what_is_not_seen(app: App, tmp_path: Path) -> None:
    """From a store as from a server, with the same words; a script reads the same as before."""
    assert app.write(job("FB1", plan="nightly")).status_code == 200
    store = ["--store", app.server.store, "--tenant", app.document["tenant"]]
    server = {
        "JOBREPORT_URL": app.server.url,
        "JOBREPORT_CLIENT_ID": app.client_id,
        "JOBREPORT_CLIENT_SECRET": app.secret,
    }
    before = [ask(words, store, {}) for words in REPORTS]
    assert [lines for _, lines in before] == [[]] * len(REPORTS)
    blind, hole = wanted(*read_by_connectors(app))
    until(lambda: ask(["jobs"], (), server)[1], "the header of reports")
    shows = ["series", "show", json.loads(ask(["series", "--json"], store, {})[0])["series"][0]["key"]]
    exports = ["export", "-o", str(tmp_path / "jobs.csv")]
    for words in (*REPORTS, shows, exports):
        from_store, lines = ask(words, store, {})
        assert lines[0] == blind
        assert lines[1].startswith(hole)
        assert lines[1].endswith("(jobreport connectors acknowledge forgetful ends this)")
        assert ask(words, (), server)[1] == lines
        if "--json" in words:
            assert json.loads(from_store)["total"] == json.loads(before[REPORTS.index(words)][0])["total"]
    for name, left in (("blind", lines[1:]), ("forgetful", [])):
        words = ["connectors", "forget", name, "--tenant", app.document["tenant"], "--store", app.server.store]
        assert ask(words, (), {})[0] == f"Forgot the connector {name}. Its jobs stay.\n"
        assert ask(["jobs"], store, {})[1] == left


def test_of_very_many_only_the_first_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty sentences, and how many more there are."""
    tell([f"the connector c{number}" for number in range(30)])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "jobreport: not all is seen: and 10 more"
