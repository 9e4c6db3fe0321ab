"""Works out from rclone's figures how many objects are right at the destination.

rclone's `checks` count comparisons: an object that differs is checked and transferred, every retry checks all objects
again, and a deletion is a check too. Right are the objects that were transferred, and those that the first attempt
checked and left unchanged. If the log is too quiet to tell a new object from one that was already there, the lower
number is taken.
"""

from collections import deque
from typing import Final

import msgspec

_MOST_NAMES: Final = 100_000
"""How many failed objects are told apart by name; of more, rclone's own count of errors is taken."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """rclone's statistics as it prints them. `listed` is 0 if it does not print that (before 1.68)."""

    transfers: int = 0
    checks: int = 0
    errors: int = 0
    deletes: int = 0
    renames: int = 0
    listed: int = 0


class Tally:
    """Counts the objects that are right and those that failed, over all attempts. `backup_dir`: replaced objects are
    moved to a backup folder, which rclone counts as a check and as a rename.
    """

    def __init__(self, *, backup_dir: bool) -> None:
        self.figures = Figures()
        self._backup_dir = backup_dir
        self._since = 0  # objects that were transferred since the figures
        self._new = self._replaced = self._replaced_then = 0
        self._attempts = self._repeated = self._pending = 0
        self._unchanged = 0
        self._failed: dict[str, bool] = {}  # by name, whether it may have been there before
        self._deleted = self._failed_deletes = self._failed_moves = 0
        self._fresh = False  # whether an attempt has begun of which nothing has failed yet
        self._recently_deleted: deque[str] = deque(maxlen=100)

    def figured(self, figures: Figures) -> None:
        """Takes the newest statistics."""
        self.figures = figures
        self._since = 0
        self._replaced_then = self._replaced

    def copied(self, *, new: bool) -> None:
        """Counts one more object that has arrived. `new`: it replaced none."""
        self._since += 1
        self._new += new
        self._replaced += not new

    def moved(self, name: str) -> None:
        """Counts one more object that was moved. An object of the same name at the destination was
        deleted just before.
        """
        self.copied(new=name not in self._recently_deleted)

    def deleted(self, name: str) -> None:
        """Counts an object that was deleted, at the destination or at the place it was moved from."""
        self._deleted += 1
        self._recently_deleted.append(name)

    def unchanged(self) -> None:
        """Counts an object that needed nothing. rclone prints these only with `-vv`."""
        self._unchanged += self._attempts == 0

    def failed(self, name: str, *, transfer: bool, at_source: bool) -> None:
        """Notes that `name` failed in this attempt. `transfer`: its transfer failed. `at_source`: the source was the
        reason.
        """
        if self._fresh:
            self._failed.clear()
            self._fresh = False
        if len(self._failed) < _MOST_NAMES:
            self._failed[name] = self._failed.get(name, False) or (transfer and not at_source)

    def failed_delete(self, name: str) -> None:
        """Notes that `name` could not be deleted, which rclone counts as a deletion."""
        self._failed_deletes += 1
        self.failed(name, transfer=False, at_source=False)

    def failed_move(self, name: str) -> None:
        """Notes that `name` could not be moved, to its destination or into the backup folder."""
        self._failed_moves += 1
        self.failed(name, transfer=True, at_source=False)

    def attempted(self, *, failed: bool) -> None:
        """Notes that an attempt has ended."""
        if not failed:
            self._failed.clear()
        self._attempts += 1
        self._repeated += self._pending
        self._pending = self._new
        self._fresh = True

    @property
    def transferred(self) -> int:
        """The number of objects that have arrived."""
        return self.figures.transfers + self._since

    @property
    def deletions(self) -> int:
        """The number of objects that were deleted; without `-v`, as far as the statistics tell."""
        return max(self._deleted, self.figures.deletes - self._failed_deletes)

    @property
    def failures(self) -> int:
        """The number of objects that failed in the last attempt. rclone counts some of them twice."""
        if not self.figures.errors:
            return 0
        named = len(self._failed)
        return named if 0 < named <= self.figures.errors and named < _MOST_NAMES else self.figures.errors

    @property
    def needed_nothing(self) -> int:
        """The number of objects that were already right before the run."""
        if self._unchanged:
            return self._unchanged
        attempts = max(1, self._attempts)
        figures = self.figures
        compared, repeated = figures.checks - figures.deletes, self._repeated
        if self._backup_dir:
            # Each object that was replaced or deleted was moved there; the log calls those that came after it new.
            replaced = figures.renames - max(0, figures.deletes - self._failed_deletes)
            repeated = (attempts - 1) * max(0, figures.transfers - replaced)
            compared -= figures.renames + self._failed_moves
        else:  # what the log did not tell may all have replaced something
            replaced = self._replaced_then + max(0, figures.transfers - self._new - self._replaced)
        there = max(0, compared - repeated) // attempts
        return max(0, there - replaced - self._there_but_failed(there, attempts))

    def _there_but_failed(self, there: int, attempts: int) -> int:
        """Returns how many of the failed objects may have been there before. A source that cannot be read was mostly
        not copied earlier either, unless the numbers of listed objects leave no room for so many new names.
        """
        suspects = sum(self._failed.values())
        if self.figures.listed:
            room = (self.figures.listed - self._repeated) // attempts - 2 * there - self._new
            if 0 <= room < len(self._failed):
                suspects = max(suspects, len(self._failed) - room)
        return suspects
