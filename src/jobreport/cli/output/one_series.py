"""Shows one series whole to people: how it stands, what is usual, and its last runs."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobreport.cli.output.amounts import bytes_in_words, counted, span
from jobreport.cli.output.console import STYLES
from jobreport.cli.output.series import last_good, local
from jobreport.cli.output.texts import visible
from jobreport.contract.series_answer import SeriesDetail, SeriesJob, UsualValues
from jobreport.model import ticks
from jobreport.model.catalog import JobState

_WIDTH: Final = len("Last report")


def show_one_series(out: Console, one: SeriesDetail) -> None:
    """Prints a series and its runs."""
    fields = {
        "Series": f"{one.number} (key {one.key})",
        "Plan": visible(one.plan) or "-",
        "Resource": visible(one.resource) or "-",
        "Type": f"{one.type} of {one.service}",
        "Origin": visible(one.origin) or "-",
        "Jobs": f"{one.jobs:,} since {local(one.first_job)}",
        "Last report": local(one.last_report) if one.last_report else "-",
        "Newest": job_in_words(one.newest),
        "Last ended": job_in_words(one.last_ended),
        "Last good": f"{last_good(one)}  {visible(one.last_good.job_id)}" if one.last_good else last_good(one),
        "Not good": f"{one.not_good:,} since {local(one.not_good_since)}" if one.not_good_since else "0",
        "Unfinished": f"{one.unfinished:,} since {local(one.unfinished_since)}" if one.unfinished_since else "0",
    }
    if one.verdict:
        fields["Expected"] = f"{one.verdict}: {visible(one.sentence or '')}"
    if one.usual:
        fields["Usual"] = usual_in_words(one.usual)
    for name, text in fields.items():
        out.print(Text(f"{name:<{_WIDTH}}  {text}"), soft_wrap=True)
    if one.runs:
        out.print()
        out.print(_runs(out, one))


def usual_in_words(usual: UsualValues) -> str:
    """Returns what is usual of the good runs: the medians, and in brackets the 10th and the 90th percentile."""
    objects, size = usual.objects, usual.bytes
    return (
        f"{usual_time(usual)}, {objects.median:,} objects ({objects.p10:,} to {objects.p90:,}), "
        f"{bytes_in_words(size.median)} ({bytes_in_words(size.p10)} to {bytes_in_words(size.p90)}), "
        f"by {counted(usual.runs, 'good run')}"
    )


def usual_time(usual: UsualValues) -> str:
    """Returns how long a good run usually takes: 22m 10s (20m 00s to 25m 00s)."""
    took = usual.duration
    return f"{_span(took.median)} ({_span(took.p10)} to {_span(took.p90)})"


def job_in_words(one: SeriesJob | None) -> str:
    """Returns when a job of a series started, its state and its ID; a dash if there is none."""
    return f"{local(one.start_time)}  {one.state}  {visible(one.job_id)}" if one else "-"


def _span(seconds: float) -> str:
    return span(round(seconds * ticks.PER_SECOND))


def _runs(out: Console, one: SeriesDetail) -> Table:
    rule = box.SIMPLE_HEAD if out.encoding.startswith("utf") else box.ASCII2
    table = Table("Started", "State", box=rule, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("Took", "Objects", "Bytes"):
        table.add_column(name, justify="right")
    table.add_column("Job", overflow="fold")
    for run in one.runs:
        table.add_row(
            local(run.start_time),
            Text(run.state, STYLES[JobState[run.state]]),
            _span(run.duration),
            f"{run.objects:,}",
            bytes_in_words(run.bytes),
            Text(visible(run.job_id)),
        )
    return table
