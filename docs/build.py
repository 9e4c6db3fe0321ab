"""The documentation in; static pages out, which need no network: `make docs`, or `python docs/build.py [FOLDER]`.

A link that leads nowhere, a heading that is not there, or a page that the navigation leaves out fails the build. So
does a folder that has anything else in it.
"""

import argparse
import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from mkdocs.commands.build import build as build_site
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent
SITE: Final = ROOT / "site"
MARK: Final = ".built-from-docs"
"""In a folder that this built. MkDocs empties a folder first, but for names with a dot before them."""
EVERY: Final = "docs/decisions/*.md"
"""In the navigation: each page of its own, in order."""


def sources() -> list[Path]:
    """Every page, and the files that pages show or link to."""
    pages = [*ROOT.glob("*.md"), *HERE.rglob("*.md"), *(ROOT / "deploy").glob("*.md"), ROOT / "benchmarks/README.md"]
    return sorted([*pages, ROOT / "LICENSE", *HERE.rglob("*.svg"), *HERE.rglob("*.png")])


def navigation(entries: list[Any], pages: list[str]) -> list[Any]:
    """The navigation with `EVERY` replaced by the pages that it stands for."""
    found: list[Any] = []
    for entry in entries:
        if entry == EVERY:
            found += [page for page in pages if Path(page).match(EVERY) and not page.endswith("README.md")]
        elif isinstance(entry, dict):
            ((title, below),) = entry.items()
            found.append({title: navigation(below, pages) if isinstance(below, list) else below})
        else:
            found.append(entry)
    return found


def build(site: Path = SITE) -> None:
    """Builds the pages into `site`, in place of those that are there.

    MkDocsException where something is wrong with them; OSError where the folder cannot be made, or has anything else.
    """
    _claim(site)
    with tempfile.TemporaryDirectory() as folder:
        # They are laid out as in the repository, so that their links are the same here and there.
        pages = []
        for path in sources():
            name = path.relative_to(ROOT)
            (target := Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            pages.append(name.as_posix())
        config = load_config(str(HERE / "mkdocs.yml"), docs_dir=folder, site_dir=str(site), strict=True)
        config.nav = navigation(list(config.nav or []), pages)
        config.plugins.run_event("startup", command="build", dirty=False)
        try:
            build_site(config)
        finally:
            config.plugins.run_event("shutdown")


def _claim(site: Path) -> None:
    """Makes the folder one of ours, or leaves it as it is."""
    if site.exists() and not (site / MARK).is_file() and (not site.is_dir() or any(site.iterdir())):
        raise FileExistsError(f"{site} was not built by this: name a folder that is new or empty, or remove it first")
    site.mkdir(parents=True, exist_ok=True)
    (site / MARK).touch()


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(
        prog="docs/build.py",
        description="Builds the documentation as pages that need no network.",
        epilog="Example: python docs/build.py /srv/www/jobreport",
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=SITE,
        metavar="FOLDER",
        help=f"where to: new, empty, or built by this before; site/ without it ({SITE})",
    )
    target: Path = parser.parse_args().folder.resolve()
    logging.basicConfig(format="docs: %(message)s", level=logging.WARNING)
    try:
        build(target)
    except (MkDocsException, OSError) as error:
        sys.exit(f"docs: {error}")
    print(f"Open {target / 'index.html'}")


if __name__ == "__main__":
    main()
