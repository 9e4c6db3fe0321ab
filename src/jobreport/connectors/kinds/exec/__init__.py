"""The kind `exec`: a program, in any language, prints the jobs of its origin, and at the end from where to go on.

It is called with one more argument: `read` prints jobs, `check` says which rights it has, `spec` names its streams. Its
standard input is a JSON object. Each line that it prints is a job as `POST /api/jobs` takes it, or a message, which has
a `type`.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, Literal

import msgspec

from jobreport.configuration.check import Span
from jobreport.connectors.base import CannotReadError, Kind, Look, Page, Right, Stream, UnreadableRecordError
from jobreport.connectors.command import Command, Limits, check_call, lines
from jobreport.connectors.kinds.exec.messages import Gone, Message, NoData, RightTold, Spec, State, message_of
from jobreport.contract.fast_decoder import plain_job
from jobreport.contract.job_document import job_from_wire
from jobreport.contract.json_value import parse
from jobreport.model import ticks
from jobreport.model.errors import InvalidInputError
from jobreport.model.job import Job
from jobreport.model.sees import Sees

PAGE: Final = 500
"""So many jobs are handed on together, or so many bytes of their lines."""
_PAGE_BYTES: Final = 1024 * 1024
ONLY: Final = "all"
"""The name of the stream of a program that names none."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    command: tuple[str, ...]
    sees: Literal["runs", "objects", "results"]
    whole: bool = False
    remembers: Span = 0
    overlap: Span = 3600
    spec: bool = False
    settings: dict[str, Any] = {}
    longest: Span = 600
    memory: int = 512
    output: int = 1024

    def __post_init__(self) -> None:
        check_call(
            self.command,
            '["/usr/local/bin/list-jobs"]',
            longest=self.longest,
            memory=self.memory,
            output=self.output,
        )


KEYS: Final = {
    "command": "The program and its arguments, as a list; no shell reads it.",
    "sees": "What its origin knows of a job: runs, objects or results.",
    "whole": "Whether each look prints all jobs that the origin has, so that one that is missing is gone.",
    "remembers": 'How long the origin keeps a job, such as "30d"; left out: it forgets none.',
    "overlap": 'How far before the last look it is read again; by default "1h".',
    "spec": "Whether the program names its streams itself, when it is called with spec.",
    "settings": "A table that the program is given as it is.",
    "longest": 'How long one call may take; by default "10m".',
    "memory": "How much memory it may use, in MiB; by default 512. On Linux.",
    "output": "How much it may print in one call, in MiB; by default 1024.",
}


class Program:
    """A program that lists jobs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limits = Limits(seconds=settings.longest, memory=settings.memory, output=settings.output)

    def streams(self) -> Iterable[Stream]:
        """Returns the streams that it names, or its only one."""
        settings = self._settings
        if not settings.spec:
            return [
                Stream(
                    name=ONLY,
                    sees=Sees(settings.sees),
                    whole=settings.whole,
                    remembers=settings.remembers * ticks.PER_SECOND,
                    overlap=settings.overlap * ticks.PER_SECOND,
                )
            ]
        found = [one for line in self._call("spec", {}) if isinstance(one := message_of(line), Spec)]
        if len(found) != 1:
            raise CannotReadError(f"the program printed {len(found)} lines of the type SPEC, and should print one")
        return [stream.as_stream(Sees(settings.sees)) for stream in found[0].streams]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the jobs that it prints, page by page."""
        given = {
            "stream": stream.name,
            "state": look.state,
            "since": ticks.to_iso(look.since or ticks.UNIX_EPOCH, digits=0),
            "unfinished": [_asked_again(job) for job in look.unfinished],
        }
        jobs: list[Job] = []
        size = 0
        try:
            for number, line in enumerate(self._call("read", given), 1):
                try:
                    told = _told(line, number, look.now)
                except UnreadableRecordError as error:
                    yield Page(refused=[str(error)])
                    continue
                match told:
                    case Gone(job_id=job_id):
                        yield Page(jobs=jobs, gone=[job_id])
                        jobs, size = [], 0
                    case State(value=value):
                        yield Page(jobs=jobs, state=value)
                        jobs, size = [], 0
                    case Job():
                        jobs.append(told)
                        size += len(line)
                if len(jobs) == PAGE or size >= _PAGE_BYTES:
                    yield Page(jobs=jobs)
                    jobs, size = [], 0
        except CannotReadError:
            yield Page(jobs=jobs)  # what it printed before counts
            raise
        yield Page(jobs=jobs)

    def rights(self) -> Iterable[Right]:
        """Returns the rights that it tells of."""
        found = []
        for number, line in enumerate(self._call("check", {}), 1):
            match message_of(line, number):
                case RightTold() as told:
                    found.append(told.as_right())
                case NoData(reason=reason):
                    raise CannotReadError(reason)
        return found

    def _call(self, verb: str, given: dict[str, Any]) -> Iterator[bytes]:
        told = msgspec.json.encode({"settings": self._settings.settings, **given})
        command = Command(argv=[*self._settings.command, verb], given=told, limits=self._limits)
        return (line for line in lines(command) if line.strip())


def _told(line: bytes, number: int, now: int) -> Job | Message:
    """Returns what a line says. Raises UnreadableRecordError, and CannotReadError if it says that there is no data."""
    if job := plain_job(line, now):
        return _named(job, number)
    message = message_of(line, number)
    if isinstance(message, NoData):
        raise CannotReadError(message.reason)
    return message or _carefully(line, number, now)


def _named(job: Job, number: int) -> Job:
    if not job.job_id:
        raise UnreadableRecordError(f"line {number} has no jobId: without it, each look would store the job again")
    return job


def _carefully(line: bytes, number: int, now: int) -> Job:
    try:
        return _named(job_from_wire(parse(line), now=now), number)
    except InvalidInputError as error:
        first = error.errors[0]
        field = f"{first.field}: " if first.field else ""
        raise UnreadableRecordError(f"line {number} is no job: {field}{first.message}") from None


def _asked_again(job: Job) -> dict[str, Any]:
    return {"jobId": job.job_id, "raw": msgspec.Raw(job.raw.encode()) if job.raw else None}


def _open(settings: Settings) -> AbstractContextManager[Program]:
    return nullcontext(Program(settings))


KIND: Final = Kind(
    name="exec",
    about="whatever a program prints",
    sees=Sees.RUNS,
    settings=Settings,
    keys=KEYS,
    open=_open,
)
