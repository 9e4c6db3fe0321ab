"""What a serving process sets for itself before it serves."""

import gc
import sys
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from jobreport.server.worker_process import SWITCH_SECONDS, prepare


@pytest.fixture
def interpreter_as_before() -> Iterator[float]:
    """Gives the interval in which threads took turns before."""
    before = sys.getswitchinterval()
    yield before
    sys.setswitchinterval(before)
    gc.unfreeze()


def test_a_thread_lets_the_event_loop_go_on_sooner_than_python_has_it(interpreter_as_before: float):
    application = Starlette()
    assert prepare(lambda: application) is application
    assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    assert sys.getswitchinterval() < interpreter_as_before


@pytest.mark.usefixtures("interpreter_as_before")
def test_no_request_waits_while_what_was_loaded_is_looked_at_for_cycles():
    application = prepare(Starlette)
    assert gc.get_freeze_count() > 10_000
    assert not any(one is application for one in gc.get_objects())
