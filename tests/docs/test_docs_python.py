"""The Python how-tos: each program runs as it stands, against the running server."""

import re
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobreport.client import JobReportClient
from jobs import job, unfinished
from serving import READ, App, Server

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", (HOW_TO / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def block(page: str, word: str) -> str:
    """The one program of the page that has this word."""
    (found,) = [code for code in blocks(page) if word in code]
    return found


def run(code: str, app: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Runs the program, and gives its variables; what is the reader's own is the test's app."""
    monkeypatch.setenv("JOBREPORT_CLIENT_ID", app.client_id)
    monkeypatch.setenv("JOBREPORT_CLIENT_SECRET", app.secret)
    file = folder / "program.py"
    file.write_text(code.replace("https://jobs.example.com", app.server.url), encoding="utf-8")
    own = {"url": app.server.url, "client_id": app.client_id, "client_secret": app.secret}
    return runpy.run_path(str(file), init_globals=own)


def at(moment: datetime, name: str, state: str = "Successful", minutes: int = 1, **fields: Any) -> dict[str, Any]:
    times = {"startTime": moment.isoformat(), "finishTime": (moment + timedelta(minutes=minutes)).isoformat()}
    return job(name, state=state, **times, **fields)


@pytest.fixture
def reader(server: Server, tenant: str) -> App:
    """An app that may read, as the how-to registers it, in a tenant with some jobs."""
    written = server.app(tenant).write(
        [
            at(NOON, "a1", jobType="Backup", minutes=2, plan="nightly"),
            at(NOON + timedelta(minutes=1), "a2", jobType="Backup", minutes=4, plan="nightly"),
            at(NOON + timedelta(minutes=2), "a3", "Failed", jobType="Backup", failedCount=7, plan="weekly"),
            at(NOON + timedelta(days=1), "a4", "Exception", jobType="FileSync", failedCount=2, minutes=9),
            unfinished("a5", "InProgress", startTime=(NOON + timedelta(days=1)).isoformat()),
            at(datetime.now(UTC) - timedelta(hours=1), "now", "Failed", failedCount=3, comments="no space left"),
        ]
    )
    assert written.status_code == 200, written.text
    return server.app(tenant, READ)


@pytest.mark.parametrize(
    ("page", "word"),
    [("python-client.md", "yesterday"), *(("python-tables.md", word) for word in ("groupby", "polars", "duckdb"))],
)
def test_a_program_has_some_ten_lines(page: str, word: str) -> None:
    assert len(block(page, word).rstrip().splitlines()) <= 12


def test_the_script_prints_what_failed(
    reader: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(block("python-client.md", "yesterday"), reader, tmp_path, monkeypatch)
    (line,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\d\d:\d\d Failed        3 now no space left", line)


def test_the_asynchronous_program_asks_twice_at_once(
    reader: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(block("python-client.md", "asyncio.gather"), reader, tmp_path, monkeypatch)
    assert capsys.readouterr().out.splitlines() == ["[2, 1]", "['a2', 'a1']"]


def test_the_errors_are_told_as_it_says(
    reader: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    total = run(block("python-client.md", "error.temporary"), reader, tmp_path, monkeypatch)["total"]
    with JobReportClient(reader.server.url, reader.client_id, reader.secret) as client:
        assert total(client, "a") == 5
        assert total(client, "x" * 257) is None
    with JobReportClient(reader.server.url, reader.client_id, "wrong") as client:
        assert total(client, "a") is None
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("searchText: ")
    assert second.startswith("not before it is put right: ")


def test_the_publishers_form_of_it_reads_this_service_too(
    server: Server, tenant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = server.app(tenant)
    app.write(at(NOON, "vm", serviceType="VM"))
    everything = run(block("python-client.md", "def everything"), app, tmp_path, monkeypatch)["everything"]
    assert everything(server.url, f"{server.url}/connect/token", app.client_id, app.secret) == ["vm"]


def test_pandas(reader: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run(block("python-tables.md", "groupby"), reader, tmp_path, monkeypatch)
    days = found["days"]
    assert days.loc[NOON.date(), "Backup"] == pytest.approx(2 / 3)
    assert days.loc[(NOON + timedelta(days=1)).date(), "FileSync"] == 0
    assert str(found["jobs"]["started_at"].dtype).endswith("UTC]")


def test_polars(reader: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run(block("python-tables.md", "polars"), reader, tmp_path, monkeypatch)
    (row,) = found["longest"].to_dicts()
    assert (row["type"], row["mean"], row["len"]) == ("Backup", 180, 2)
    assert row["spread"] == pytest.approx(84.85, abs=0.01)
    assert found["jobs"].schema["started_at"].time_zone == "UTC"


def test_duckdb(reader: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = run(block("python-tables.md", "duckdb"), reader, tmp_path, monkeypatch)["failures"].fetchall()
    assert {row[:3] for row in rows} == {("Backup", 1, 7), ("FileSync", 1, 2), ("FileBackup", 1, 3)}
