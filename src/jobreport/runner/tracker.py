"""Keeps the job that describes one run, from the moment when it was ordered to its end.

The job is valid at every moment, whatever is read from the tool's output.
"""

import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD, JobState, JobType, ServiceType
from jobreport.model.job import COUNTS, INT32_MAX, INT64_MAX, TEXT_LIMITS, Job, faults, new_unique_job_id, shorten
from jobreport.runner.command_lines.redact_words import hide, redact_command, secrets_in, secrets_of
from jobreport.runner.hold import STOPS
from jobreport.runner.process import Lost
from jobreport.runner.redact import MASK
from jobreport.runner.signals import name_of
from jobreport.runner.text import clean
from jobreport.runner.tools.base import Counts, Outcome, Reader, Stream, Subject, Tool
from jobreport.runner.tools.generic import Generic
from jobreport.runner.tools.made import whole
from jobreport.runner.tools.reading import NO_MESSAGE, bounded

_MAX_ARGV: Final = 4_000  # characters of the command line kept in the raw record
_MAX_WORDS: Final = 1_000  # words of it that are looked at for secrets: a list of files may be a hundred times as long


def make_clock() -> Callable[[], int]:
    """Returns a clock in ticks. It begins with this machine's time and from then on never goes back."""
    # Where there is one, the clock that also counts while the machine sleeps.
    boot = getattr(time, "CLOCK_BOOTTIME", None)

    def elapsed() -> int:
        return time.monotonic_ns() if boot is None else time.clock_gettime_ns(boot)

    wall, began = time.time_ns(), elapsed()
    return lambda: ticks.UNIX_EPOCH + (wall + elapsed() - began) // 100


