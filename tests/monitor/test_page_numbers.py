"""The numbers of a list's pages: first, last, and those near; each with its address."""

from hypothesis import given
from hypothesis import strategies as st

from jobreport.monitor.views.page_numbers import page_numbers


def shown(page: int, count: int) -> list[int | None]:
    return [number if address else None for number, address in page_numbers(page, count, str).numbers]


def test_near_pages_the_first_and_the_last_are_shown() -> None:
    assert shown(0, 1) == [1]
    assert shown(0, 0) == []
    assert shown(0, 4) == [1, 2, 3, 4]
    assert shown(0, 200_000) == [1, 2, 3, None, 200_000]
    assert shown(9, 20) == [1, None, 8, 9, 10, 11, 12, None, 20]
    assert shown(19, 20) == [1, None, 18, 19, 20]


def test_a_gap_leaves_at_least_one_page_out() -> None:
    assert shown(3, 7) == [1, 2, 3, 4, 5, 6, 7]
    assert shown(4, 9) == [1, None, 3, 4, 5, 6, 7, None, 9]


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_every_link_leads_to_the_page_of_its_number(page: int, count: int) -> None:
    found = page_numbers(min(page, count - 1), count, str)
    numbers = [(number, address) for number, address in found.numbers if address]
    assert all(address == str(number - 1) for number, address in numbers)
    assert {1, count, found.current} <= {number for number, _ in numbers}
    assert found.before == (str(found.current - 2) if found.current > 1 else None)
    assert found.after == (str(found.current) if found.current < count else None)
