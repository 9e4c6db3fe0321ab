"""Every command can be loaded where there is no Unix: what only Unix has is asked for when it is used."""

import subprocess
import sys

LOAD = """
import importlib, os, pkgutil, signal, sys
# What others wrote looks at the platform by itself, while it is loaded.
import asyncio, filelock, httpx, multiprocessing, platformdirs, rich.progress, socketserver, subprocess, zoneinfo

for name in ("pwd", "grp", "fcntl", "resource", "termios", "uvloop"):
    sys.modules[name] = None
for name in ("geteuid", "fchown", "fchmod", "chown", "killpg", "waitid", "mkfifo", "O_NOFOLLOW", "O_NONBLOCK"):
    delattr(os, name)
for name in ("SIGHUP", "SIGQUIT", "SIGUSR1", "SIGALRM", "SIGCHLD", "SIGPIPE", "SIGXFSZ", "pthread_sigmask"):
    delattr(signal, name)
sys.platform = "win32"
from jobreport.cli import commands
from jobreport import client, runner
for room in (commands, client, runner):
    for found in pkgutil.iter_modules(room.__path__, room.__name__ + "."):
        importlib.import_module(found.name)
print("all")
"""


def test_every_command_is_loaded_without_unix() -> None:
    done = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("all\n", "")
