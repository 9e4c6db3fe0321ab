"""The commands of the documentation, run against a real server as a reader would run them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from jobreport.model.catalog import JobState
from serving import PATIENCE, PROGRAM, READ_WRITE, Server, environment

DOCS = Path(__file__).parents[2] / "docs"
TICKS = 638599392481859693


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def missing(*programs: str) -> pytest.MarkDecorator:
    """Leaves a test out where one of these programs is not here, and says which."""
    absent = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(absent), reason=f"not installed: {', '.join(absent)}")


def states(listed: str) -> list[str]:
    """The state of each job that `jobreport jobs` lists, however wide the terminal is."""
    return re.findall(rf"\b({'|'.join(state.name for state in JobState)}) +\d{{4}}-", listed)


@missing("bash", "curl", "jq", "tar")
def test_the_tutorial_works_as_it_stands(server: Server, tmp_path: Path) -> None:
    start, *rest = blocks("tutorial/first-report.md", "sh")
    assert "jobreport serve" in start  # which runs already, on a store of the tests
    script = "\n".join(rest).replace("http://127.0.0.1:8080", server.url)
    # One of its backups fails, as it says; nothing else may.
    failing = "tar -czf notes.tgz notes missing\n"
    assert script.count(failing) == 1
    script = script.replace(failing, f"{failing.strip()} || test $? = 2\n")
    run = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        env=environment(
            HOME=str(tmp_path / "home"),
            XDG_STATE_HOME=str(tmp_path / "state"),
            PATH=f"{PROGRAM.parent}:{environment()['PATH']}",
            JOBREPORT_STORE=server.store,
            JOBREPORT_TENANT="tutorial",
        ),
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    (table,) = [block for block in blocks("tutorial/first-report.md", "text") if "1 to 2 of 2 jobs" in block]
    assert "1 to 2 of 2 jobs" in run.stdout
    assert states(run.stdout) == states(table) == ["Exception", "Successful"]
    # curl ends the answer without a line end.
    answer, _ = json.JSONDecoder().raw_decode(run.stdout[run.stdout.index('{"totalCount":') :])
    (told,) = [json.loads(block) for block in blocks("tutorial/first-report.md", "json")]
    (shown,) = told["jobs"]
    assert answer["totalCount"] == told["totalCount"] == 2
    assert answer["jobs"][0].keys() == shown.keys()
    for field in ("state", "failedCount", "successfulCount", "skippedCount", "totalCount", "comments"):
        assert answer["jobs"][0][field] == shown[field]
    assert f"State {shown['state']} is {JobState(shown['state']).name}" in (
        DOCS / "tutorial/first-report.md"
    ).read_text(encoding="utf-8")
    assert "2026-11-23T13:26:30.5414297Z" in run.stdout
    assert "Revoked first app" in run.stdout
    assert not (tmp_path / "app.json").exists()


@missing("node")
def test_the_javascript_recipe_reads_every_digit(server: Server, tenant: str, tmp_path: Path) -> None:
    app = server.app(tenant, READ_WRITE)
    comment = f'start: {TICKS}, "{TICKS}" \\'
    job = {"jobId": "a", "serviceType": 8, "jobType": 1, "state": 2, "startTime": TICKS, "finishTime": TICKS + 1}
    assert app.write({**job, "comments": comment}).status_code == 200
    library, client = blocks("how-to/javascript.md", "js")
    module = tmp_path / "client.mjs"
    used = client.replace("https://jobs.example.com", server.url).replace(
        "2026-11-23T00:00:00Z", "2024-01-01T00:00:00Z"
    )
    told = "console.log(JSON.stringify(report, (key, value) => (typeof value === 'bigint' ? `${value}` : value)));"
    module.write_text(f"{library}\n{used}\n{told}\n", encoding="utf-8")
    run = subprocess.run(
        ["node", module],
        env=environment(JOBREPORT_CLIENT_ID=app.client_id, JOBREPORT_CLIENT_SECRET=app.secret),
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    first, report = run.stdout.splitlines()
    assert first == "1 2024-08-22T16:00:48.185Z"
    (found,) = json.loads(report)["jobs"]
    assert (found["startTime"], found["duration"], found["comments"]) == (str(TICKS), "1", comment)


def test_the_python_example_writes_its_job(server: Server, tenant: str) -> None:
    app = server.app(tenant)
    (example,) = blocks("reference/write-side.md", "python")
    code = compile(example.replace("https://jobs.example.com", server.url), "write-side.md", "exec")
    exec(code, {"client_id": app.client_id, "client_secret": app.secret})
    assert app.found() == ["export-2026-11-23"]


def test_the_examples_of_the_write_side_are_taken(server: Server, tenant: str) -> None:
    app = server.app(tenant)
    for page in ("reference/write-side.md", "reference/api.md", "how-to/entra-id-powershell.md"):
        text = (DOCS / page).read_text(encoding="utf-8")
        for body in re.findall(r"<!-- request: jobs -->\n```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            answer = app.write(body.encode())
            assert answer.status_code == 200, answer.text


def test_every_spelling_of_nothing_is_taken(server: Server, tenant: str) -> None:
    app = server.app(tenant)
    text = (DOCS / "how-to" / "dotnet-client.md").read_text(encoding="utf-8")
    (body,) = re.findall(r"<!-- request: report -->\n```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert app.report(body.encode()).json() == app.report({}).json()
