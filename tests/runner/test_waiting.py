"""How a run waits for a server that cannot be reached: it says so, for how long, and that the wait may be ended."""

import os
import pty
import signal

from runs import Place, Recorder
from serving import PATIENCE


def test_the_wait_for_the_server_is_said_with_how_long_it_lasts_and_that_it_may_be_ended(
    place: Place, recorder: Recorder
) -> None:
    recorder.status = 500
    with place.start("run", "--deliver-for", "10m", "--", "true") as run:
        assert run.stderr
        said = b""
        while b"Trying again" not in said:
            said += run.stderr.readline()
        run.send_signal(signal.SIGINT)
        said += run.stderr.read()
        assert run.wait(PATIENCE) == 0
    assert b"Trying again for up to 10 minutes. Ctrl-C is safe: the report is kept in" in said
    assert said.count(b"Trying again") == 1
    assert len(place.spooled()) == 1


def test_at_a_terminal_the_wait_is_short(place: Place, recorder: Recorder) -> None:
    recorder.status = 500
    ours, theirs = pty.openpty()
    with place.start("run", "--", "true", stderr=theirs) as run:
        os.close(theirs)
        said = b""
        while b"Trying again" not in said:
            said += os.read(ours, 4096)
        run.send_signal(signal.SIGINT)
        assert run.wait(PATIENCE) == 0
    os.close(ours)
    assert b"up to 30 seconds" in said


def test_where_nobody_waits_it_is_long(place: Place, recorder: Recorder) -> None:
    recorder.status = 500
    with place.start("run", "--", "true") as run:
        assert run.stderr
        said = b""
        while b"Trying again" not in said:
            said += run.stderr.readline()
        run.send_signal(signal.SIGINT)
        run.stderr.read()
        assert run.wait(PATIENCE) == 0
    assert b"up to 10 minutes" in said
