"""The documentation in; kept true out: its commands parse, its links lead somewhere, its tables and examples hold."""

import json
import re
import runpy
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import click
import msgspec
import pytest

from jobreport import settings
from jobreport.api import paging
from jobreport.api.backup_jobs import PARAMETERS
from jobreport.api.generation1 import ReportJobModel
from jobreport.api.jobreport import parse_query
from jobreport.api.problem import Problem
from jobreport.cli import cli
from jobreport.clock import now_ticks
from jobreport.identity.skiptokens import read_plain
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.generation2 import JobsPage
from jobreport.model.recorded import Recorded
from jobreport.model.summary import Summary, summary_query
from jobreport.model.wire import job_from_wire

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [
        *(page for page in ROOT.glob("*.md")),
        *DOCS.rglob("*.md"),
        *(ROOT / "deploy").glob("*.md"),
    ]
)
GENERATE = runpy.run_path(str(DOCS / "generate.py"))

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARKED = re.compile(r"<!-- (\w+): (\w+) -->\n```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`(jobreport [^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# Not a shell's: the end of one command and the begin of the next, and where its output goes.
OPERATORS = {"|", "||", "&&", ";", "&", ">", ">>", "<"}


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def quoted_commands() -> Iterator[tuple[str, str]]:
    """Every command line of ours in the documentation, with the page that has it."""
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
    """The words of a command up to the shell's next operator; what is behind two blanks is a remark."""
    lexer = shlex.shlex(re.split(r"\s{3,}", line)[0], posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words = []
    for word in lexer:
        if word in OPERATORS:
            break
        words.append(word)
    return words[1:]


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) > 40


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=lambda value: value)
def test_every_command_in_the_documentation_parses(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GENERATE["variables"]():
        monkeypatch.delenv(name, raising=False)
    command: click.Command = cli
    words = arguments(line)
    if words in (["--help"], ["--version"]):
        return
    name = "jobreport"
    context = click.Context(cli, info_name=name)
    while isinstance(command, click.Group):
        if not words:
            return  # speaks of the group, such as `jobreport app`
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
        pass  # spoken of, not to be run as it stands
    except click.BadParameter as error:
        # An example's files, such as a certificate, are not here.
        if "does not exist" not in error.message:
            pytest.fail(f"{page}: {line}: {error.message}")


@pytest.mark.parametrize("page", sorted((DOCS / "reference").glob("*.md")), ids=named)
def test_the_reference_is_what_the_code_says(page: Path) -> None:
    assert text(page) == GENERATE["rendered"](text(page)), "run: python docs/generate.py"


def test_every_generated_table_stands_somewhere() -> None:
    used = {name for page in (DOCS / "reference").glob("*.md") for _, name, _ in GENERATE["BLOCK"].findall(text(page))}
    assert used == set(GENERATE["BLOCKS"])


def test_every_command_and_option_has_its_place_in_the_reference() -> None:
    page = text(DOCS / "reference" / "command-line.md")
    for name, command in GENERATE["commands"]():
        _, _, section = page.partition(f"## `{name}`\n")
        section = section.partition("\n## ")[0]
        assert section, name
        for option in GENERATE["options"](command):
            assert f"`{option.opts[0]}" in section, f"{name} {option.opts[0]}"
            if option.envvar:
                assert f"`{option.envvar}`" in section, f"{name} {option.envvar}"


def test_every_setting_has_its_row_and_no_row_is_invented() -> None:
    page = text(DOCS / "reference" / "settings.md")
    rows = re.findall(r"^\| `(JOBREPORT_\w+)` \|", page, re.MULTILINE)
    assert rows == GENERATE["variables"]()
    known = set(rows)
    for other in PAGES:
        # What begins so is the tests' own.
        unknown = set(re.findall(r"\bJOBREPORT_(?!TEST_)[A-Z_]+\b", text(other))) - known
        assert not unknown, f"{named(other)}: {unknown}"
    assert f"`{settings.CLIENT_SECRET}_FILE`" in page


def test_every_variable_of_the_units_is_a_setting() -> None:
    for unit in (ROOT / "deploy").glob("*.*"):
        unknown = set(re.findall(r"\bJOBREPORT_[A-Z_]+\b", text(unit))) - set(GENERATE["variables"]())
        assert not unknown, f"{named(unit)}: {unknown}"


@pytest.mark.parametrize("codes", [ServiceType, JobType, JobState])
def test_every_code_stands_in_the_reference(codes: type[ServiceType | JobType | JobState]) -> None:
    page = text(DOCS / "reference" / "states-and-codes.md")
    for member in codes:
        assert f"\n| {member.value} | `{member.name}` |" in page


def test_every_type_of_the_api_stands_in_the_reference() -> None:
    described = {name.removeprefix("fields-") for name in GENERATE["BLOCKS"]}
    # Codes have tables of their own, a summary's keys are its fields, and generation 2's errors are two of the tables.
    elsewhere = {"CommonStatus", "JobType", "ProductModel", "Key", "Generation2Problem"}
    assert set(GENERATE["_schemas"]()) - elsewhere <= described


def test_every_route_and_every_status_stands_in_the_reference() -> None:
    api, errors = (text(DOCS / "reference" / name) for name in ("api.md", "errors.md"))
    for path, operations in GENERATE["_document"]()["paths"].items():
        for method, operation in operations.items():
            assert f"`{method.upper()} {path}`" in api
            for status in operation["responses"]:
                assert status < "400" or f"\n| {status} | " in errors, f"{status} of {path}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", text(page))):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{named(page)} links to {target}"
        if anchor:
            assert anchor in anchors(found), f"{named(page)} links to {target}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as a forge makes them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def marked_examples() -> Iterator[tuple[str, str, str, Any]]:
    for page in PAGES:
        for kind, name, block in MARKED.findall(text(page)):
            yield named(page), kind, name, json.loads(block)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_json_example_says_what_it_is(page: Path) -> None:
    blocks = [language for language, _ in FENCE.findall(text(page)) if language == "json"]
    assert len(blocks) == len(MARKED.findall(text(page)))