class JobTracker:
    """The job of one run of `command`. Safe to share between threads.

    `service`, `type`, `description`, `resource` replace what the tool derives from the command; None or empty: they do
    not. `heartbeat` is in seconds, 0 for none. The job contains no secret of the command line, even if the output
    repeats it, and its comments no secret of `environment`.
    """

    def __init__(
        self,
        command: Sequence[str],
        tool: Tool,
        *,
        environment: Mapping[str, str] | None = None,
        service: ServiceType | None = None,
        type: JobType | None = None,
        plan: str = "",
        description: str = "",
        resource: str = "",
        heartbeat: int = 0,
    ) -> None:
        self._command = tuple(command)
        self._tool = tool
        self._secrets = self._find_secrets()
        self._all_secrets = self._secrets | secrets_in(environment or {})
        self._environment = environment or {}
        self._reader = self._make_reader()
        self._lock = threading.Lock()
        self._clock = make_clock()
        self._last = 0
        self._host = socket.gethostname() or "unknown"
        subject = self._subject()
        start = self._clock()
        kind = subject.type if type is None else type
        words = (plan, subject.description or self._program())
        self._job = Job(
            job_id=new_unique_job_id(kind, start),
            service=subject.service if service is None else service,
            type=kind,
            state=JobState.InProgress,
            start=start,
            plan=plan,
            description=description or ": ".join(word for word in words if word),
            resource=resource or subject.resource,
            origin=f"runner/{self._host}",
            heartbeat=heartbeat,
        )

    @property
    def job_id(self) -> str:
        """The job's ID."""
        return self._job.job_id

    def lines(self, stream: Stream, lines: Sequence[str]) -> None:
        """Takes lines of the command's output."""
        # Most output has no secret in it; to look once for all of its lines takes a third off the time of reading.
        text = "\n".join(lines)
        secrets = [secret for secret in self._all_secrets if secret in text]
        with self._lock:
            for line in lines:
                self._reader.line(stream, hide(line, secrets) if secrets else line)

    def waits(self) -> None:
        """Notes that the command was ordered, and waits for another run to end."""
        with self._lock:
            self._job = self._job.evolve(state=JobState.Waiting)

    def starts(self) -> None:
        """Notes that the command starts now."""
        with self._lock:
            self._job = self._job.evolve(state=JobState.InProgress, start=self._clock())

    def now(self) -> Job:
        """Returns the job as it is, with the counts so far."""
        with self._lock:
            counts = Counts() if self._job.state is JobState.Waiting else self._counts()
            return self._sound(self._counted(counts).evolve(observed=self._next()))

    def ends(self, returncode: int | None, stopped: int | None, trouble: str = "", lost: Sequence[Lost] = ()) -> Job:
        """Returns the finished job. `returncode` is minus the signal's number if a signal ended the command, None if it
        never started; `stopped` is the signal that asked us to stop; `trouble` says why it could not start; `lost` are
        the outputs that could not be passed on.
        """
        with self._lock:
            outcome = _with_losses(self._outcome(returncode, stopped, trouble), lost)
            now = self._next()
            return self._sound(
                self._counted(outcome.counts).evolve(
                    state=outcome.state,
                    comments=outcome.comments,
                    cause=outcome.cause if outcome.state in NOT_GOOD else "",
                    made=whole(outcome.made, self._host, self._environment, self._job.start),
                    reference=outcome.reference,
                    finish=max(now, self._job.start),
                    observed=now,
                    raw=self._raw(returncode),
                )
            )

    def _outcome(self, returncode: int | None, stopped: int | None, trouble: str) -> Outcome:
        """Returns the outcome. A stop decides before any exit code; a signal decides before the tool is asked."""
        signal = -returncode if returncode is not None and returncode < 0 else None
        if stopped is not None or signal in STOPS:
            by = signal if stopped is None else stopped
            assert by is not None
            words = f"stopped by signal {name_of(by)}"
            return self._broken_off(JobState.Stopped, words, returncode)
        if signal is not None:
            return self._broken_off(JobState.Failed, f"ended by signal {name_of(signal)}", returncode)
        if returncode is None:
            return Outcome(state=JobState.Failed, counts=Counts(failed=1, total=1), comments=trouble)
        try:
            return self._reader.outcome(returncode)
        except Exception as error:  # noqa: BLE001 - a reading that fails must not lose the report
            return _plain(returncode, f"its output could not be read: {type(error).__name__}")

    def _broken_off(self, state: JobState, words: str, returncode: int | None) -> Outcome:
        """Returns the outcome of a run that did not end by itself: the counts so far, and its own last words."""
        cause = "cancelled" if state is JobState.Stopped else ""
        if returncode is None:
            comments = f"{words}; the command was not run"
            return Outcome(state=state, counts=Counts(), comments=comments, cause=cause)
        try:
            last = self._reader.outcome(returncode if returncode >= 0 else 128 - returncode).comments
        except Exception:  # noqa: BLE001 - a reading that fails must not lose the report
            last = ""
        comments = words if last.endswith(NO_MESSAGE) else f"{words}\n{last}".strip()
        counts = self._counts()
        if state is JobState.Failed:
            counts = bounded(failed=max(1, counts.failed), skipped=counts.skipped, total=counts.total, size=counts.size)
        return Outcome(state=state, counts=counts, comments=comments, cause=cause)

    def _find_secrets(self) -> frozenset[str]:
        try:
            return secrets_of(self._command[:_MAX_WORDS])
        except Exception:  # noqa: BLE001 - a reading that fails must not stop the backup
            return frozenset()

    def _make_reader(self) -> Reader:
        try:
            return self._tool.reader(self._command)
        except Exception:  # noqa: BLE001 - a reading that fails must not stop the backup
            return Generic().reader(self._command)

    def _subject(self) -> Subject:
        try:
            subject = self._tool.subject(self._command)
            return msgspec.structs.replace(
                subject,
                description=hide(subject.description, self._secrets),
                resource=hide(subject.resource, self._secrets),
            )
        except Exception:  # noqa: BLE001 - a reading that fails must not stop the backup
            return Subject()

    def _counts(self) -> Counts:
        try:
            return self._reader.counts()
        except Exception:  # noqa: BLE001 - a reading that fails must not lose the report
            return Counts()

    def _counted(self, counts: Counts) -> Job:
        limited = {name: min(max(getattr(counts, name), 0), INT32_MAX) for name in COUNTS}
        return self._job.evolve(**limited, size=min(max(counts.size, 0), INT64_MAX))

    def _next(self) -> int:
        """Returns the time now, but always later than the last result, so that no two reports have the same time."""
        self._last = max(self._last + 1, self._clock())
        return self._last

    def _sound(self, job: Job) -> Job:
        """Returns `job` within the model's rules: texts are shortened and cleaned, and if the tool's reading broke a
        rule, its counts and state are replaced by plain ones.
        """
        job = job.evolve(**{field: _fit(getattr(job, field), limit) for field, limit in TEXT_LIMITS.items()})
        wrong = faults(job, {})
        if not wrong:
            return job
        words = "; ".join(f"{fault.field}: {fault.message}" for fault in wrong)
        note = _fit(f"the reading of the output broke a rule ({words})\n{job.comments}", TEXT_LIMITS["comments"])
        state = JobState.Exception if job.state is JobState.Successful and job.failed else job.state
        plain = job.evolve(state=state, comments=note, raw="", made="", reference="")
        if not faults(plain, {}):
            return plain
        state = JobState.Exception if job.finish and not job.state.finished else job.state
        failed = int(state in {JobState.Failed, JobState.Exception})
        return plain.evolve(state=state, failed=failed, successful=0, skipped=0, total=failed, size=0)

    def _raw(self, returncode: int | None) -> str:
        """Returns the runner's own record of the run, as JSON."""
        arguments: list[str] = []
        room = _MAX_ARGV
        for argument in self._redacted():
            if len(argument) > room:
                arguments.append("…")
                break
            room -= len(argument)
            arguments.append(argument)
        record = {"tool": self._tool.name, "argv": arguments, "exitCode": returncode, "host": clean(self._host)}
        return msgspec.json.encode(record).decode()

    def _redacted(self) -> list[str]:
        """Returns the command line without its secrets."""
        try:
            return [clean(hide(word, self._secrets)) for word in redact_command(self._command[:_MAX_WORDS])]
        except Exception:  # noqa: BLE001 - rather nothing of it than a secret, or no report
            return [MASK]

    def _program(self) -> str:
        return self._redacted()[0].replace("\\", "/").rpartition("/")[2]


def _plain(returncode: int, comments: str) -> Outcome:
    """Returns the outcome that the exit code alone tells."""
    if returncode == 0:
        return Outcome(state=JobState.Successful, counts=Counts(successful=1, total=1), comments=comments)
    words = f"exit code {returncode}; {comments}"
    return Outcome(state=JobState.Failed, counts=Counts(failed=1, total=1), comments=words)


def _with_losses(outcome: Outcome, lost: Sequence[Lost]) -> Outcome:
    """Returns `outcome`. If output was lost, it is never Successful: the loss counts as a failed object and is named
    first in the comments.
    """
    if not lost:
        return outcome
    words = "\n".join(f"{one.stream} could not be passed on: {one.reason}" for one in lost)
    counts, state = outcome.counts, outcome.state
    if state in {JobState.Successful, JobState.Skipped}:
        state = JobState.Exception
        counts = bounded(
            failed=counts.failed + 1,
            successful=counts.successful,
            skipped=counts.skipped,
            total=counts.total,
            size=counts.size,
        )
    comments = f"{words}\n{outcome.comments}".strip()
    return msgspec.structs.replace(outcome, state=state, counts=counts, comments=comments)


def _fit(text: str, limit: int) -> str:
    return shorten(clean(text), limit)
