"""Which command is behind its wrappers, and whose exit code it is that comes through."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_runs import read

from jobreport.model.catalog import JobState
from jobreport.runner.command_lines.script import commands
from jobreport.runner.command_lines.wrappers import unwrap, wrappers
from jobreport.runner.tools.known import TOOLS, recognise

BACKUP = "restic backup /a"
BEHIND = [
    "sudo -Hu x restic backup /a",
    "sudo -H -u x -- restic backup /a",
    "sudo -iu x restic backup /a",
    "sudo --user=x -E restic backup /a",
    "doas -u x restic backup /a",
    "su -c 'restic backup /a' bob",
    "su - bob -c 'restic backup /a'",
    'su -l bob -s /bin/bash -c "cd / && restic backup /a"',
    "runuser -u bob -- restic backup /a",
    "runuser -l bob -c 'restic backup /a'",
    "systemd-run --pipe --wait -p MemoryMax=1G -u x restic backup /a",
    "systemd-run --uid=x --pipe restic backup /a",
    "systemd-inhibit --what sleep restic backup /a",
    "chronic restic backup /a",
    "gosu backup restic backup /a",
    "su-exec backup:backup restic backup /a",
    "chpst -u backup -n 10 restic backup /a",
    "tini -g -- restic backup /a",
    "unbuffer restic backup /a",
    "prlimit --nofile=9 restic backup /a",
    "numactl -N 0 restic backup /a",
    "strace -f -o log restic backup /a",
    "cronitor exec abc restic backup /a",
    "timeout -k 5 1h nice -n 10 ionice -c 3 restic backup /a",
    "timeout -k5 --signal=INT 1h restic backup /a",
    "flock -n /lock -c 'restic backup /a'",
    "flock -w 10 -E 5 /lock nice -19 restic backup /a",
    "env -i X=y restic backup /a",
    "env -S 'restic backup' /a",
    "env - A=b restic backup /a",
    "stdbuf -oL restic backup /a",
    "setsid -w restic backup /a",
    "nohup restic backup /a",
    "time -f %e restic backup /a",
    "caffeinate -i restic backup /a",
    "chrt --idle 0 restic backup /a",
    "taskset -c 0,1 restic backup /a",
    "unshare -rm restic backup /a",
    "nsenter -t 1 -m -- restic backup /a",
    "chroot /x restic backup /a",
    "sshpass -p x restic backup /a",
    "busybox restic backup /a",
    "script -qec 'restic backup /a' /dev/null",
    "docker run --rm -v /a:/a -e RESTIC_PASSWORD=x restic/restic backup /a",
    "docker run --rm -it ghcr.io/restic/restic:0.17 backup /a",
    "docker run --rm restic/restic:latest restic backup /a",
    "docker run --entrypoint /usr/bin/restic some/image backup /a",
    "docker --context x exec -i -u postgres box restic backup /a",
    "docker compose -f x.yml exec -T box restic backup /a",
    "docker-compose run --rm restic backup /a",
    "podman run --rm docker.io/library/debian:12 restic backup /a",
    "kubectl exec -n ns pod -c box -- restic backup /a",
    "ssh -i key -p 22 root@h restic backup /a",
    'ssh h "sudo restic backup /a"',
    "bash -c 'restic backup /a'",
    "bash -lc 'restic backup /a | tee log'",
    "bash -euo pipefail -c 'restic backup /a 2>&1 | tee -a log'",
    "sh -c 'set -e; . /etc/env; export A=b; cd /x; exec restic backup /a > /l 2>&1'",
    "sh -c 'if ! mountpoint -q /x; then exit 1; fi; restic backup /a'",
    "sh -c 'A=b restic backup /a || true'",
    "sudo -u x bash -c 'nice restic backup /a && curl https://h/ok'",
]


@pytest.mark.parametrize("command", BEHIND)
def test_a_command_is_found_behind_its_wrappers(command: str) -> None:
    argv = shlex.split(command)
    found = unwrap(argv)
    assert found[0].rpartition("/")[2] == "restic"
    assert found[1:] == ["backup", "/a"]
    assert recognise(argv).name == "restic"
    assert TOOLS["restic"].subject(argv).description == "restic backup of /a"
    assert len(wrappers(argv)) >= 1


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python /usr/bin/borg create r::a x", "borg"),
        ("python3 -Im borg create r::a x", "borg"),
        ("sh -c 'pg_dump shop | gzip > /b/x.gz'", "postgres"),
        ("sh -c 'pg_dump shop | ssh host \"cat > /b/x\"'", "postgres"),
        ("podman run --rm docker.io/library/postgres:15 pg_dump -h db shop", "postgres"),
        ("docker run amazon/aws-cli s3 sync /a s3://b", "aws s3"),
    ],
)
def test_other_tools_are_found_too(command: str, name: str) -> None:
    assert recognise(shlex.split(command)).name == name


@pytest.mark.parametrize(
    "command",
    [
        "sh -c 'restic backup /a && restic forget --keep-last 3'",  # two jobs, whose output reads as one
        "bash -c 'for x in a b; do restic backup $x; done'",
        "bash script.sh restic backup",
        "systemd-run restic backup /a",  # ordered only: neither its output nor its exit code comes through
        "docker run -d restic/restic backup /a",
        "bash -c 'echo \"restic'",
        "python -c 'import x' restic",
    ],
)
def test_what_cannot_be_told_is_any_command(command: str) -> None:
    try:
        argv = shlex.split(command)
    except ValueError:
        argv = command.split()
    assert recognise(argv).name == "generic"


def test_a_named_tool_is_found_among_several_commands() -> None:
    argv = ["bash", "-c", "pg_dump shop > x; restic -r /r backup x; restic forget"]
    assert unwrap(argv, "restic") == ["restic", "-r", "/r", "backup", "x"]
    assert unwrap(argv, "borg") == argv


def test_a_script_is_taken_apart() -> None:
    script = "A=b restic -r $(cat r) backup '/a b' 2>&1 | tee log; if true; then borg list `x`; fi\nrclone ls a >>f"
    assert commands(script) == [
        ["restic", "-r", "$…", "backup", "/a b"],
        ["tee", "log"],
        ["true"],
        ["borg", "list", "$…"],
        ["rclone", "ls", "a"],
    ]
    assert commands("restic 'backup") == commands("x" * 30_000) == []


@given(st.text(alphabet="ab c;|&(){}<>$`'\"\\\n#!=-") | st.text())
def test_any_script_is_taken_apart_without_an_error(script: str) -> None:
    for command in commands(script):
        assert command
    unwrap(["sh", "-c", script], "restic")


ABSENT = [
    ("nice -n 5", 127, "nice: 'borg': No such file or directory"),
    ("nice", 126, "nice: 'borg': Permission denied"),
    ("timeout 2h", 124, ""),
    ("timeout 2h", 125, "timeout: invalid time interval '2h'"),
    ("sudo -n", 1, "sudo: a password is required"),
    ("sudo", 1, "[sudo] password for x: \nSorry, try again.\nsudo: 3 incorrect password attempts"),
    ("sudo -Hu x", 1, "sudo: Ein Passwort ist notwendig"),
    ("flock -n /lock", 1, ""),
    ("sudo", 1, "sudo: unable to resolve host x: Name or service not known\nsudo: a password is required"),
    ("flock -n /lock", 1, "flock: /lock: Permission denied"),
    ("runuser -u x --", 1, "runuser: user x does not exist or the user entry does not contain all the required fields"),
    ("docker exec box", 1, "Error response from daemon: No such container: box"),
    ("docker run borg", 125, "docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock."),
    ("python3 -m", 1, "/usr/bin/python3: No module named borg"),
    ("python3", 1, "Traceback (most recent call last):\nModuleNotFoundError: No module named 'borg'"),
    ("systemd-run --pipe", 1, "Failed to connect to bus: No medium found"),
    ("chrt -i 0", 1, "chrt: failed to set pid 0's policy: Operation not permitted"),
]


@pytest.mark.parametrize(("wrapper", "exit_code", "stderr"), ABSENT)
@pytest.mark.parametrize("tool", ["borg create /r::a /home", "tar -cf /b/x.tar /home"])
def test_a_tool_that_never_ran_failed(wrapper: str, exit_code: int, stderr: str, tool: str) -> None:
    outcome = read([*wrapper.split(), *tool.split()], exit_code, "", stderr)
    assert outcome.state is JobState.Failed
    assert (outcome.counts.failed, outcome.counts.successful) == (1, 0)
    assert stderr.rpartition("\n")[2] in outcome.comments


CHANGED = "/srv/x: file changed while we backed it up"
SYSTEMD_RUN = f"""Running as unit: run-u7.service
{CHANGED}
Finished with result: exit-code
Main processes terminated with: code=exited/status=1
Service runtime: 2ms
CPU time consumed: 1ms"""


@pytest.mark.parametrize(
    ("wrapper", "stderr"),
    [
        ("sudo", CHANGED),
        ("sudo", f"sudo: unable to resolve host x: Name or service not known\n{CHANGED}"),
        ("systemd-run --pipe --wait", SYSTEMD_RUN),
        (
            "time",
            f"{CHANGED}\nCommand exited with non-zero status 1\n0.01user 0.00system 0:01elapsed",
        ),
    ],
)
def test_a_warning_of_the_tool_itself_comes_through(wrapper: str, stderr: str) -> None:
    outcome = read([*wrapper.split(), "borg", "create", "/r::a", "/home"], 1, "", stderr)
    assert outcome.state is JobState.Exception
    assert outcome.comments == CHANGED


SWALLOWED = [
    ("restic backup /a", "Fatal: unable to open config file"),
    ("borg create /r::a /b", "Repository /r does not exist."),
    ("borg create --show-rc /r::a /b", "some words\nterminating with error status, rc 2"),
    ("rclone copy a b", '2026/11/28 17:33:26 CRITICAL: Failed to create file system for "b:": not found'),
    ("rsync -a a b", "rsync error: error in socket IO (code 10) at clientserver.c(139) [sender=3.5.0]"),
    ("aws s3 sync a s3://b", "fatal error: Unable to locate credentials"),
    ("pg_dump shop", "pg_dump: error: connection to server failed"),
    ("pg_dump shop", "pg_dump: Fehler: Verbindung zum Server fehlgeschlagen"),
    ("pg_dump shop", "pg_dump: erreur : la connexion a échoué"),
    ("git fetch", "fatal: could not read from remote repository"),
    ("git fetch", "Schwerwiegend: Konnte nicht vom Remote-Repository lesen."),
]


@pytest.mark.parametrize(("command", "stderr"), SWALLOWED)
def test_a_pipe_that_swallows_the_exit_code_makes_no_success(command: str, stderr: str) -> None:
    """`tool | tee log` ends with what tee ends with."""
    outcome = read(["bash", "-c", f"{command} | tee log"], 0, "", stderr)
    assert outcome.state is JobState.Failed
    assert stderr[-20:] in outcome.comments


def test_of_a_script_with_a_named_tool_a_fatal_line_counts() -> None:
    argv = ["bash", "-c", "restic backup /a | tee log; restic forget"]
    tool = TOOLS["restic"]
    reader = tool.reader(argv)
    reader.line("stderr", "Fatal: wrong password or no key found")
    assert reader.outcome(0).state is JobState.Failed
    partly = tool.reader(argv)
    partly.line("stdout", "processed 3 files, 1 KiB in 0:00")
    partly.line("stderr", "Fatal: unable to create lock")
    assert partly.outcome(0).state is JobState.Exception
