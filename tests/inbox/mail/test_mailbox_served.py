"""A server that reads a mailbox: as the file says, once more after it was killed, and how the command line tries it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from dovecot import USER, Dovecot, dovecot
from mail_house import mail

from serving import App, Server, program_with, serve, typed, until

ALL = 15


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    with dovecot() as found:
        yield found


def file(folder: Path, server: Dovecot, more: str = "") -> str:
    """A jobreport.toml with the mailbox, and a rule for its mails."""
    path = folder / "jobreport.toml"
    path.write_text(
        f"""
[[mailbox]]
name = "backup"
host = "127.0.0.1"
port = {server.tls}
user = "{USER}"
password_file = "{server.password_file}"
ca = "{server.ca}"
tenant = "acme"
inbox = "nas-2"
{more}

[[rule]]
name = "nas"
subject = '^Backup (?<state>\\w+)$'
states = {{ ok = "Successful", bad = "Failed" }}
""",
        encoding="utf-8",
    )
    return str(path)


def with_inbox(server: Server) -> App:
    app = server.app("acme")
    assert typed("inbox", "create", "nas-2", "--tenant", "acme", "--store", server.store).returncode == 0
    return app


def test_a_server_that_is_killed_amid_its_mails_loses_none_and_counts_none_twice(
    tmp_path: Path, running: Dovecot
) -> None:
    config = file(tmp_path, running)
    # Without a lease that keeps: what was killed is followed at once, and by two readers at the same time.
    program = program_with(tmp_path, "jobreport.services.mailboxes", "mailboxes.LEASE_SECONDS = 0")
    with serve(tmp_path) as server:
        app = with_inbox(server)
        running.put(*(mail("Backup ok", Message_ID=f"<{number}@nas>") for number in range(ALL)))
        with serve(tmp_path / "killed", "--config", config, store=server.store, program=program) as killed:
            until(lambda: running.subjects("Jobreport"), "the first mail")
            killed.kill()
        with (
            serve(tmp_path / "next", "--config", config, store=server.store, program=program),
            serve(tmp_path / "beside", "--config", config, store=server.store, program=program),
        ):
            until(lambda: not running.subjects(), "the last mail")
            until(lambda: len(app.found(pagination={"pageSize": 100})) == ALL, "the last job")
    # Where both move one mail at once, it is for the mail server to say whether it is there twice.
    assert len(running.subjects("Jobreport")) >= ALL


def test_the_command_line_says_what_would_come_of_a_mailbox(tmp_path: Path, running: Dovecot, new_store: str) -> None:
    running.empty()
    running.put(mail("Backup bad"), mail("Sicherung fertig"))
    config = file(tmp_path, running)
    assert typed("inbox", "create", "nas-2", "--tenant", "acme", "--store", new_store).returncode == 0
    words = ("inbox", "mailbox", "test", "backup", "--config", config, "--store", new_store)
    done = typed(*words)
    assert done.returncode == 0, done.stderr
    assert "nas@example.test  Backup bad\n    nas-2: Failed\n" in done.stdout
    assert "Sicherung fertig\n    nas-2: no rule knows such a mail\n" in done.stdout
    first, second = json.loads(typed(*words, "--json").stdout)
    assert (first["inbox"], first["jobs"][0]["state"], second["unread"]) == (
        "nas-2",
        "Failed",
        "no rule knows such a mail",
    )
    unknown = typed("inbox", "mailbox", "test", "other", "--config", config, "--store", new_store)
    assert (unknown.returncode, unknown.stderr) == (
        1,
        "jobreport: jobreport.toml names no mailbox 'other': there are backup.\n",
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('security = "none"\nhostname = "x"', "hostname: is no key here"),
        ('security = "ssl"', "security: must be one of none, starttls, tls"),
        ('done = "INBOX"', "folder, done and refused must be three folders"),
        ('done = "Ordner *"', "done: must be the name of a folder in ASCII"),
        ('every = "1s"', "every must be from 10s to 24h"),
        ('senders = ["nas"]', "'nas' is no sender such as nas@example.com or @example.com"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_line(
    tmp_path: Path, running: Dovecot, more: str, said: str
) -> None:
    config = file(tmp_path, running, more)
    done = typed("serve", "--port", "0", "--config", config, "--store", f"sqlite:///{tmp_path}/new.db")
    assert done.returncode == 1
    assert said in " ".join(done.stderr.split())
    assert f"{config}, line " in done.stderr
