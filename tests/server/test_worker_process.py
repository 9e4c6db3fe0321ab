"""What a serving process sets for itself before it serves."""

import sys
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from jobreport.server.worker_process import SWITCH_SECONDS, prepare


@pytest.fixture
def switch_interval_as_before() -> Iterator[float]:
    before = sys.getswitchinterval()
    yield before
    sys.setswitchinterval(before)


def test_a_thread_lets_the_event_loop_go_on_sooner_than_python_has_it(switch_interval_as_before: float):
    application = Starlette()
    assert prepare(lambda: application) is application
    assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    assert sys.getswitchinterval() < switch_interval_as_before
