"""Finds jobs by other names than their IDs: by references, by aliases, and by what they made."""

from collections.abc import Sequence
from typing import NamedTuple


class Names(NamedTuple):
    """By which names jobs are told of: the ID of each job by its reference, and by its other IDs; and the IDs of those
    that made what has a name.
    """

    references: dict[str, str]
    aliases: dict[str, str]
    made: dict[str, set[str]]

    @staticmethod
    def none() -> "Names":
        """Returns no names."""
        return Names({}, {}, {})

    def update(self, new: "Names", merged: Sequence[tuple[str, str]]) -> None:
        """Adds names that are new, after jobs were `merged`: the IDs of jobs that are no more, each with that of the
        job that it is part of now.
        """
        for gone, into in merged:
            self.aliases.update({alias: into for alias, job_id in self.aliases.items() if job_id == gone})
        self.references.update(new.references)
        self.aliases.update(new.aliases)
        for made, ids in new.made.items():
            self.made.setdefault(made, set()).update(ids)
