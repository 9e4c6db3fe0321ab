"""What `jobreport setup` plans: commands as systemd and cron read them, and settings that are there already."""

import shlex
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.cli.setup import env_file, places
from jobreport.cli.setup.plan import (
    Backup,
    Choice,
    File,
    backup_files,
    secret_setting,
    server_settings,
    service_files,
)
from jobreport.settings import environment_file
from serving import typed

PROGRAM = Path("/opt/jobreport/bin/jobreport")
TLS = {"tls_cert": Path("/etc/tls/cert.pem"), "tls_key": Path("/etc/tls/key.pem")}


def choice(*, systemd: bool = True, **more: object) -> Choice:
    return Choice(program=PROGRAM, systemd=systemd, **more)


@given(st.lists(st.text(string.ascii_letters + " \\\"'$%;&|\t", max_size=8), min_size=1, max_size=4))
def test_a_shell_reads_the_cron_line_as_it_was_typed(words: list[str]) -> None:
    (file,) = backup_files(choice(systemd=False, backup=Backup("nightly", "02:30", ("echo", *words))))
    (line,) = (line for line in file.text.splitlines() if not line.startswith("#"))
    when, command = line.split("  root  ")
    assert when == "30 2 * * *"
    # cron ends the line at a % that stands alone.
    assert "%" not in command.replace("\\%", "")
    assert shlex.split(command.replace("\\%", "%").split("; ", 2)[2])[-len(words) - 1 :] == ["echo", *words]


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("plain", "plain"),
        ("", '""'),
        ("two words", '"two words"'),
        ("100%", "100%%"),
        ("$HOME", "$$HOME"),
        ('a"b', '"a\\"b"'),
        ("it's", '"it\'s"'),
        ("back\\slash", '"back\\\\slash"'),
        (";", '";"'),
    ],
)
def test_systemd_reads_each_word_as_it_was_typed(word: str, written: str) -> None:
    service, timer = backup_files(choice(backup=Backup("nightly", "02:30", ("echo", word))))
    assert f"ExecStart={PROGRAM} run --plan nightly -- echo {written}\n" in service.text
    assert "OnCalendar=*-*-* 02:30:00\n" in timer.text


@pytest.mark.parametrize(
    ("command", "runner", "lacks"),
    [
        ("restic -r /srv/repo backup /home", {}, "RESTIC_PASSWORD_FILE"),
        ("/usr/bin/borg create /srv/borg::x /home", {}, "BORG_PASSCOMMAND"),
        ("restic -r /srv/repo backup /home", {"RESTIC_PASSWORD_COMMAND": "pass"}, ""),
        ("restic -r /srv/repo --password-file /root/pw backup /home", {}, ""),
        ("tar -cf /srv/a.tar /home", {}, ""),
    ],
)
def test_a_password_that_no_timer_could_type_is_asked_for(command: str, runner: dict[str, str], lacks: str) -> None:
    assert secret_setting(tuple(command.split()), runner).partition("=")[0] == lacks


def test_a_certificate_is_handed_over_by_systemd_as_the_documentation_says() -> None:
    *_, drop_in = service_files(choice(public_url="https://jobs.example.com:8443", port=8443, **TLS))
    assert drop_in.path == places.UNITS / "jobreport.service.d/tls.conf"
    documented = (Path(__file__).parents[2] / "deploy/README.md").read_text(encoding="utf-8")
    for line in drop_in.text.splitlines()[1:]:
        assert (
            line.replace("/etc/tls/cert.pem", "/etc/jobreport/tls.pem").replace(
                "/etc/tls/key.pem", "/etc/jobreport/tls.key"
            )
            in documented
        ), line


def test_others_reach_the_service_only_where_they_are_to_report() -> None:
    alone = server_settings(choice())
    assert "JOBREPORT_HOST" not in alone
    assert server_settings(choice(public_url="https://a.example", trusted_proxy="10.0.0.1")).keys() == {
        "JOBREPORT_STORE",
        "JOBREPORT_PUBLIC_URL",
        "JOBREPORT_TRUSTED_PROXY",
    }
    open_ = server_settings(choice(public_url="https://a.example:8443", port=8443, **TLS))
    assert (open_["JOBREPORT_HOST"], open_["JOBREPORT_PORT"]) == ("0.0.0.0", "8443")
    # Without systemd, nobody hands the files over.
    assert "JOBREPORT_TLS_KEY" not in open_
    assert server_settings(choice(systemd=False, public_url="https://a.example", **TLS))["JOBREPORT_TLS_KEY"]


NAMES = st.sampled_from(["A", "B", "C"])
SETTINGS = st.dictionaries(NAMES, st.text(string.ascii_letters + ":/=", max_size=5))


@given(st.lists(st.tuples(NAMES, st.text(string.ascii_letters, max_size=3))), SETTINGS)
def test_settings_are_as_wanted_and_nothing_else_is_lost(there: list[tuple[str, str]], wanted: dict[str, str]) -> None:
    text = "# mine\n" + "".join(f"{name}={value}\n" for name, value in there)
    changed = env_file.with_settings(File(Path("/x"), text, ""), wanted)
    assert environment_file(changed.text) == dict(there) | wanted
    assert changed.text.startswith("# mine\n")
    assert env_file.with_settings(changed, wanted) == changed
    if not env_file.different(text, wanted):
        assert changed.text.startswith(text)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--plan", "a b", "--", "true"], "--plan"),
        (["--at", "24:00", "--", "true"], "--at"),
        (["--", "no-such-program"], "no-such-program"),
        (["--tls-cert", __file__], "--public-url"),
        (["--public-url", "https://a.example"], "clear text"),
        (["--public-url", "https://a.example", "--tls-cert", __file__], "together"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_done(words: list[str], told: str) -> None:
    done = typed("setup", "--dry-run", *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert not done.stdout
