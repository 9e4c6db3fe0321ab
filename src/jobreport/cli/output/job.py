"""Shows one job whole to people: every field in words, and what each correction changed."""

import json
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any, Final

from msgspec import convert
from rich.console import Console
from rich.text import Text

from jobreport.cli.output.amounts import bytes_in_words, counted, span
from jobreport.cli.output.console import STYLES
from jobreport.cli.output.one_series import job_in_words, usual_in_words, usual_time
from jobreport.cli.output.series import last_good, local
from jobreport.cli.output.texts import visible
from jobreport.contract.job_fields import FIELDS, FieldKind
from jobreport.contract.series_answer import SeriesOfJob, UsualValues
from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD, JobState, JobType, ServiceType
from jobreport.model.ordinals import nth
from jobreport.model.sees import Sees

_WIDTH: Final = len("Last heard of")
_UNKNOWN: Final = "-"


def show_job(out: Console, job: Mapping[str, Any]) -> None:
    """Prints a job, given as the document of `GET /api/jobs/{jobId}`."""
    state = JobState(job["state"])
    _say(out, "Job", visible(job["jobId"]))
    _say(out, "State", Text.assemble((state.name, STYLES[state]), _presumed(job)))
    series = convert(job["series"], SeriesOfJob) if job.get("series") else None
    for name, text in _fields(job, series.usual if series else None):
        _say(out, name, text)
    if "series" in job:  # an older server has none
        out.print()
        for name, text in _series(job["jobId"], state, series):
            _say(out, name, text)
    for name, key in (("Comments", "comments"), ("Record", "raw")):
        if job[key]:
            text = job[key] if key == "comments" else json.dumps(job[key], indent=2, ensure_ascii=False)
            out.print(f"\n{name}", style="bold")
            for line in text.splitlines():
                out.print(Text(f"  {visible(line)}"), soft_wrap=True)
    later = job
    if job["versions"]:
        out.print("\nEarlier versions, newest first", style="bold")
    for earlier in job["versions"]:
        out.print(f"  until {_time(earlier['replacedAt'])}")
        for field in FIELDS:
            if field.kind is not FieldKind.RECORD and earlier.get(field.wire) != later.get(field.wire):
                now, then = (_value(field.wire, field.codes, one[field.wire]) for one in (later, earlier))
                out.print(Text(f"    {field.wire}: {then}, then {now}"), soft_wrap=True)
        if earlier["raw"] != later["raw"]:
            out.print("    raw: another record of the origin; --json shows both")
        later = earlier


def _presumed(job: Mapping[str, Any]) -> str:
    return " (presumed: nobody reported that)" if job["presumed"] else ""


def _say(out: Console, name: str, text: str | Text) -> None:
    out.print(Text.assemble(f"{name:<{_WIDTH}}  ", text), soft_wrap=True)


def _fields(job: Mapping[str, Any], usual: UsualValues | None) -> Iterator[tuple[str, str]]:
    """Gives what is known of the job in words, each with its name."""
    state, start, finish = JobState(job["state"]), job["startTime"], job["finishTime"]
    yield "Plan", visible(job["plan"]) or _UNKNOWN
    yield "Resource", visible(job["resource"]) or _UNKNOWN
    yield "Description", visible(job["description"]) or _UNKNOWN
    yield "Service", ServiceType(job["serviceType"]).name
    yield "Type", JobType(job["jobType"]).name
    yield "Due" if state is JobState.NotStarted else "Started", _time(start)
    yield "Ended", _time(finish)
    took = span(finish - start) if start and finish else _UNKNOWN
    yield "Took", f"{took}; usually {usual_time(usual)}" if usual else took
    if job.get("cause"):
        yield "Cause", f"{visible(job.get('causeText') or '')} ({job['cause']})".strip()
    counts = f"{job['successfulCount']:,} done, {job['failedCount']:,} failed, {job['skippedCount']:,} skipped"
    yield "Objects", f"{counts}, {job['totalCount']:,} in all"
    yield "Bytes", f"{bytes_in_words(job['bytes'])}" + (f" ({job['bytes']:,} B)" if job["bytes"] >= 1024 else "")
    yield "Origin", visible(job["origin"]) or _UNKNOWN
    yield "Reported by", _reporter(job["reportedBy"])
    # An older server has neither of these.
    if job.get("reference"):
        yield "Reference", visible(job["reference"])
    if told := Sees(job.get("sees", Sees.RUNS)).in_words:
        yield "Told by", told
    if job["heartbeat"]:
        yield "Heartbeat", f"every {job['heartbeat']} seconds while it runs"
    yield "Seen so", _time(job["observedAt"])
    yield "Received", _time(job["receivedAt"])
    yield "Last heard of", _time(job["heardAt"])


def _series(job_id: str, state: JobState, one: SeriesOfJob | None) -> Iterator[tuple[str, str]]:
    """Gives how the series of the job stands, and the jobs before and after it."""
    if one is None:
        yield "Series", "none: the job has neither plan nor resource"
        return
    yield "Series", f"{one.number}  {counted(one.jobs, 'job')} since {local(one.first_job)}"
    good = f"last good {last_good(one)}" + (f"  {visible(one.last_good.job_id)}" if one.last_good else "")
    if one.not_good_since:
        is_last = state in NOT_GOOD and one.last_ended is not None and one.last_ended.job_id == job_id
        said = f"this is the {nth(one.not_good)}" if is_last else f"{one.not_good:,}"
        yield "Not good", f"{said} not good in a row, since {local(one.not_good_since)}; {good}"
    else:
        yield "Not good", f"0 in a row; {good}"
    if one.usual:
        yield "Usual", usual_in_words(one.usual)
    yield "Job before", job_in_words(one.previous)
    yield "Job after", job_in_words(one.next)


def _value(wire: str, codes: type[IntEnum] | None, value: Any) -> str:
    if codes:
        return codes(value).name
    if wire.endswith(("Time", "At")):
        return _time(value)
    return visible(str(value)) or "(empty)"


def _time(moment: int) -> str:
    return f"{ticks.local(moment):%Y-%m-%d %H:%M:%S %Z}" if moment else _UNKNOWN


def _reporter(by: str) -> str:
    """Returns who reported a job, in words."""
    if by.startswith("inbox:"):
        return f"the {by.replace(':', ' ')}"
    return f"the app {by}" if by else "no app: a command on the server"
