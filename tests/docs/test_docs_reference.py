"""The reference: its tables say what the code says, and nothing is missing from them."""

import re
from pathlib import Path

import click
import generate
import pytest
from blocks.api import openapi, schemas
from blocks.command_line import commands, options
from blocks.environment import variables
from pages import DOCS, PAGES, named, text

from jobreport import settings
from jobreport.api.backup_jobs import PARAMETERS
from jobreport.cli import cli
from jobreport.contract.code_schemas import CODE_SCHEMAS
from jobreport.identity.oauth.trust import FORM
from jobreport.identity.openid.settings import FORM as PROVIDER_FORM
from jobreport.model.catalog import JobState, JobType, ServiceType


@pytest.mark.parametrize("page", sorted((DOCS / "reference").glob("*.md")), ids=named)
def test_the_reference_is_what_the_code_says(page: Path) -> None:
    assert text(page) == generate.rendered(text(page)), "run: python docs/generate.py"


def test_every_generated_table_stands_somewhere() -> None:
    used = {name for page in (DOCS / "reference").glob("*.md") for _, name, _ in generate.BLOCK.findall(text(page))}
    assert used == set(generate.BLOCKS)


def test_every_command_and_option_has_its_place_in_the_reference() -> None:
    page = text(DOCS / "reference" / "command-line.md")
    for name, command in commands():
        _, _, section = page.partition(f"## `{name}`\n")
        section = section.partition("\n## ")[0]
        assert section, name
        for option in options(command):
            assert f"`{option.opts[0]}" in section, f"{name} {option.opts[0]}"
            if option.envvar:
                assert f"`{option.envvar}`" in section, f"{name} {option.envvar}"


def test_the_help_of_serve_tells_every_setting_of_an_issuer() -> None:
    (help_text,) = [command.help or "" for name, command in commands() if name == "jobreport serve"]
    for name in re.findall(r"([a-z][a-z-]*)[=:][A-Z]", f"{FORM} {PROVIDER_FORM}"):
        assert re.search(rf"\b{name}[=:]", help_text), name


def test_every_setting_has_its_row_and_no_row_is_invented() -> None:
    page = text(DOCS / "reference" / "settings.md")
    rows = re.findall(r"^\| `(JOBREPORT_\w+)` \|", page, re.MULTILINE)
    assert rows == variables()
    known = set(rows)
    for other in PAGES:
        # What begins so is the tests' own.
        unknown = set(re.findall(r"\bJOBREPORT_(?!TEST_)[A-Z_]+\b", text(other))) - known
        assert not unknown, f"{named(other)}: {unknown}"
    assert f"`{settings.CLIENT_SECRET}_FILE`" in page


@pytest.mark.parametrize("codes", [ServiceType, JobType, JobState])
def test_every_code_stands_in_the_reference(codes: type[ServiceType | JobType | JobState]) -> None:
    page = text(DOCS / "reference" / "states-and-codes.md")
    for member in codes:
        assert f"\n| {member.value} | `{member.name}` |" in page


def test_every_type_of_the_api_stands_in_the_reference() -> None:
    described = {name.removeprefix("fields-") for name in generate.BLOCKS}
    # Codes have tables of their own, a summary's keys are its fields, and generation 2's errors are two of the tables.
    elsewhere = {*CODE_SCHEMAS, "Key", "Generation2Problem"}
    assert set(schemas()) - elsewhere <= described


def test_every_route_and_every_status_stands_in_the_reference() -> None:
    api, errors = (text(DOCS / "reference" / name) for name in ("api.md", "errors.md"))
    for path, operations in openapi()["paths"].items():
        for method, operation in operations.items():
            assert f"`{method.upper()} {path}`" in api
            for status in operation["responses"]:
                assert status < "400" or f"\n| {status} | " in errors, f"{status} of {path}"


def test_every_parameter_of_the_query_language_is_a_flag_and_stands_in_the_reference() -> None:
    flags = {option.opts[0] for option in options(cli.get_command(click.Context(cli), "jobs"))}
    assert flags >= {parameter.flag for parameter in PARAMETERS}
    rows = re.findall(r"^\| `(\w+)` \| `(--[\w-]+)` \|", text(DOCS / "reference" / "query-language.md"), re.MULTILINE)
    assert rows == [(parameter.name, parameter.flag) for parameter in PARAMETERS]
