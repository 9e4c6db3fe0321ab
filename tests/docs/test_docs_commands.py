"""Every command line in the documentation parses, and systemd accepts the unit files in `deploy/`."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from blocks.environment import variables
from pages import FENCE, PAGES, ROOT, named, text

from jobreport.cli import cli

SPAN = re.compile(r"`(jobreport [^`\n]+)`")
# Words at which the shell ends a command or redirects its output.
OPERATORS = {"|", "||", "&&", ";", "&", ">", ">>", "<"}


def quoted_commands() -> Iterator[tuple[str, str]]:
    """Gives every `jobreport` command line in the documentation and the unit files, after the name of its page."""
    for page in PAGES:
        for language, block in FENCE.findall(text(page)):
            if language not in {"sh", "ini"}:
                continue
            for line in re.sub(r"\\\n\s*", " ", block).splitlines():
                found = re.search(r"(?:^|[\s(=/])(jobreport (?!\|).*)", line)
                if found and not line.lstrip().startswith("#"):
                    yield named(page), found[1]
        for span in SPAN.findall(FENCE.sub("", text(page))):
            if span != "jobreport COMMAND --help":
                yield named(page), span
    for unit in (ROOT / "deploy").glob("*.service"):
        for line in re.findall(r"^ExecStart=\S*/(jobreport .*)$", text(unit), re.MULTILINE):
            yield named(unit), line


COMMANDS = sorted(set(quoted_commands()))


def arguments(line: str) -> list[str]:
    """Returns the arguments of a command, up to the next operator of the shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words = []
    for word in lexer:
        if word in OPERATORS:
            break
        words.append(word)
    return words[1:]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_what_is_said_of_a_line_stands_above_it(page: Path) -> None:
    """Beside it, it would be cut off where the page or the terminal ends."""
    for _, block in FENCE.findall(text(page)):
        assert not re.findall(r"^[ ]*[^\s#].* {2,}# .*$", block, re.MULTILINE)


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) > 40


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=lambda value: value)
def test_every_command_in_the_documentation_parses(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    command: click.Command = cli
    words = arguments(line)
    if words in (["--help"], ["--version"]):
        return
    name = "jobreport"
    context = click.Context(cli, info_name=name)
    while isinstance(command, click.Group):
        if not words:
            return  # the page names a group of commands, such as `jobreport app`
        if command.invoke_without_command and words[0].startswith("-"):
            break
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, f"{page}: there is no command {name!r} in {line!r}"
        command = found
        context = click.Context(command, info_name=name, parent=context)
    if "…" in words:
        words = words[: words.index("…")]
    try:
        command.make_context(name, [word for word in words if word != "--help"])
    except click.MissingParameter:
        pass  # the page only mentions the command, without its arguments
    except click.BadParameter as error:
        # Files of an example, such as a certificate, do not exist here.
        if "does not exist" not in error.message:
            pytest.fail(f"{page}: {line}: {error.message}")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_shell_examples_are_shell(page: Path) -> None:
    for language, block in FENCE.findall(text(page)):
        if language == "sh":
            checked = subprocess.run(["sh", "-n"], input=block, text=True, capture_output=True, check=False)
            assert checked.returncode == 0, f"{named(page)}: {checked.stderr}\n{block}"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here: apt install systemd")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    units = []
    for unit in sorted((ROOT / "deploy").glob("*.*")):
        if unit.suffix in {".service", ".timer"}:
            units.append(tmp_path / unit.name)
            units[-1].write_text(text(unit).replace("/opt/jobreport/bin/jobreport", "/bin/true"), encoding="utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", *units], text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert not [line for line in checked.stderr.splitlines() if str(tmp_path) in line or "jobreport" in line]


def test_every_variable_of_the_units_is_a_setting() -> None:
    for unit in (ROOT / "deploy").glob("*.*"):
        unknown = set(re.findall(r"\bJOBREPORT_[A-Z_]+\b", text(unit))) - set(variables())
        assert not unknown, f"{named(unit)}: {unknown}"
