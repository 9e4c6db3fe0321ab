"""The rights that a full view of a director's jobs needs: those of its console, or those of its catalog."""

from typing import Final

from jobreport.connectors.base import Right

LLIST: Final = Right(name="CommandACL llist", without="all of its jobs")
LIST: Final = Right(name="CommandACL list", without="whether any of its jobs are missing in the list")
EVERY: Final = Right(
    name="JobACL, ClientACL, PoolACL and FileSetACL *all*",
    without="the jobs of those that are not named, and that there are any",
)
TABLES: Final = {
    "Job": Right(name="SELECT on Job", without="all of its jobs"),
    "Client": Right(name="SELECT on Client", without="all of its jobs: each names what it backed up"),
    "Log": Right(name="SELECT on Log", without="why jobs failed"),
}
RIGHTS: Final = (LLIST, LIST, EVERY, *TABLES.values())
