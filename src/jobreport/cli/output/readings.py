"""What a report tells, before it meets an inbox: for people, and as documents."""

from typing import Any, Final

import msgspec

from jobreport.cli.output.console import STYLES, console
from jobreport.cli.output.texts import visible
from jobreport.inbox.filing import judged
from jobreport.inbox.masking import masked
from jobreport.inbox.report import Reading, ReportedJob
from jobreport.model import ticks

_INBOXS: Final = "the inbox's"
_TEXTS: Final = ("plan", "resource", "description")
_TIMES: Final = ("start", "finish")


def documents(reading: Reading) -> dict[str, Any]:
    """Returns what a report tells for programs; what it does not tell is null."""
    return {
        "jobs": [_document(judged(job)) for job in reading.jobs],
        "log": masked(reading.log) or None,
        "ignored": reading.ignored or None,
    }


def _document(job: ReportedJob) -> dict[str, Any]:
    return {
        "state": job.state.name,
        "run": masked(job.key) or None,
        **{name: ticks.to_iso(at) if (at := getattr(job, name)) else None for name in _TIMES},
        "service": job.service.name if job.service else None,
        "type": job.type.name if job.type else None,
        **{name: masked(getattr(job, name)) or None for name in _TEXTS},
        **(msgspec.structs.asdict(job.counts) if job.counts else {}),
        "comments": masked(job.comments) or None,
    }


def show(reading: Reading) -> None:
    """Prints what a report tells, field by field."""
    from rich.text import Text

    out = console()
    if reading.log:
        out.print(Text(f"A comment on the plan:\n{visible(masked(reading.log), keep=chr(10))}"), soft_wrap=True)
    elif not reading.jobs:
        out.print(Text(f"No job: {visible(reading.ignored) or 'it tells of none'}."), soft_wrap=True)
    for number, job in enumerate(map(judged, reading.jobs)):
        if number:
            out.print()
        for name, value in _document(job).items():
            style = STYLES[job.state] if name == "state" else ""
            out.print(f"{name + ':':13}", Text(_said(name, value), style), soft_wrap=True)


def _said(name: str, value: object) -> str:
    if value is None:
        return _INBOXS if name in {"service", "type", *_TEXTS} else "-"
    return visible(str(value), keep="\n").replace("\n", f"\n{' ' * 14}")
