"""The pages of the documentation: links lead somewhere, and the index leads to each page."""

import re
from pathlib import Path

import pytest
from pages import DOCS, FENCE, PAGES, named, text

SOURCE = DOCS.parent / "src" / "jobreport"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


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


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_takes_anything_from_elsewhere(page: Path) -> None:
    assert not re.search(r"!\[[^\]]*\]\(\w+://|<(script|img|iframe|link)\b", text(page))


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


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_source_file_that_a_page_names_exists(page: Path) -> None:
    """A name such as `model/job.py` is of a file, `store/derived/` of a folder, in the source."""
    rooms = "|".join(sorted(path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"))
    for name in re.findall(rf"`((?:{rooms})/[\w/]*(?:\.py)?)`", text(page)):
        assert (SOURCE / name).exists(), f"{named(page)} names {name}"
