"""Finds out which program a command really runs, behind sudo, timeout, a container or `sh -c`.

Sometimes a wrapper ends with its own exit code and not the program's: `timeout` with 124, `sudo` with 1 if it needs a
password. `wrappers` names the wrappers, so that a reading can tell whose exit code it sees.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.runner.command_lines.command import program_name
from jobreport.runner.command_lines.script import commands
from jobreport.runner.command_lines.wrapper_options import WRAPPERS, Wrapper


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"})
CONTAINERS: Final = frozenset({"docker", "podman", "nerdctl", "docker-compose", "podman-compose"})
_BEHIND_DASHES: Final = frozenset(
    {"kubectl", "oc", "lxc", "incus", "lxc-attach", "pct", "op", "doppler", "infisical", "aws-vault", "chamber"}
)
"""Programs with so many options that only what follows `--` is surely a command."""
_CONTAINER_VALUED: Final = _words(
    """
    -v -e -u -w -l -m -p -h -c -a -f --volume --env --user --workdir --label --memory --publish --hostname --name
    --mount --network --net --env-file --entrypoint --add-host --cap-add --cap-drop --device --dns --cpus --cpu-shares
    --ip --log-driver --log-opt --pid --ipc --platform --pull --restart --security-opt --shm-size --tmpfs --ulimit
    --userns --volumes-from --stop-timeout --runtime --memory-swap --cidfile --group-add --gpus --host --context
    --config --file --project-name --profile --project-directory --log-level --url --connection --detach-keys --secret
    --pod --authfile --arch --os --index
    """
)
_SSH_VALUED: Final = frozenset(f"-{letter}" for letter in "BbcDEeFIiJLlmOoPpQRSWw")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")
_PYTHON: Final = re.compile(r"(python|pypy)[\d.]*w?")
_IMAGE: Final = re.compile(r"(?:.*/)?([^/:@]+)(?:[:@].*)?")
# What only filters, prints, waits or prepares in a script, and is never what the job is about.
_PLUMBING: Final = _words(
    """
    cd pushd popd export set unset source . umask ulimit trap sleep echo printf test [ [[ mkdir chmod exit return true
    false : read wait local tee cat gzip pigz bzip2 xz zstd lz4 lzop pv mbuffer logger ts grep egrep sed awk head tail
    split dd openssl gpg gpg2 age mail mailx sendmail date tr sort wc systemd-cat curl wget sync mount umount touch rm
    hostname mountpoint findmnt stat systemctl service id ls df find
    """
)
_DEEPEST: Final = 16


def unwrap(argv: Sequence[str], program: str = "") -> list[str]:
    """Returns the command behind its wrappers: `borg list` for `sudo -u x nice borg list`, `borg` for `python -m borg`.

    A wrapper without a command behind it is the command itself. So is a script with several commands any of which may
    be the job's, unless `program` names one of them.
    """
    return _looked_through(argv, program)[0]


def arguments(argv: Sequence[str], program: str) -> list[str]:
    """Returns the arguments of `program` behind its wrappers; none if a script of another name hides them."""
    command = unwrap(argv, program)
    return command[1:] if command and program in program_name(command[0]) else []


def wrappers(argv: Sequence[str]) -> tuple[str, ...]:
    """Returns the names of the programs before the command, the outermost first; for `sh -c`, that of the shell."""
    return _looked_through(argv, "")[1]


def _looked_through(argv: Sequence[str], program: str) -> tuple[list[str], tuple[str, ...]]:
    rest = list(argv)
    names: list[str] = []
    while rest and len(names) < _DEEPEST:
        name = program_name(rest[0])
        inner = _behind(name, rest[1:], program)
        if not inner:
            break
        names.append(name)
        rest = inner
    return rest, tuple(names)


def _behind(name: str, rest: list[str], program: str) -> list[str]:
    """Returns the command that `name` starts; empty if it starts none, or if that cannot be told."""
    if wrapper := WRAPPERS.get(name):
        return _wrapped(name, wrapper, rest, program)
    if name in SHELLS:
        return _shell(rest, program)
    if name in CONTAINERS:
        return _container(rest)
    if name in _BEHIND_DASHES and "--" in rest:
        return rest[rest.index("--") + 1 :]
    if name == "ssh":
        _, words = _options(rest, _SSH_VALUED)
        return _one_of(" ".join(words[1:]), program)
    if name == "cmd":
        at = next((at for at, word in enumerate(rest) if word.casefold() in {"/c", "/k"}), len(rest))
        return rest[at + 1 :] if len(rest) - at != 2 else rest[at + 1].split()
    if _PYTHON.fullmatch(name):
        return _python(rest)
    return []


def _wrapped(name: str, wrapper: Wrapper, rest: list[str], program: str) -> list[str]:
    valued, script = _words(wrapper.valued), _words(wrapper.script)
    if name == "systemd-run" and not _waits(rest):
        return []  # it only orders the command: neither its output nor its exit code is seen
    given, words = _options(rest, valued | script)
    if name in {"su", "runuser"} and not given.keys() & {"-u", "--user"}:
        given, _ = _options(rest, valued | script, everywhere=True)
        return _one_of(_script(given, script), program)
    if text := _script(given, script):
        return _one_of(" ".join([text, *words]) if name == "env" else text, program)
    while words and (_ASSIGNMENT.match(words[0]) or words[0] == "-"):
        words = words[1:]
    words = words[wrapper.words :]
    if wrapper.words and words[:1] == ["--"]:
        words = words[1:]
    if words and words[0] in script:
        return _one_of(" ".join(words[1:2]), program)
    return words


def _script(given: dict[str, str], options: frozenset[str]) -> str:
    return next((given[name] for name in options if given.get(name)), "")


def _waits(rest: list[str]) -> bool:
    given, _ = _options(rest, _words(WRAPPERS["systemd-run"].valued))
    return bool(given.keys() & {"--pipe", "-P", "--pty", "-t", "--wait", "--scope", "--shell", "-S"})


def _options(
    rest: Sequence[str], valued: frozenset[str], *, everywhere: bool = False
) -> tuple[dict[str, str], list[str]]:
    """Returns the options before the first word, with their values, and the words that follow. `everywhere`: also the
    options among the words.
    """
    given: dict[str, str] = {}
    words: list[str] = []
    left = list(rest)
    while left:
        word = left.pop(0)
        if word == "--":
            return given, words + left
        if not word.startswith("-") or word == "-":
            words.append(word)
            if not everywhere:
                return given, words + left
            continue
        name, joint, value = word.partition("=")
        if word.startswith("--"):
            given[name] = value if joint or name not in valued or not left else left.pop(0)
            continue
        for at, letter in enumerate(word[1:], start=2):
            if (flag := f"-{letter}") in valued:
                given[flag] = word[at:] or (left.pop(0) if left else "")
                break
            given[flag] = ""
    return given, words


def _shell(rest: list[str], program: str) -> list[str]:
    """Returns the command of `-c SCRIPT`, also of `-lc` and `-eo pipefail -c`; none if the script is in a file."""
    left = list(rest)
    while left:
        word = left.pop(0)
        if not word.startswith(("-", "+")):
            return []
        if word.startswith("--"):
            left = left[1:] if word in {"--rcfile", "--init-file"} else left
            continue
        if word[1:].endswith(("o", "O")):
            left = left[1:]
        if "c" in word[1:] and left:
            while left and left[0].startswith(("-", "+")):
                left = left[2 if left[0].endswith(("o", "O")) else 1 :]
            return _one_of(left[0] if left else "", program)
    return []


def _one_of(script: str, program: str) -> list[str]:
    """Returns the first command of a script that runs `program`; else its only command that is more than a helper."""
    found = [command for command in commands(script) if _matters(command)]
    if program:
        wanted = [command for command in found if program in program_name(unwrap(command, program)[0])]
        if wanted:
            return wanted[0]
    return found[0] if len(found) == 1 else []


def _matters(command: list[str]) -> bool:
    inner = unwrap(command)
    if program_name(command[0]) == "ssh" and inner[0] == command[0]:
        # Behind a pipe it is what takes the data: `… | ssh host 'cat > file'`.
        return False
    return program_name(inner[0]) not in _PLUMBING


def _container(rest: list[str]) -> list[str]:
    """Returns the command in `docker run IMAGE …` and `docker exec CONTAINER …`. An image with the name of a tool
    starts that tool.
    """
    _, words = _options(rest, _CONTAINER_VALUED)
    while words and words[0] in {"container", "compose"}:
        _, words = _options(words[1:], _CONTAINER_VALUED)
    if not words or words[0] not in {"run", "exec"}:
        return []
    given, inner = _options(words[1:], _CONTAINER_VALUED)
    if not inner or given.keys() & {"-d", "--detach"}:
        return []
    image = _IMAGE.fullmatch(inner[0])
    command = inner[1:]
    if entry := given.get("--entrypoint"):
        return [entry, *command]
    if words[0] == "exec" or image is None:
        return command
    name = {"aws-cli": "aws"}.get(image[1], image[1])
    starts = name in _ENTRIES and (not command or program_name(command[0]) != name)
    return [name, *command] if starts else command


_ENTRIES: Final = frozenset({"restic", "rclone", "borg", "borgmatic", "rsync", "azcopy", "aws", "duplicity"})
"""Images of these names start the tool of the same name."""


def _python(rest: list[str]) -> list[str]:
    """Returns the command of `-m NAME …`, or the script's file, behind Python's own flags; empty for `-c`."""
    left = list(rest)
    while left and left[0].startswith("-") and left[0] != "-":
        flag = left.pop(0)
        if flag.startswith("--"):
            continue
        if flag.endswith("m"):
            return left
        if "c" in flag:
            return []
        if flag in {"-W", "-X"}:
            left = left[1:]
    return left
