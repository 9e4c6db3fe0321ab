"""Two servers on one store never look at the same stream at once, and when one is killed the other goes on."""

import signal
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from serving import LINUX, serve, until

PROGRAM = """#!/bin/sh
cat > /dev/null
mkdir "reading-$1" || echo "$1" >> twice
echo "$1" >> begun
while [ -e "hold-$1" ]; do sleep 0.05; done
rmdir "reading-$1"
echo "$1" >> ended
echo '{"jobId": "'"$1"'", "serviceType": 8, "jobType": 1024, "state": 1, "startTime": "2026-11-27T02:00:00Z"}'
"""
NAMES = ("east", "west", "north")


def lines(folder: Path, name: str) -> Counter[str]:
    file = folder / name
    return Counter(file.read_text().split()) if file.exists() else Counter()


@LINUX
def test_two_servers_never_look_at_once_and_one_that_is_killed_is_not_missed(tmp_path: Path) -> None:
    (tmp_path / "list-jobs").write_text(PROGRAM.replace("cat >", f'cd "{tmp_path}"\ncat >', 1))
    (tmp_path / "list-jobs").chmod(0o700)
    config = tmp_path / "jobreport.toml"
    config.write_text(
        "\n".join(
            f'[[connector]]\nkind = "exec"\nname = "{name}"\nevery = "10s"\nsees = "runs"\n'
            f'command = ["{tmp_path}/list-jobs", "{name}"]'
            for name in NAMES
        )
    )
    (tmp_path / "hold-east").touch()
    with ExitStack() as stack:
        first = stack.enter_context(serve(tmp_path / "first", "--config", str(config)))
        second = stack.enter_context(serve(tmp_path / "second", "--config", str(config), store=first.store))
        until(lambda: lines(tmp_path, "begun") == Counter(NAMES), "a pass of each connector")
        # Who of the two has begun it, nobody knows: a pass lives on when its server dies.
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        until(lambda: all(lines(tmp_path, "ended")[name] > 1 for name in ("west", "north")), "the other server")
        # Its interval is over, but not its pass.
        assert lines(tmp_path, "begun")["east"] == 1
        (tmp_path / "hold-east").unlink()
        until(lambda: lines(tmp_path, "ended")["east"] > 1, "the pass after it")
        assert second.process.poll() is None
    assert lines(tmp_path, "twice") == Counter()
