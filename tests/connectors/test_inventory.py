"""Looks at inventories: an empty one that was not empty, and a clock that was ahead."""

import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest

from jobreport.connectors.base import CannotReadError, Look, Page
from jobreport.connectors.inventory import InventoryLook, Item
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job

NOW = ticks.from_iso("2026-11-30T00:00:00Z")
JOB = Job(job_id="1", service=ServiceType.Common, type=JobType.Backup, state=JobState.Successful, start=NOW, finish=NOW)
ITEMS: list[Item] = [({}, "{}")]


def look(items: list[Item], state: object, now: int = NOW) -> list[Page]:
    through = InventoryLook(Look(since=NOW - 1, now=now, state=state))
    return list(through.pages(items, lambda record: 0, lambda record, text: None))


def test_one_that_had_something_and_is_empty_is_told_until_it_has_something_again() -> None:
    empty = look([], None)[-1].state
    had = look(ITEMS, empty)[-1].state
    with pytest.raises(CannotReadError, match="the list is empty, and was not before"):
        look([], had)
    assert look([], look([], empty)[-1].state)[-1].state == look([], empty)[-1].state
    assert look(ITEMS, had)[-1].state == had


def test_what_came_before_a_list_breaks_off_is_given() -> None:
    def broken() -> Iterator[Item]:
        yield from ITEMS
        raise CannotReadError("restic did not list all")

    pages = InventoryLook(Look(since=NOW - 1, now=NOW)).pages(broken(), lambda record: 0, lambda record, text: JOB)
    assert list(next(pages).jobs) == [JOB]
    with pytest.raises(CannotReadError, match="did not list all"):
        next(pages)


def test_a_program_whose_list_breaks_off_is_let_go_at_once() -> None:
    ended = []

    def printed() -> Iterator[Item]:
        try:
            yield from ITEMS * 2
        finally:
            ended.append(True)

    def broken() -> Iterator[Item]:
        for item in printed():
            yield item
            raise CannotReadError("no list")

    gc.disable()  # it must not wait for that
    try:
        with suppress(CannotReadError):
            list(
                InventoryLook(Look(since=NOW - 1, now=NOW)).pages(broken(), lambda record: 0, lambda record, text: JOB)
            )
        assert ended
    finally:
        gc.enable()


@pytest.mark.parametrize(("ahead", "is_far"), [(400, True), (-2, True), (0, False)])
def test_a_clock_that_was_ahead_puts_off_no_look_at_all(ahead: int, is_far: bool) -> None:
    state = look(ITEMS, None, NOW + ahead * ticks.PER_DAY)[-1].state
    assert (InventoryLook(Look(since=NOW - 1, now=NOW, state=state)).since == 0) is is_far
