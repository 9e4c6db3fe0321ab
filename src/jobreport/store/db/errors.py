"""The errors of a store. Their messages may be shown to clients: they contain no SQL and no secret."""


class StoreError(Exception):
    """The base class of all errors of a store.

    StoreError
    ├── StoreUnavailableError   busy, full, unreachable: the same call may work later
    ├── UnusableStoreError      foreign, damaged, newer or not migrated: somebody must act
    │   └── OtherVersionError   another version of Jobreport changed the tables while this one had the store open
    ├── FinalJobError           a finished job was to become unfinished again
    └── ForeignJobError         the job belongs to another app registration
    """


class StoreUnavailableError(StoreError):
    """Raised if the store cannot answer now. The same call may work later.

    Nothing was changed, with one exception: if the connection broke during the commit, all changes may have been made.
    """


class UnusableStoreError(StoreError):
    """Raised if the store cannot be used as it is. The message says what to do."""


class OtherVersionError(UnusableStoreError):
    """Raised if the tables of an open store are not those of this version any more."""

    def __init__(self) -> None:
        super().__init__(
            "the store was changed by another version of Jobreport: this one must be upgraded and started again"
        )


class FinalJobError(StoreError):
    """Raised if a later observation reports a finished job as unfinished."""

    def __init__(self, job_id: str, state: str) -> None:
        self.job_id, self.state = job_id, state
        super().__init__(f"the job is finished ({state}) and cannot become unfinished again")


class ForeignJobError(StoreError):
    """Raised if another app registration reported the job first, and the caller may only write its own jobs.

    `by_reference`: the report names the job by its reference.
    """

    def __init__(self, position: int, job_id: str, *, by_reference: bool = False) -> None:
        self.position, self.job_id, self.by_reference = position, job_id, by_reference
        super().__init__("the job was reported by another app registration")
