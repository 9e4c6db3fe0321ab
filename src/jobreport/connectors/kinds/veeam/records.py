"""Makes jobs of the sessions that a backup server lists. Pure.

The state alone says whether a session has ended: one that runs may bear a result and an end already. Names of fields
are those of revisions 1.2 and 1.3; what 1.1 calls otherwise is not needed.
"""

import re
from datetime import tzinfo
from typing import Final

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.veeam.tasks import Tally
from jobreport.connectors.names import job_id, raw_json, raw_text
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import COUNTS, TEXT_LIMITS, Job, shorten
from jobreport.origins.veeam import codes_of_session, copies, is_idle, reference_of, state_of
from jobreport.runner.text import clean
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

_KIND_OF_RUN: Final = re.compile(
    r"\s*\((?:(?:active |synthetic )?full|incremental|increment|transform|retry(?: \d{1,6})?)\)\s*$", re.IGNORECASE
)
"""What stands behind the name of a job in that of its session, and differs from night to night."""
_GOOD: Final = "success"
RESTORES: Final = frozenset(
    {
        *(JobType.Restore, JobType.VMwareRestore, JobType.FileRestore, JobType.AADRestore, JobType.EC2Restore),
        JobType.GoogleVMRestore,
    }
)


class Result(msgspec.Struct, rename="camel"):
    """How a session or a task went."""

    result: str = ""
    message: str | None = None
    is_canceled: bool | None = None


class Progress(msgspec.Struct, rename="camel"):
    """How far it came."""

    processed_size: int | None = None


class Session(msgspec.Struct, rename="camel"):
    """A session, as far as a job is made of it. `end_time` may stand there of one that still runs."""

    id: str
    name: str
    session_type: str
    state: str
    creation_time: str
    end_time: str | None = None
    result: Result | None = None
    parent_session_id: str | None = None
    platform_name: str | None = None
    progress: Progress | None = None

    @property
    def said(self) -> Result:
        """Its result; one that says nothing where there is none."""
        return self.result or Result()

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        state = state_of(self.state, self.said.result, cancelled=bool(self.said.is_canceled))
        return self.state.casefold() == "stopped" or (state is not None and state.finished)

    @property
    def codes(self) -> tuple[ServiceType, JobType] | None:
        """Its service and type; None if it is no job of ours, or none yet."""
        return None if is_idle(self.state) else codes_of_session(self.session_type, self.platform_name or "")


def session_of(record: msgspec.Raw | bytes) -> Session:
    """Returns a record as a session. Raises UnreadableRecordError."""
    try:
        return msgspec.json.decode(record, type=Session)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableRecordError(f"a session is not as Veeam describes it: {error}") from None


def id_of(session: str) -> str:
    """Returns the ID of the job of a session."""
    return job_id("veeam", session.casefold())


def began(session: Session, zone: tzinfo) -> int:
    """Returns when a session began (ticks). Raises UnreadableRecordError."""
    try:
        return ticks.from_iso(session.creation_time, zone=zone)
    except ValueError as error:
        raise UnreadableRecordError(f"creationTime of a session {error}") from None


def finished(session: Session, zone: tzinfo) -> int:
    """Returns when a session is said to have ended (ticks); 0 if that is not said, which Veeam also tells as year 1."""
    try:
        time = ticks.from_iso(session.end_time, zone=zone) if session.end_time else 0
    except ValueError:
        return 0
    return time if time >= ticks.YEAR_2000 else 0


def job_of(
    session: Session, codes: tuple[ServiceType, JobType], raw: bytes, server: str, zone: tzinfo, tally: Tally | None
) -> Job:
    """Returns the job of a session that has these codes. `tally` counts its tasks; None: nobody asked, or it has none.

    Raises UnreadableRecordError.
    """
    said = session.said
    service, kind = codes
    state, note = _state(session, tally)
    start, end = began(session, zone), finished(session, zone)
    counts = _counts(session, state, tally)
    told = [note, "" if (said.message or "").casefold() == _GOOD else said.message, *(tally.said if tally else ())]
    if state.finished and not end:
        told.append("its origin does not tell when it ended")
    is_restore, of = kind in RESTORES, session.session_type
    return Job(
        job_id=id_of(session.id),
        reference=reference_of(session.id),
        service=service,
        type=kind,
        state=state,
        start=start,
        finish=max(start, end) if state.finished else 0,
        **{name: getattr(counts, name) for name in COUNTS},
        size=counts.size,
        comments="" if state is JobState.Successful else _text("comments", "\n".join(filter(None, told))),
        description=_text("description", f"copy: {of}" if copies(of) else of),
        plan="" if is_restore else _text("plan", bare(session.name)),
        resource=_text("resource", session.name if is_restore else server),
        raw=raw_of(raw, ended=state.finished),
    )


def bare(name: str) -> str:
    """Returns the name of a job without what says how it ran, such as `(Incremental)`."""
    while (less := _KIND_OF_RUN.sub("", name)) not in ("", name):
        name = less
    return name.strip()


def raw_of(raw: bytes, *, ended: bool) -> str:
    """Returns the record as it came; of a session that runs without for how long it has run, which is no news."""
    if not ended:
        record = msgspec.json.decode(raw)
        progress = record.get("progress")
        if isinstance(progress, dict) and progress.pop("duration", None) is not None:
            return raw_text(record)
    return raw_json(raw)


def _state(session: Session, tally: Tally | None) -> tuple[JobState, str]:
    said = session.said
    state = state_of(session.state, said.result, cancelled=bool(said.is_canceled))
    if state is None:
        state = JobState.Exception if session.ended else JobState.InProgress
        return state, f"unknown state {session.state[:100]!r}, result {said.result[:100]!r}"
    if state is JobState.Failed and tally and tally.good:
        return JobState.Exception, ""
    return state, ""


def _counts(session: Session, state: JobState, tally: Tally | None) -> Counts:
    if not state.finished:
        return Counts()
    size = (session.progress and session.progress.processed_size) or 0
    if not tally or not tally.total:
        return one_object(state, size)
    failed = max(tally.lost, int(state is JobState.Failed))
    return bounded(failed=failed, successful=tally.good, total=tally.total, size=size or tally.size)


def _text(field: str, text: str) -> str:
    return shorten(clean(text), TEXT_LIMITS[field])
