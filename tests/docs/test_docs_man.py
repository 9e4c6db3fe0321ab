"""The manual pages: one for each command, with all that its `--help` says, which every formatter prints as it is."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import click
import man
import pytest
from blocks.command_line import metavar, options

from jobreport.cli import cli

ALL_TOOLS = bool(os.environ.get("JOBREPORT_TEST_ALL_TOOLS"))
FORMATTERS = {"groff": ["groff", "-k", "-ww", "-man", "-Tutf8", "-P-c"], "mandoc": ["mandoc", "-Tutf8", "-Owidth=78"]}


def needed(program: str, package: str) -> None:
    """Leaves the test out where the program is not installed."""
    if shutil.which(program) is None:
        (pytest.fail if ALL_TOOLS else pytest.skip)(f"{program} is not installed: apt install {package}")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("man") / "man1"
    man.main(folder)
    return folder


@pytest.fixture(params=FORMATTERS)
def formatter(request: pytest.FixtureRequest) -> list[str]:
    needed(request.param, {"groff": "groff-base", "mandoc": "mandoc"}[request.param])
    return FORMATTERS[request.param]


def shown(formatter: list[str], text: str) -> str:
    """A page as plain text; the formatter must have nothing to complain of."""
    done = subprocess.run(formatter, input=text, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return re.sub(".\b", "", done.stdout).replace("\u2212", "-").replace("\u2010", "-")


def all_commands(name: str, command: click.Command) -> dict[str, click.Command]:
    below = {name: command}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for part in command.list_commands(context):
            one = command.get_command(context, part)
            assert one
            below |= all_commands(f"{name}-{part}", one)
    return below


def test_every_command_has_a_page_with_each_of_its_options(pages: Path, formatter: list[str]) -> None:
    every = all_commands("jobreport", cli)
    assert {page.name for page in pages.iterdir()} == {f"{name}.1" for name in every}
    assert "jobreport-app-secret-add" in every
    for name, command in every.items():
        page = " ".join(shown(formatter, (pages / f"{name}.1").read_text(encoding="ascii")).split())
        assert page.startswith(f"{name.upper()}(1)")
        for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"):
            assert heading in page
        assert f"{name} - " in page
        for option in options(command):
            assert f"{', '.join(option.opts)} {metavar(option)}".strip() in page
            if option.envvar:
                assert f"Environment: {option.envvar}." in page


def test_mandoc_has_no_warning_of_any_page(pages: Path) -> None:
    needed("mandoc", "mandoc")
    lint = ["mandoc", "-Tlint", "-Wwarning", *sorted(map(str, pages.iterdir()))]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


def test_man_finds_a_page_by_the_name_of_the_command(pages: Path) -> None:
    needed("man", "man-db")
    found = subprocess.run(["man", "-M", pages.parent, "-w", "jobreport-jobs-show"], capture_output=True, check=True)
    assert Path(found.stdout.decode().strip()) == pages / "jobreport-jobs-show.1"


@pytest.mark.parametrize(
    "text",
    [
        ".TH is no command here",
        "'br neither",
        r"C:\new\nowhere, \(bu and \fB",
        'say "so" and `so`, ~/.zfunc, a^b, it\'s',
        "--since -1 a-b",
        "… ü 😀 日本",
        "$(( x )) | jq '.jobs[] | select(.state == \"Failed\")'",
        "...",
    ],
)
def test_any_text_is_printed_as_it_is(formatter: list[str], text: str) -> None:
    listing = f'.TH "X" 1 "2026-11-29" "x" "X"\n.nh\n.SH NAME\nx \\- y\n.SH TEXT\n.nf\n{man.roff(text)}\n.fi\n'
    assert text.rstrip() in [line.strip() for line in shown(formatter, listing).split("\n")]


def test_a_page_is_the_same_for_the_same_moment(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764000000")
    assert '"2025-11-24"' in man.page("jobreport", cli).splitlines()[0]
