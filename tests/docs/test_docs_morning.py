"""The script of the morning report, as it stands on its page: it tells of a night, and says when it cannot."""

import re
import subprocess
from pathlib import Path

import pytest
from pages import DOCS, text

from jobreport.clock import now_ticks
from jobs import job
from serving import PATIENCE, PROGRAM, App, environment


def sent(folder: Path, url: str, app: App) -> tuple[int, str, str]:
    """Runs the script with a `mail` that keeps what it gets. Returns its exit code, the subject and the text."""
    page = text(DOCS / "how-to/morning-report.md")
    (script,) = re.findall(r"^```sh\n(#!/bin/sh\n.*?)^```$", page, re.DOTALL | re.MULTILINE)
    mail = folder / "mail"
    mail.write_text(f'#!/bin/sh\nprintf %s "$2" >{folder}/subject\ncat >{folder}/text\n')
    mail.chmod(0o755)
    env = environment(
        PATH=f"{folder}:{PROGRAM.parent}:{environment()['PATH']}",
        JOBREPORT_URL=url,
        JOBREPORT_CLIENT_ID=app.client_id,
        JOBREPORT_CLIENT_SECRET=app.secret,
    )
    done = subprocess.run(["sh", "-c", script], env=env, cwd=folder, timeout=PATIENCE, check=False)
    return done.returncode, (folder / "subject").read_text(), (folder / "text").read_text()


@pytest.mark.parametrize("reachable", [True, False])
def test_a_morning_without_a_server_does_not_look_like_one_without_failures(
    app: App, tmp_path: Path, reachable: bool
) -> None:
    now = now_ticks()
    app.write(job("FB1", state="Failed", startTime=now, finishTime=now))
    code, subject, said = sent(tmp_path, app.server.url if reachable else "http://127.0.0.1:9", app)
    assert code == (0 if reachable else 1)
    assert subject.startswith("Backups, " if reachable else "NO WHOLE REPORT: Backups, ")
    assert subject.endswith(": 1 not good" if reachable else ": ? not good")
    # A mail program breaks no line of it.
    assert max(len(line) for line in said.splitlines() if "jobreport: " not in line) <= 76
    assert said.count("no answer from") == (0 if reachable else 3)
    for title in ("Last night", "Failed, or finished with exceptions", "The last success of each plan"):
        assert title in said
