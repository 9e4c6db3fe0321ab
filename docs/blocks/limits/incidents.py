"""Limits of incidents, and of what is told of them."""

from typing import Final

from blocks.limits.rows import Rows
from jobreport.model import incident_groups, incident_words, ticks
from jobreport.model.need import MAX_NOTE, MAX_TICKET
from jobreport.services import incidents as service
from jobreport.watch import forgetting, rules

_MINUTES: Final = incident_groups.WINDOW // ticks.PER_SECOND // 60

ROWS: Final[Rows] = [
    ("Waiting for others of the same message", f"{_MINUTES} minutes from the first", ""),
    ("Incidents that a message lists", f"{incident_words.LISTED}", "their number, and a link"),
    ("Growth of what was told", f"{incident_groups.GROWN} times", "told again"),
    ("Failures for which a rule may wait", f"1 to {rules.MOST_AFTER}", "`serve` does not start"),
    (
        "Telling again that something goes on",
        f"every {rules.LEAST_REPEAT // 60} minutes at most",
        "`serve` does not start",
    ),
    ("Noticing that nobody has an incident any more", f"{service.RETURN_SECONDS} seconds", ""),
    ("Note and ticket", f"{MAX_NOTE:,} and {MAX_TICKET:,} characters", "refused"),
    ("Closed incidents", f"{forgetting.KEPT_DAYS} days", "deleted"),
]
