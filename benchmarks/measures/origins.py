"""A first look at 50,000 jobs of an origin over HTTP, against what that alone needs to serve them to who only reads.

The origins are those of the tests, each a program of Python's on loopback; what they need is told beside.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench import Bench
from data import PROGRAM
from figure import Bar, Figure
from jobreport.store import open_store
from places import scratch
from progress import step
from spent import Spent, spent

_JOBS: Final = 50_000
_FEW: Final = 5_000
_BAR: Final = Bar(2)
_FOLDER: Final = Path(__file__).parents[1] / "origins"


@dataclass(frozen=True)
class Origin:
    """A kind whose origin the tests have as a server: the program that serves it, what `jobreport.toml` says beside
    kind and name, what the environment has, and which files there are, by name. `{url}` stands for the address,
    `{folder}` for the folder of the files.
    """

    kind: str
    program: str
    settings: str
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


ORIGINS: Final = (
    Origin(
        kind="aws-backup",
        program="aws_backup.py",
        settings='regions = ["eu-central-1"]\nlists = ["backup-jobs"]',
        environment={
            "AWS_ENDPOINT_URL_BACKUP": "{url}",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
    ),
    Origin(kind="backrest", program="backrest.py", settings='url = "{url}"'),
    Origin(
        kind="duplicati",
        program="duplicati.py",
        settings='url = "{url}"\npassword_file = "{folder}/password"',
        files={"password": "secret"},
    ),
    Origin(
        kind="kubernetes",
        program="cluster.py",
        settings='cluster = "prod"\ntools = ["velero"]\nkubeconfig = "{folder}/kubeconfig"',
        files={
            "kubeconfig": "{apiVersion: v1, kind: Config, current-context: a, users: [{name: a, user: {}}], "
            "contexts: [{name: a, context: {cluster: a, user: a}}], clusters: [{name: a, cluster: {server: '{url}'}}]}"
        },
    ),
    *(
        Origin(
            kind=kind,
            program=f"{kind.replace('-', '_')}.py",
            settings='subscription = "0f6b7d0e-5f0a-4a0c-9f54-2f6a3f0c9a11"\nendpoint = "{url}"',
            environment={"IDENTITY_ENDPOINT": "{url}/identity", "IDENTITY_HEADER": "of-the-identity"},
        )
        for kind in ("azure-vault", "azure-backup-vault", "azure-sql")
    ),
)
"""One a kind that reads over HTTP."""


@dataclass
class _Served:
    """An origin that serves. `processor`: what that took in the end, in seconds."""

    url: str
    processor: float = 0


def measure(bench: Bench) -> Iterator[Figure]:
    """Of each kind the time, the processor's time and the memory of the whole command, its start among them."""
    for origin in ORIGINS:
        with step(f"Collecting {_JOBS:,} jobs of {origin.kind}"):
            rounds = range(bench.options.rounds)
            alone = [_taken(origin, _JOBS, _alone(origin)) for _ in rounds]
            looks = [_taken(origin, _JOBS, _look(bench, origin)) for _ in rounds]
            few = [_taken(origin, _FEW, _look(bench, origin)) for _ in rounds]
        yield _figure(f"first look at {_JOBS:,} jobs of {origin.kind}", looks, alone, "seconds")
        yield _figure("its processor time", looks, alone, "processor")
        memory = max(one.memory for one in looks)
        other = max(one.memory for one in few)
        yield Figure("its memory", memory, "MiB", other, f"of a look at {_FEW:,} jobs", Bar(1.3), free=True)


def _figure(what: str, looks: list[Spent], alone: list[Spent], which: str) -> Figure:
    ours, other = (statistics.median(getattr(one, which) for one in runs) for runs in (looks, alone))
    return Figure(what, ours, "s", other, "the origin alone, read page by page", _BAR, free=True)


def _taken(origin: Origin, jobs: int, reads: Callable[[str], Spent]) -> Spent:
    """What reading took, the origin's own processor time among it."""
    with _serving(origin, jobs) as served:
        took = reads(served.url)
    return took._replace(processor=took.processor + served.processor)


@contextmanager
def _serving(origin: Origin, jobs: int) -> Iterator[_Served]:
    words = [sys.executable, _FOLDER / origin.program, "serve", str(jobs)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        served = _Served(process.stdout.readline().strip())
        yield served
        process.stdin.close()
        served.processor = float(process.stdout.read())


def _alone(origin: Origin) -> Callable[[str], Spent]:
    return lambda url: spent([sys.executable, _FOLDER / origin.program, "read", url])


def _look(bench: Bench, origin: Origin) -> Callable[[str], Spent]:
    def look(url: str) -> Spent:
        with tempfile.TemporaryDirectory(prefix="origin-") as name, scratch(bench.kind, "collect") as place:
            config = Path(name) / "jobreport.toml"
            for file, text in origin.files.items():
                (Path(name) / file).write_text(text.replace("{url}", url))
            settings = origin.settings.replace("{url}", url).replace("{folder}", name)
            config.write_text(f'[[connector]]\nkind = "{origin.kind}"\nname = "origin"\n{settings}\n')
            open_store(place.url, migrate=True).close()
            words = [PROGRAM, "collect", "origin", "--once", "--config", config, "--store", place.url]
            told = {key: value.replace("{url}", url) for key, value in origin.environment.items()}
            return spent(words, {**os.environ, **told})

    return look
