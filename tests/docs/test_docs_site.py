"""The pages of the documentation: they build, load nothing from elsewhere, none is missing, no link leads nowhere."""

import logging
import re
import runpy
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from mkdocs.exceptions import MkDocsException

ROOT = Path(__file__).parents[2]
BUILD = runpy.run_path(str(ROOT / "docs" / "build.py"))
# Attributes by which a browser loads something by itself, and those that a reader follows.
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "object": "data"}


class Page(HTMLParser):
    """What one page loads, links to, and has as targets of links."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # Where a page is to be found is not loaded.
        if (url := given.get(LOADS.get(tag, ""))) and given.get("rel") not in ("canonical", "prev", "next"):
            self.loaded.append(url)
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if given.get("id"):
            self.anchors.add(str(given["id"]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the program, in an empty folder."""
    folder: Path = tmp_path_factory.mktemp("site")
    build_in(folder)
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html") if path.name != "404.html"}


def there(page: Page, url: str) -> Path:
    """The file that a link of the page names."""
    path = unquote(urlsplit(url).path)
    return (page.path.parent / path).resolve() if path else page.path


def test_every_page_of_the_documentation_is_one_of_the_site(site: Path, pages: dict[Path, Page]) -> None:
    sources = [path.relative_to(ROOT) for path in BUILD["sources"]() if path.suffix == ".md"]
    assert len(sources) > 50
    assert {ROOT / path for path in sources} >= {*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"}
    built = {
        site / (path.with_name("index.html") if path.name == "README.md" else path.with_suffix(".html"))
        for path in sources
    }
    assert built == set(pages)


def test_no_page_loads_anything_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        assert page.loaded
        for url in page.loaded:
            assert not urlsplit(url).scheme, f"{path.name} loads {url}"
            assert not url.startswith("/"), f"{path.name} loads {url}"
            assert there(page, url).is_file(), f"{path.name} loads {url}"
    for style in site.rglob("*.css"):
        for url in re.findall(r"url\(\s*[\"']?([^)\"']+)|@import\s+[\"']([^\"']+)", style.read_text(encoding="utf-8")):
            assert "".join(url).startswith("data:") or "//" not in "".join(url), f"{style.name} loads {url}"


def test_every_link_leads_to_a_page_and_a_heading(pages: dict[Path, Page]) -> None:
    followed = 0
    for path, page in pages.items():
        for url in page.links:
            parts = urlsplit(url)
            if parts.scheme in ("https", "mailto"):
                continue
            target = there(page, url)
            assert target.is_file(), f"{path.name} links to {url}"
            if parts.fragment and parts.fragment != "__skip":
                assert unquote(parts.fragment) in pages[target].anchors, f"{path.name} links to {url}"
            followed += 1
    assert followed > 1000


def test_navigation_has_each_decision_in_its_order() -> None:
    names = ["docs/decisions/0001-a.md", "docs/decisions/0002-b.md", "docs/decisions/README.md", "docs/x.md"]
    entries = [{"One": "docs/x.md"}, {"Two": ["docs/decisions/README.md", BUILD["EVERY"]]}]
    assert BUILD["navigation"](entries, names) == [{"One": "docs/x.md"}, {"Two": [names[2], *names[:2]]}]


def test_a_broken_link_and_a_page_left_out_fail_the_build(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    faults = {
        "contains a link 'gone.md'": ("docs/how-to/operate.md", "\n[gone](gone.md)\n"),
        "an anchor '#no-such-heading'": (
            "docs/how-to/operate.md",
            "\n[gone](citus.md#no-such-heading)\n",
        ),
        'not included in the "nav"': ("docs/how-to/nowhere.md", "# In no navigation\n"),
    }
    for path in BUILD["sources"]():
        (target := tmp_path / "here" / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for file in ("build.py", "mkdocs.yml"):
        shutil.copyfile(ROOT / "docs" / file, tmp_path / "here" / "docs" / file)
    for name, text in faults.values():
        with (tmp_path / "here" / name).open("a", encoding="utf-8") as page:
            page.write(text)
    build = runpy.run_path(str(tmp_path / "here" / "docs" / "build.py"))["build"]
    # Each by itself would: they are counted, and there is no other.
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(MkDocsException, match=f"{len(faults)} warnings in strict mode"),
    ):
        build(tmp_path / "site")
    for words in faults:
        assert words in caplog.text


def run(*words: str | Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, ROOT / "docs" / "build.py", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_help_says_what_it_takes_and_builds_nothing(tmp_path: Path) -> None:
    done = run("--help", folder=tmp_path)
    assert done.returncode == 0
    assert "usage: docs/build.py [-h] [FOLDER]" in done.stdout
    assert "Example: python docs/build.py" in done.stdout
    assert run("--nonsense", folder=tmp_path).returncode == 2
    assert [*tmp_path.iterdir()] == []


def test_folder_that_has_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("years of work")
    for name in ("other", "other/thesis.txt"):
        done = run(name, folder=tmp_path)
        assert done.returncode == 1
        assert f"docs: {tmp_path / name} was not built by this: name a folder that is new or empty" in done.stderr
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.txt"]
    assert (tmp_path / "other" / "thesis.txt").read_text() == "years of work"


def build_in(folder: Path) -> None:
    done = run(".", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Open {folder / 'index.html'}\n"
    assert (folder / "index.html").is_file()


def test_folder_that_was_built_before_is_built_anew(site: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(site, tmp_path / "site"))
    (folder / "gone.html").touch()
    build_in(folder)
    assert not (folder / "gone.html").exists()
