"""The errors of a store. Their messages may be shown to clients: they contain no SQL and no secret."""


class StoreError(Exception):
    """Any fault of a store.

    StoreError
    ├── StoreUnavailableError   busy, full, unreachable: the same call may work later
    ├── UnusableStoreError      foreign, damaged, newer or not migrated: somebody must act
    ├── FinalJobError           a finished job was to become unfinished again
    └── ForeignJobError         the job belongs to another app registration
    """


class StoreUnavailableError(StoreError):
    """The store cannot answer now. The same call may work later.

    Nothing was changed; only where a database broke off while it committed, all of it may have been.
    """


class UnusableStoreError(StoreError):
    """The store cannot be used as it is; the message says what to do."""


class FinalJobError(StoreError):
    """A finished job was reported as unfinished by a later observation."""

    def __init__(self, job_id: str, state: str) -> None:
        self.job_id, self.state = job_id, state
        super().__init__(f"the job is finished ({state}) and cannot become unfinished again")


class ForeignJobError(StoreError):
    """The job was reported first by another app registration, and the caller may write only its own."""

    def __init__(self, position: int, job_id: str) -> None:
        self.position, self.job_id = position, job_id
        super().__init__("the job was reported by another app registration")
