"""A first look at 50,000 jobs of an origin over HTTP, against what that alone needs to serve them to who only reads;
and against the vendor's own library that lists them, as any script would begin, and does no more.

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
_PLAIN: Final = "the origin alone, read page by page"
_LIBRARY: Final = "the vendor's library lists them, and no more"
_FOLDER: Final = Path(__file__).parents[1] / "origins"


@dataclass(frozen=True)
class Origin:
    """A kind whose origin the tests have as a server: the program that serves it, what `jobreport.toml` says beside
    kind and name, what the environment has, and which files there are, by name. `{url}` stands for the address,
    `{folder}` for the folder of the files. `has_sdk`: the program can read by the vendor's library, too.
    `jobs`: fewer where each takes a request of its own.
    """

    kind: str
    program: str
    settings: str
    jobs: int = _JOBS
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    has_sdk: bool = False


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
        has_sdk=True,
    ),
    Origin(kind="backrest", program="backrest.py", settings='url = "{url}"'),
    Origin(kind="bareos", program="bareos.py", settings='director = "fs1-dir"\ncatalog = "{url}"'),
    Origin(
        kind="duplicati",
        program="duplicati.py",
        settings='url = "{url}"\npassword_file = "{folder}/password"',
        files={"password": "secret"},
    ),
    Origin(kind="pgbackrest", program="pgbackrest.py", settings='command = ["sh", "-c", "cat {url}"]'),
    Origin(
        kind="gcp-backup",
        program="google_backup.py",
        settings='project = "backups-prod"\nlists = ["backup-and-dr"]\nlogging_url = "{url}"',
        environment={"GOOGLE_APPLICATION_CREDENTIALS": "{folder}/credentials"},
        files={
            "credentials": '{"type": "external_account", "audience": "a", "token_url": "{url}/token", '
            '"subject_token_type": "urn:ietf:params:oauth:token-type:jwt", '
            '"credential_source": {"file": "{folder}/subject"}}',
            "subject": "of-the-workload",
        },
    ),
    Origin(
        kind="kubernetes",
        program="cluster.py",
        settings='cluster = "prod"\ntools = ["velero"]\nkubeconfig = "{folder}/kubeconfig"',
        files={
            "kubeconfig": "{apiVersion: v1, kind: Config, current-context: a, users: [{name: a, user: {}}], "
            "contexts: [{name: a, context: {cluster: a, user: a}}], clusters: [{name: a, cluster: {server: '{url}'}}]}"
        },
        has_sdk=True,
    ),
    Origin(
        kind="veeam",
        program="veeam.py",
        settings='url = "{url}"\nuser = \'BACKUP\\jobreport\'\npassword_file = "{folder}/password"',
        files={"password": "open sesame"},
    ),
    *(
        Origin(
            kind=kind,
            program=f"{kind.replace('-', '_')}.py",
            settings='subscription = "0f6b7d0e-5f0a-4a0c-9f54-2f6a3f0c9a11"\nendpoint = "{url}"',
            environment={"IDENTITY_ENDPOINT": "{url}/identity", "IDENTITY_HEADER": "of-the-identity"},
            has_sdk=True,
        )
        for kind in ("azure-vault", "azure-backup-vault", "azure-sql")
    ),
    *(
        Origin(
            kind=kind,
            program=f"{kind}.py",
            settings='url = "{url}"\ntoken = "jobreport@pve!report"\ntoken_secret_file = "{folder}/secret"',
            jobs=jobs,
            files={"secret": "5b9d1f0c-6a51-4bb4-9e3b-0c6b3f6d7a11"},
        )
        for kind, jobs in (("pbs", _JOBS), ("pve", 20_000))
    ),
    Origin(kind="restic", program="restic.py", settings='repository = "/srv"\ncommand = ["{url}/restic"]'),
    Origin(kind="borg", program="borg.py", settings='repository = "/srv"\ncommand = ["{url}/borg"]'),
    Origin(kind="kopia", program="kopia.py", settings='command = ["{url}/kopia"]'),
)
"""One a kind that reads over HTTP, or in another program's database, or has a tool list what there is: for those of
repositories the address is the folder of a program that prints such a list.
"""


@dataclass
class _Served:
    """An origin that serves. `processor`: what that took in the end, in seconds."""

    url: str
    processor: float = 0


def measure(bench: Bench) -> Iterator[Figure]:
    """Of each kind the time, the processor's time and the memory of the whole command, its start among them."""
    for origin in ORIGINS:
        with step(f"Collecting {origin.jobs:,} jobs of {origin.kind}"):
            rounds = range(bench.options.rounds)
            alone = [_taken(origin, origin.jobs, _alone(origin, "read")) for _ in rounds]
            listed = [_taken(origin, origin.jobs, _alone(origin, "list")) for _ in rounds if origin.has_sdk]
            looks = [_taken(origin, origin.jobs, _look(bench, origin)) for _ in rounds]
            few = [_taken(origin, _FEW, _look(bench, origin)) for _ in rounds]
        what = f"first look at {origin.jobs:,} jobs of {origin.kind}"
        for against, runs, bar in ((_PLAIN, alone, _BAR), (_LIBRARY, listed, None))[: 1 + origin.has_sdk]:
            yield _figure(what, looks, runs, "seconds", against, bar)
            yield _figure("its processor time", looks, runs, "processor", against, bar)
        memory = max(one.memory for one in looks)
        other = max(one.memory for one in few)
        yield Figure("its memory", memory, "MiB", other, f"of a look at {_FEW:,} jobs", Bar(1.3), free=True)


def _figure(what: str, looks: list[Spent], others: list[Spent], which: str, against: str, bar: Bar | None) -> Figure:
    ours, other = (statistics.median(getattr(one, which) for one in runs) for runs in (looks, others))
    return Figure(what, ours, "s", other, against, bar, free=True)


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


def _alone(origin: Origin, how: str) -> Callable[[str], Spent]:
    def alone(url: str) -> Spent:
        return spent([sys.executable, _FOLDER / origin.program, how, url], _environment(origin, url))

    return alone


def _environment(origin: Origin, url: str, folder: str = "") -> dict[str, str]:
    return {**os.environ, **{key: _filled(value, url, folder) for key, value in origin.environment.items()}}


def _filled(text: str, url: str, folder: str) -> str:
    return text.replace("{url}", url).replace("{folder}", folder)


def _look(bench: Bench, origin: Origin) -> Callable[[str], Spent]:
    def look(url: str) -> Spent:
        with tempfile.TemporaryDirectory(prefix="origin-") as name, scratch(bench.kind, "collect") as place:
            config = Path(name) / "jobreport.toml"
            for file, text in origin.files.items():
                (Path(name) / file).write_text(_filled(text, url, name))
                (Path(name) / file).chmod(0o600)  # it may have a secret
            settings = _filled(origin.settings, url, name)
            config.write_text(f'[[connector]]\nkind = "{origin.kind}"\nname = "origin"\n{settings}\n')
            open_store(place.url, migrate=True).close()
            words = [PROGRAM, "collect", "origin", "--once", "--config", config, "--store", place.url]
            return spent(words, _environment(origin, url, name))

    return look
