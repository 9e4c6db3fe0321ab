"""Delivers the reports of a run while it runs: in order, always only the newest, from a separate thread."""

import threading
import time
from collections.abc import Callable
from typing import Final

from jobreport.model.job import Job
from jobreport.runner.delivery import DeliveryError, NotNowError, RefusedError, Sink, TenantRefusedError, deliver
from jobreport.runner.flush import flush
from jobreport.runner.spool import Spool
from jobreport.runner.tracker import JobTracker

PROGRESS_SECONDS: Final = 5.0
_AFTER_TROUBLE: Final = 60.0  # seconds until a report is tried again that only a repair of the setup will let through
_LAST_TRY: Final = 30.0  # seconds that a try under way is given when the time is up
_OTHERS: Final = 10.0  # seconds that the reports of earlier runs may keep us after our own


class Reporter:
    """Reports a job while its command runs, and its end. It never makes the command wait.

    `heartbeat` is in seconds, 0 for none. `warn` is called once with each thing that a person should know.
    """

    def __init__(
        self, tracker: JobTracker, sink: Sink, spool: Spool, heartbeat: int, warn: Callable[[str], None]
    ) -> None:
        self._tracker, self._sink, self._spool, self._warn = tracker, sink, spool, warn
        self._heartbeat = heartbeat
        self._wake = threading.Condition()
        self._begun = False
        self._changed = False
        self._final: Job | None = None
        self._seconds = 0.0
        self._leave = threading.Event()
        self._done = threading.Event()
        self._sent: Job | None = None
        self._sent_at = 0.0
        self._not_before = 0.0
        self._warned = False
        self._told_wait = False
        self._unusable = False
        self._saying = threading.Lock()
        self._spooled = False
        self._told_end = False
        self._flusher: threading.Thread | None = None

    def report(self) -> None:
        """Reports the job's new state at once. The first call also starts the thread that watches the job."""
        with self._wake:
            self._changed = True
            self._wake.notify()
        if not self._begun:
            self._begun = True
            threading.Thread(target=self._run, daemon=True).start()

    @property
    def left(self) -> bool:
        """Whether `leave` has been called."""
        return self._leave.is_set()

    def leave(self) -> None:
        """Ends the wait for the delivery. The report stays in the spool."""
        self._leave.set()

    def finish(self, job: Job, seconds: float) -> None:
        """Writes the finished job to disk, then delivers it. If that fails, tries again for `seconds`.

        Returns when it is delivered, when the time is up, or when `leave` is called.
        """
        self._seconds = seconds
        self._spooled = self._keep(job)
        with self._wake:
            self._final = job
            self._wake.notify()
        self._await(self._done, seconds + _LAST_TRY)
        if not self._done.is_set():
            self._say_left(job, "its delivery was broken off" if self.left else "no answer in time")
        elif self._flusher is not None:
            flushed = self._flusher
            until = time.monotonic() + _OTHERS
            while flushed.is_alive() and not self.left and time.monotonic() < until:
                flushed.join(0.1)

    def _await(self, event: threading.Event, seconds: float) -> None:
        # In short steps: a signal's handler runs between them, whichever thread the signal was given to.
        until = time.monotonic() + seconds
        while not event.wait(0.1) and not self.left and time.monotonic() < until:
            pass

    def _run(self) -> None:
        try:
            while True:
                with self._wake:
                    self._wake.wait_for(lambda: self._changed or self._final is not None, self._pause())
                    changed, final = self._changed, self._final
                    self._changed = False
                if final is not None:
                    break
                self._look(changed)
            self._deliver(final)
        except Exception as error:  # noqa: BLE001 - a fault of the reporting must not become one of the backup
            self._warn(f"reporting broke off ({type(error).__name__}); what is in the spool will be delivered later")
        finally:
            self._done.set()

    def _pause(self) -> float:
        """Returns the seconds until the job is looked at again."""
        if not self._heartbeat:
            return PROGRESS_SECONDS
        if self._sent is None:
            return min(PROGRESS_SECONDS, self._heartbeat)
        due = self._sent_at + self._heartbeat - time.monotonic()
        return min(PROGRESS_SECONDS, self._heartbeat, max(due, 0.1))

    def _look(self, changed: bool) -> None:
        """Reports the job if its state or its counts have changed, or if a heartbeat is due."""
        job = self._tracker.now()
        if changed:
            # On disk first: if this machine falls, the next flush still tells that the job began.
            self._keep(job)
        elif not self._due(job):
            return
        try:
            self._sink.send(job)
        except DeliveryError as error:
            asked = (error.retry_after or 0.0) if isinstance(error, NotNowError) else _AFTER_TROUBLE
            self._not_before = time.monotonic() + min(asked, 300.0)
            self._sent = None
            self._say_trouble(str(error))
        else:
            self._sent, self._sent_at = job, time.monotonic()
            self._forget(job)
            self._deliver_others()

    def _due(self, job: Job) -> bool:
        now = time.monotonic()
        if now < self._not_before:
            return False
        beat = self._heartbeat > 0 and now >= self._sent_at + self._heartbeat
        return beat or self._sent is None or not self._sent.same_but_for_time(job)

    def _deliver(self, job: Job) -> None:
        """Delivers the final report, trying until its time is up."""
        try:
            deliver(self._sink, job, seconds=self._seconds, stop=self._leave, on_wait=self._say_waiting)
        except RefusedError as error:
            self._told_end = True
            try:
                self._spool.refuse(job, str(error))
                self._warn(f"the report of job {job.job_id} was refused, and put aside in the spool: {error}")
            except OSError:
                self._warn(f"the report of job {job.job_id} was refused: {error}")
        except TenantRefusedError as error:
            right = f"`jobreport spool redirect {job.job_id} --tenant NAME`"
            self._say_left(job, f"{error}. If its tenant was missing or wrong: {right}")
        except DeliveryError as error:
            self._say_left(job, str(error))
        else:
            self._told_end = True
            self._forget(job)
            self._deliver_others()

    def _deliver_others(self) -> None:
        """Delivers the reports that earlier runs could not deliver, as the server can be reached now."""
        if self._flusher is not None:
            return
        try:
            if refused := self._spool.count_refused():
                self._warn(f"reports of earlier runs were refused ({refused}): `jobreport spool list` says why")
            if not self._spool.waiting():
                return
        except OSError as error:
            self._say_unusable(error)
            return
        self._flusher = threading.Thread(target=self._flush, daemon=True)
        self._flusher.start()

    def _flush(self) -> None:
        try:
            result = flush(self._spool, self._sink, self._warn, skip=self._tracker.job_id)
            if result.reason:
                here = f"wait in {self._spool.folder} (`jobreport spool list`)"
                self._warn(f"reports of earlier runs still {here}: {result.reason}")
        except Exception as error:  # noqa: BLE001 - other runs' reports must not become this one's fault
            self._warn(f"the reports of earlier runs could not be delivered now: {error}")

    def _keep(self, job: Job) -> bool:
        try:
            self._spool.put(job, self._sink)
        except OSError as error:
            self._say_unusable(error)
            return False
        return True

    def _forget(self, job: Job) -> None:
        try:
            self._spool.remove(job)
        except OSError as error:
            self._say_unusable(error)

    def _say_unusable(self, error: OSError) -> None:
        with self._saying:
            first, self._unusable = not self._unusable, True
        if first:
            self._warn(f"cannot keep reports in {self._spool.folder}: {error.strerror or error}")

    def _say_trouble(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            self._warn(f"the report cannot be delivered yet; the command goes on without it: {reason}")

    def _say_waiting(self, reason: str) -> None:
        if self._told_wait:
            return
        self._told_wait = True
        safe = f" Ctrl-C is safe: the report is kept in {self._spool.folder}." if self._spooled else ""
        self._warn(
            f"the command has ended. Its report cannot be delivered yet: {reason}. "
            f"Trying again for up to {_in_words(self._seconds)}.{safe}"
        )

    def _say_left(self, job: Job, reason: str) -> None:
        if self._told_end:
            return
        self._told_end = True
        if self._spooled:
            self._warn(
                f"the report of job {job.job_id} waits in {self._spool.folder} "
                f"for the next run or for `jobreport flush`: {reason}"
            )
        else:
            self._warn(f"the report of job {job.job_id} is lost, neither delivered nor kept: {reason}")


def _in_words(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60} minutes" if whole >= 120 and not whole % 60 else f"{whole} seconds"