@pytest.mark.parametrize(("page", "kind", "name", "example"), list(marked_examples()))
def test_every_json_example_holds(page: str, kind: str, name: str, example: Any) -> None:
    match kind, name:
        case "request", "report":
            parse_query(example)
        case "request", "jobs":
            for job in example if isinstance(example, list) else [example]:
                job_from_wire(job, now=now_ticks())
        case "answer", "report":
            report = msgspec.convert(example, ReportJobModel)
            assert all(job.duration == job.finish_time - job.start_time for job in report.jobs if job.finish_time)
        case "answer", "page":
            page_of_jobs = msgspec.convert(example, JobsPage)
            assert all(
                job.duration == ticks.duration(ticks.from_iso(job.start_time), ticks.from_iso(job.finish_time))
                for job in page_of_jobs.jobs
            )
        case "answer", "summary":
            summary = msgspec.convert(example, Summary)
            assert summary.total.jobs == sum(group.jobs for group in summary.groups)
        case "answer", "recorded":
            msgspec.convert(example, Recorded)
        case "answer", "problem":
            msgspec.convert(example, Problem)
        case _:
            pytest.fail(f"{page}: {kind} {name} is nothing that can be checked")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_question_in_a_url_is_one(page: Path) -> None:
    for question in re.findall(r"/backup/vm/jobs\?([^\s\"'`]+)", text(page)):
        paging.question(parse_qsl(question, strict_parsing=True), PARAMETERS, read_plain)
    for question in re.findall(r"/api/summary\?([^\s\"'`<]+)", text(page)):
        summary_query(parse_qsl(question, strict_parsing=True))


def test_every_parameter_of_the_query_language_is_a_flag_and_stands_in_the_reference() -> None:
    flags = {option.opts[0] for option in GENERATE["options"](cli.get_command(click.Context(cli), "jobs"))}
    assert flags >= {parameter.flag for parameter in PARAMETERS}
    rows = re.findall(r"^\| `(\w+)` \| `(--[\w-]+)` \|", text(DOCS / "reference" / "query-language.md"), re.MULTILINE)
    assert rows == [(parameter.name, parameter.flag) for parameter in PARAMETERS]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_takes_anything_from_elsewhere(page: Path) -> None:
    assert not re.search(r"!\[[^\]]*\]\(\w+://|<(script|img|iframe|link)\b", text(page))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_python_examples_compile(page: Path) -> None:
    for language, block in FENCE.findall(text(page)):
        if language == "python":
            compile(block, named(page), "exec")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_shell_examples_are_shell(page: Path) -> None:
    for language, block in FENCE.findall(text(page)):
        if language == "sh":
            checked = subprocess.run(["sh", "-n"], input=block, text=True, capture_output=True, check=False)
            assert checked.returncode == 0, f"{named(page)}: {checked.stderr}\n{block}"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here: apt install systemd")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    units = []
    for unit in sorted((ROOT / "deploy").glob("*.*")):
        if unit.suffix in {".service", ".timer"}:
            units.append(tmp_path / unit.name)
            units[-1].write_text(text(unit).replace("/opt/jobreport/bin/jobreport", "/bin/true"), encoding="utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", *units], text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert not [line for line in checked.stderr.splitlines() if str(tmp_path) in line or "jobreport" in line]


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set(), [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for target in LINK.findall(text(page)):
            path = (page.parent / target.partition("#")[0]).resolve()
            if "://" not in target and path.suffix == ".md":
                waiting.append(path)
    assert {page for page in PAGES if DOCS in page.parents} <= reached


def test_every_decision_has_every_part() -> None:
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    assert len(pages) >= 10
    for number, page in enumerate(pages, 1):
        assert page.name.startswith(f"{number:04d}-")
        for part in ("**Context.**", "**Decision.**", "**Consequences.**", "**Rejected.**"):
            assert part in text(page), f"{page.name} has no {part}"
