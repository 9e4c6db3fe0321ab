"""A machine for a test: this one's files and nothing else of it, with systemd as its first process.

Its files are an overlay over ours, so that it has our packages at once and nothing that it changes reaches us. It has
processes, a network and a host name of its own. It needs root, and a kernel that lets root have all that.
"""

import os
import shutil
import signal
import subprocess
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serving import PATIENCE, until

SYSTEMD = "/lib/systemd/systemd"
# A container's policy-rc.d forbids packages to start services; nobody's home folder belongs to a new machine.
BOOT = """
set -eu
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
root=$1/root
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
mkdir "$root/sys/fs/cgroup/unified" "$root/sys/fs/cgroup/systemd"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
for folder in tmp root home; do mount -t tmpfs tmpfs "$root/$folder"; done
rm -f "$root/usr/sbin/policy-rc.d"
ip link set lo up
printf '[Unit]\\nDescription=A machine for a test\\n' >"$root/etc/systemd/system/test.target"
# Not chroot: in one, no unit could have users of its own.
mkdir "$root/old"
cd "$root"
pivot_root . old
umount --lazy old
rmdir old
# systemd makes credentials in a mount namespace of its own, and the others must see them, as on any machine.
mount --make-rshared /
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "${@:2}"
"""
NAMESPACES = ("--mount", "--pid", "--net", "--uts", "--cgroup")


class Machine:
    """A machine that runs."""

    def __init__(self, first: int) -> None:
        self._first, self.root = first, Path(f"/proc/{first}/root")

    def run(self, *words: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a command there as root, in /."""
        inside = ["nsenter", "--target", str(self._first), *NAMESPACES, "--root", f"--wd={self.root}"]
        clean = ["env", "-i", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
        done = subprocess.run(
            [*inside, *clean, *words], input=stdin, text=True, capture_output=True, check=False, timeout=PATIENCE
        )
        assert not check or done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done

    def sh(self, script: str) -> str:
        """Runs a script there, which must succeed, and returns what it prints."""
        return self.run("sh", "-euc", textwrap.dedent(script)).stdout

    def receive(self, file: Path, name: str) -> None:
        """Copies a file to the path `name`."""
        shutil.copy(file, self.root / name.lstrip("/"))


@contextmanager
def machine(folder: Path, *, systemd: bool = True) -> Iterator[Machine]:
    """Starts a machine; `folder` is an empty one. Without `systemd` its first process only waits."""
    first = [SYSTEMD, "--unit=test.target"] if systemd else ["sleep", "infinity"]
    words = ["unshare", *NAMESPACES, "--fork", "--kill-child", "bash", "-c", BOOT, "boot", str(folder), *first]
    with folder.with_suffix(".log").open("wb") as log:
        started = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        running = Machine(until(lambda: _first(started, Path(first[0]).name), "the machine"))
        if systemd:
            up = ("systemctl", "is-active", "test.target")
            until(lambda: running.run(*up, check=False).stdout == "active\n", "systemd")
        yield running
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait(PATIENCE)


def _first(started: subprocess.Popen[bytes], name: str) -> int:
    """Returns the number, here, of the machine's first process; 0 as long as it has not started."""
    assert started.poll() is None, "the machine ended"
    for pid in Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split():
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() == name:
                return int(pid)
        except FileNotFoundError:
            continue
    return 0


def possible() -> str:
    """Returns why there can be no such machine here; empty if there can."""
    if os.geteuid():
        return "needs root"
    absent = [name for name in ("unshare", "nsenter", "ip", "bash", SYSTEMD) if shutil.which(name) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    trial = ["unshare", *NAMESPACES, "--fork", "true"]
    return "" if subprocess.run(trial, capture_output=True, check=False).returncode == 0 else "no namespaces here"
