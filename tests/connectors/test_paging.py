"""Pages are followed to the end, and a list that has none, or ends too early, is told."""

from collections.abc import Hashable

import pytest

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.paging import Answer, require_same_host, walk


def test_every_page_is_given_and_an_empty_one_is_not_the_end() -> None:
    pages = {None: Answer([1, 2], "b"), "b": Answer([], "c"), "c": Answer([3], None, total=3)}
    assert [*walk(pages.__getitem__, "jobs")] == [[1, 2], [], [3]]


def test_a_page_that_comes_again_is_told() -> None:
    pages: dict[Hashable | None, Answer[int]] = {None: Answer([1], "b"), "b": Answer([2], "b")}
    with pytest.raises(CannotReadError, match="jobs: the same page comes again after 2 items"):
        list(walk(pages.__getitem__, "jobs"))


@pytest.mark.parametrize("circle", [1, 2, 7])
def test_pages_that_go_in_a_circle_are_told_though_each_is_named_anew(circle: int) -> None:
    def ask(page: Hashable | None) -> Answer[int]:
        number = page if isinstance(page, int) else 0
        return Answer([number if number < 3 else 3 + number % circle], number + 1)

    with pytest.raises(CannotReadError, match=r"jobs: the same items come again after \d+, so it has no end"):
        list(walk(ask, "jobs"))


def test_pages_without_end_that_have_nothing_are_told() -> None:
    with pytest.raises(CannotReadError, match="jobs: more than 1,000 pages in a row have nothing"):
        list(walk(lambda page: Answer([], object()), "jobs"))


def test_a_list_that_ends_too_early_is_told() -> None:
    with pytest.raises(CannotReadError, match="jobs: it ends after 1 items, and should have 650"):
        list(walk(lambda page: Answer([1], None, total=650), "jobs"))


@pytest.mark.parametrize(
    "link", ["https://evil.example/next", "http://api.example/next", "https://api.example:8443/next", "/next", "[::1"]
)
def test_a_page_on_another_host_is_not_asked(link: str) -> None:
    with pytest.raises(CannotReadError, match="another host"):
        require_same_host(link, "https://api.example/jobs", "jobs")
    assert require_same_host("https://API.example:443/n?t=1", "https://api.example/jobs", "jobs").endswith("t=1")
