"""mypy in strict mode accepts correct programs that use the client, and reports the mistakes in wrong ones."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
HOW_TO = HERE.parents[1] / "docs" / "how-to" / "python-client.md"

WRONG = {
    "client.find(since=1)": "since",
    'client.find(state=Failed, page_size="10")': "page_size",
    "client.find(min_duration=5)": "min_duration",
    "client.report(state=1)": "state",
    "client.iter_jobs()[0]": "not indexable",
    "client.find().next_lnk": "next_lnk",
    'JobReportClient("https://x")': "client_id",
    'JobReportClient("https://x", "app", retry=1)': "retry",
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of mypy's cache. Both tests share it, since checking the package takes longer than the programs."""
    return tmp_path_factory.mktemp("mypy")


def checked(cache: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    """Runs mypy in strict mode on the files, without the settings of this project, and returns its result."""
    words = [
        "--strict",
        "--no-error-summary",
        "--config-file",
        "",
        "--cache-dir",
        str(cache),
        *files,
    ]
    return subprocess.run([sys.executable, "-m", "mypy", *words], capture_output=True, text=True, check=False)


def test_mypy_accepts_correct_programs(tmp_path: Path, cache: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", HOW_TO.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 6
    files = [tmp_path / "typed_program.py", *(tmp_path / f"block_{number}.py" for number in range(len(blocks)))]
    for file, code in zip(files, [(HERE / "typed_program.py").read_text(encoding="utf-8"), *blocks], strict=True):
        file.write_text(code, encoding="utf-8")
    done = checked(cache, *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_reports_each_mistake(tmp_path: Path, cache: Path) -> None:
    head = "from jobreport.client import JobReportClient, JobState\nFailed = JobState.Failed\n"
    file = tmp_path / "wrong.py"
    file.write_text(f"{head}def use(client: JobReportClient) -> None:\n" + "".join(f"    {line}\n" for line in WRONG))
    done = checked(cache, file)
    for number, (line, word) in enumerate(WRONG.items(), head.count("\n") + 2):
        said = [entry for entry in done.stdout.splitlines() if f"wrong.py:{number}: error" in entry]
        assert said, f"{line}: {done.stdout}"
        assert any(word in entry for entry in said), said


@pytest.mark.parametrize("name", ["joserfc", "cryptography", "sqlalchemy", "starlette"])
def test_importing_the_client_loads_no_more_than_it_needs(name: str) -> None:
    look = f"import sys, jobreport.client; sys.exit({name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
