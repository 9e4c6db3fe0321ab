"""The rules of the house, as far as a program can judge: one purpose a file, no secret, no name from elsewhere."""

import ast
import hashlib
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "jobreport").rglob("*.py"))
MAX_LINES = 300
EMPTY_IS_FINE = "__init__.py"

# Put together here, so that this file does not break its own rule.
HOMES = re.compile("|".join(("/" + r"home/(?!a\b)\w+/[.\w]", "/" + r"Users/\w+", "/" + "work/", "[A-Z]:" + r"\\Users")))
HOST = re.compile(r"[a-z0-9-]+\.(?:org|com)\b", re.IGNORECASE)
# The first digits of the SHA-256 of the hosts of package registries: their names stand nowhere, here neither.
REGISTRIES = {"a4aa2ac280bb8d1a", "8b5bb5eb9d758455", "3ca29e55be4befa4", "8743857e3ea00fd1", "f65219c547f9c032"}
TEXTS = {
    "",
    *[".py", ".md", ".toml", ".txt", ".cfg", ".ini", ".yml", ".yaml", ".sh", ".service", ".timer", ".json", ".svg"],
}


def tracked() -> list[Path]:
    """Every file that belongs to the project: what git knows, or in an unpacked archive, what lies there."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
        paths = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [path for path in ROOT.rglob("*") if not any(part.startswith(".") for part in path.parts)]
    return [path for path in paths if path.is_file() and path.suffix in TEXTS]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the program, parsed."""
    return {named(path): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def test_a_module_opens_with_one_line_that_says_what_it_is() -> None:
    for name, tree in trees().items():
        if tree.body:
            docstring = ast.get_docstring(tree, clean=False)
            assert docstring, f"{name}: no docstring"
            first = docstring.splitlines()[0].strip()
            assert first.endswith((".", "!", ":")), f"{name}: the first line is no sentence"
            assert docstring == docstring.lstrip(), f"{name}: the sentence begins on the second line"


def test_a_file_serves_one_purpose() -> None:
    modules = [path for path in tracked() if path.suffix == ".py"]
    assert not [named(path) for path in modules if len(path.read_text(encoding="utf-8").splitlines()) > MAX_LINES]


def test_no_two_files_of_tests_have_one_name() -> None:
    """The tests are no package: of two files with one name, Python would load only the first."""
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))


def test_only_the_settings_read_the_environment() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if not name.endswith("/settings.py") and _reads_the_environment(node)
    ]
    assert not found


def _reads_the_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in {"environ", "environb", "getenv", "putenv"}
    return isinstance(node, ast.ImportFrom) and node.module == "os" and bool({"environ", "getenv"} & _names(node))


def _names(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def test_nothing_is_run_by_a_shell_or_from_text() -> None:
    calls = [(name, node) for name, tree in trees().items() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert len(calls) > 1_000
    for file, node in calls:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        place = f"{file}:{node.lineno}"
        assert not (isinstance(node.func, ast.Name) and name in {"eval", "exec"}), place
        assert not (name == "system" and isinstance(node.func, ast.Attribute)), place
        for keyword in node.keywords:
            shell = keyword.arg == "shell" and getattr(keyword.value, "value", True)
            assert not shell, place


DATABASES = {"sqlite", "postgresql"}
DRIVERS = {"sqlite3", "psycopg"}
ONE_KIND = {f"jobreport.store.db.{name}" for name in ("sqlite", "postgresql")}
"""The modules of one database. Other rooms take `jobreport.store.db.dialect_of`."""
FOREIGN = {"src/jobreport/connectors/kinds/bareos/settings.py"}
"""Where an address says which database it is that another program has."""


def test_only_the_room_of_databases_asks_which_database_it_is() -> None:
    """A migration may say what it makes in each: that must never change. But it does not ask either."""
    found = []
    for name, tree in trees().items():
        if Path(name).parent.name == "db" or name in FOREIGN:
            continue
        nodes = [*ast.walk(tree)]
        asks = [node.lineno for node in nodes if isinstance(node, ast.stmt | ast.expr) and _asks_for_database(node)]
        if "versions" not in Path(name).parts:
            asks += [node.lineno for node in nodes if isinstance(node, ast.Constant) and node.value in DATABASES]
            asks += [
                node.value.lineno
                for node in nodes
                if isinstance(node, ast.keyword) and (node.arg or "").split("_")[0] in DATABASES
            ]
        found += [f"{name}:{line}" for line in asks]
    assert not found


def _asks_for_database(node: ast.stmt | ast.expr) -> bool:
    """Whether it imports a driver or the module of one database, or reads the name of SQLAlchemy's dialect."""
    if isinstance(node, ast.Import):
        return any(_is_of_one_database(alias.name) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        return _is_of_one_database(module) or any(_is_of_one_database(f"{module}.{name}") for name in _names(node))
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "name"
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "dialect"
    )


def _is_of_one_database(module: str) -> bool:
    return module.split(".")[0] in DRIVERS or module in ONE_KIND or module.startswith("sqlalchemy.dialects")


def lines() -> Iterator[tuple[str, str]]:
    for path in tracked():
        try:
            content = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(content.splitlines(), 1):
            yield f"{named(path)}:{number}", line


def test_no_file_names_a_machine_or_a_package_registry() -> None:
    found = [place for place, line in lines() if HOMES.search(line) or any(map(is_registry, HOST.findall(line)))]
    assert not found


def is_registry(host: str) -> bool:
    """Whether this is the host of a package registry."""
    return hashlib.sha256(host.lower().encode()).hexdigest()[:16] in REGISTRIES


def test_readme_names_the_two_commands_that_set_everything_up() -> None:
    readme = (ROOT / "README.md").read_text()
    assert all(f"```sh\n{command}\n```" in readme for command in ("make demo", "make test"))


def test_no_file_holds_a_secret() -> None:
    """A client secret of ours is told by its prefix and length; tests make theirs or spell shorter ones."""
    secret = re.compile("jrs" + r"_[A-Za-z0-9_-]{43}\b|-----BEGIN (RSA |EC )?PRIVATE " + "KEY-----")
    assert not [place for place, line in lines() if secret.search(line)]


def test_rules_of_security_are_on_for_all_of_the_source_and_each_exception_has_its_reason() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert {rule for rule in lint["ignore"] if rule.startswith("S1")} <= {"S101"}
    assert not [pattern for pattern in lint["per-file-ignores"] if pattern.startswith("src")]
    exception = re.compile(r"#\s*noqa:(?P<rules>[^#-]*\bS\d+[^#-]*)(?P<reason>-.*)?")
    for path in SOURCES:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if found := exception.search(line):
                assert found["reason"], f"{named(path)}:{number} says no reason"


def test_constraints_pin_versions_and_nothing_else() -> None:
    path = ROOT / "constraints.txt"
    if not path.exists():
        pytest.skip("no constraints.txt here")
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line), line


def test_pinned_versions_fit_the_oldest_python_that_the_project_takes() -> None:
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    wanted = {name: metadata.metadata(name)["Requires-Python"] for name in pinned if _is_installed(name)}
    assert len(wanted) > len(pinned) / 2
    assert not {name: wants for name, wants in wanted.items() if wants and "3.11.0" not in SpecifierSet(wants)}


def _is_installed(name: str) -> bool:
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False
