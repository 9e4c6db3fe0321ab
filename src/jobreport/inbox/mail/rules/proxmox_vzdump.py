"""Reads the mails of Proxmox VE about a vzdump task: one job over all its guests, which its table lists.

Up to PVE 7 the columns are in capitals and the states `ok` and `err`; the templates since PVE 8 write them otherwise,
and HTML says OK and FAILED. All are read by the place of the columns.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.reading import agreed, job, size, state_of
from jobreport.inbox.mail.rules.times import length, local, placed
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.origins import vzdump
from jobreport.runner.text import plural
from jobreport.runner.tools.reading import bounded

_SUBJECT: Final = re.compile(r"vzdump backup status \(([^()]{1,255})\) ?: ?(.{0,500})", re.IGNORECASE)
_SAID: Final = {"backup successful": JobState.Successful, "backup failed": JobState.Failed}
_WARNED: Final = re.compile(r"\d{1,9}: [\d: -]{19} (?:WARN|ERROR):|\d{1,9}: WARN(?:ING)?:")
_INTERRUPTED: Final = "interrupted by signal"
_COLUMNS: Final = ("vmid", "name", "status", "time", "size")
_SHOWN: Final = 5


def _matches(mail: Mail) -> bool:
    return _SUBJECT.search(mail.subject) is not None


def _read(mail: Mail) -> Reading:
    subject = _SUBJECT.search(mail.subject)
    assert subject is not None
    text = [line[:2_000].rstrip() for line in mail.text.splitlines()]
    if all(_head(line) is None for line in text):
        raise UnreadableError("the mail has no table of guests with the columns VMID, NAME and STATUS")
    guests = list(_guests(text))
    host, words = subject[1], subject[2].strip()
    said = next((state for begin, state in _SAID.items() if words.lower().startswith(begin)), None)
    beyond = words if said is JobState.Successful and words.lower() not in _SAID else ""
    state, doubt = _state(said, [guest[2] for guest in guests], stopped=_INTERRUPTED in words)
    warned = [line for line in text if _WARNED.match(line)]
    unknown = [f"{guest[0]}: {guest[2]}" for guest in guests if guest[2] not in {"ok", "err", "failed", "todo"}]
    state, comment = state_of(
        state,
        words,
        doubt,
        f"the subject says {beyond!r}" if beyond else "",
        f"{plural(len(warned), 'warning')} in its log" if warned else "",
        f"unknown state of guest {unknown[0]}" if unknown else "",
    )
    if state is JobState.Successful and not guests:
        state, comment = JobState.Skipped, "no guest is on this node"
    lost = [f"{guest[0]} {guest[1]} {guest[2]}" for guest in guests if guest[2] != "ok"]
    counts = bounded(
        failed=sum(guest[2] not in {"ok", "todo"} for guest in guests),
        successful=sum(guest[2] == "ok" for guest in guests),
        skipped=sum(guest[2] == "todo" for guest in guests),
        size=sum(size(guest[4]) for guest in guests if guest[2] == "ok"),
    )
    command = next((line for line in text if line.startswith(vzdump.COMMAND)), "")
    why = words.partition(":")[2].strip()
    done = job(
        state,
        comment,
        why,
        *lost[:_SHOWN],
        *warned[:_SHOWN],
        times=placed(mail, *_times(text), seconds=_took(text)),
        service=ServiceType.VM,
        type=JobType.Backup,
        plan=vzdump.plan_of(command),
        resource=host,
        description=command,
        counts=counts,
        reference=vzdump.reference_in(host, text),
    )
    return Reading(jobs=(done,))


def _state(said: JobState | None, guests: Sequence[str], *, stopped: bool) -> tuple[JobState | None, str]:
    """Returns the state by subject and table. Where guests were saved and others not, it is an exception."""
    if stopped:
        return JobState.Stopped, ""
    if not guests or said is None:
        return said, ""
    good = sum(state == "ok" for state in guests)
    by_table = JobState.Successful if good == len(guests) else JobState.Exception if good else JobState.Failed
    if said is JobState.Failed and by_table is JobState.Exception:
        return by_table, ""
    return agreed(said, by_table)


def _head(line: str) -> list[int] | None:
    """Returns where the columns begin in the line that names them, or between tabs their numbers; None for another."""
    lowered = line.lower()
    if "\t" in lowered:
        cells = [cell.strip() for cell in lowered.split("\t")]
        return list(range(5)) if cells[:5] == list(_COLUMNS) else None
    if not lowered.startswith("vmid"):
        return None
    places = [lowered.find(name) for name in _COLUMNS]
    return places if places == sorted(places) and -1 not in places else None


def _guests(text: Sequence[str]) -> Iterator[tuple[str, str, str, str, str]]:
    """Gives ID, name, state, time and size of each guest, from the rows below the columns' names."""
    head: list[int] | None = None
    tabs = False
    for line in text:
        if head is None:
            head, tabs = _head(line), "\t" in line
            continue
        cells = [cell.strip() for cell in line.split("\t")] if tabs else _by_place(line, head)
        if not any(cells):
            continue
        if not cells[0].isdecimal():
            return
        cells += [""] * 5
        yield cells[0], cells[1], cells[2].lower(), cells[3], cells[4]


def _by_place(line: str, places: Sequence[int]) -> list[str]:
    """Returns the cells of a row whose columns are aligned: the name by its place, for it may have blanks in it.

    What stands behind the name is short, and moves if a column is aligned to the right.
    """
    return [line[: places[1]].strip(), line[places[1] : places[2]].strip(), *_rest(line[places[2] :])]


def _rest(text: str) -> list[str]:
    cells = [cell for cell in re.split(r" {2,}", text.strip()) if cell]
    if cells and " " in cells[0]:  # `ok 00:00:12`, where the time fills its column
        state, _, time = cells[0].partition(" ")
        cells = [state, time.strip(), *cells[1:]]
    return cells


def _times(text: Sequence[str]) -> tuple[datetime | None, datetime | None]:
    begun = [line for line in text if "Backup started at " in line]
    ended = [line for line in text if "Backup finished at " in line or "Failed at " in line]
    return (
        local(begun[0].partition("started at ")[2]) if begun else None,
        local(ended[-1].rpartition(" at ")[2]) if ended else None,
    )


def _took(text: Sequence[str]) -> int:
    for line in text:
        if line.startswith("Total running time:"):
            return length(line.partition(":")[2])
        if line.startswith("TOTAL\t"):
            return max(map(length, line.split("\t")[1:4]), default=0)
    return 0


RULE: Final = Rule(
    name="proxmox-vzdump",
    sender="Proxmox VE (vzdump), PVE 6 to 9",
    languages="English",
    wording="its source: `PVE/VZDump.pm` as of PVE 6 and 7, and the templates `vzdump-*.hbs` of PVE 8 and 9",
    matches=_matches,
    read=_read,
)
