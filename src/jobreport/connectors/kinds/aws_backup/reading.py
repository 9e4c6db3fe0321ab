"""Reads the lists of AWS Backup: what was created since, what was completed since, and each job that had not ended."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final, Protocol

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream, UnreadableRecordError
from jobreport.connectors.kinds.aws_backup.answers import AbsentError, Answered, DeniedError, one_of, page_of, record_of
from jobreport.connectors.kinds.aws_backup.lists import REMEMBERS, List, right, rights_of
from jobreport.connectors.kinds.aws_backup.records import is_part, job_of
from jobreport.connectors.names import raw_json
from jobreport.connectors.paging import Answer, walk
from jobreport.connectors.refusals import readable
from jobreport.model import ticks
from jobreport.model.job import Job

_PAGE: Final = 1000
"""The most jobs that AWS gives in one answer."""
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""No job has this ID: whoever asks for it learns whether single jobs may be asked for."""
_AROUND: Final = 2 * ticks.PER_SECOND


class Asks(Protocol):
    """Asks AWS Backup in a region (`client.Clients`)."""

    def ask(self, region: str, call: str, **parameters: Any) -> Answered:
        """Returns the answer to a call. Raises CannotReadError, DeniedError among them, and AbsentError."""


class Account:
    """The account whose credentials are used, or with `accounts` all those that it may see."""

    def __init__(self, clients: Asks, regions: Sequence[str], lists: Sequence[List], accounts: str) -> None:
        self._clients, self._regions, self._lists = clients, regions, lists
        self._whose = {"ByAccountId": accounts} if accounts else {}

    def streams(self) -> Iterator[Stream]:
        """Returns each list of each region."""
        for region in self._regions:
            for which in self._lists:
                name = f"{region}/{which.name}"
                yield Stream(name=name, remembers=REMEMBERS, overlap=which.overlap, about=(region, which))

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the jobs that were created or completed since, and each that had not ended."""
        region, which = stream.about
        waiting = {job.job_id: job for job in look.unfinished}
        for parameters in _since(which, look):
            for page in self._pages(region, which, parameters):
                for job in page.jobs:
                    waiting.pop(job.job_id, None)
                yield page
        for job in waiting.values():
            try:
                now = self._again(region, which, job, look)
            except UnreadableRecordError as error:
                yield Page(refused=[str(error)])
                continue
            yield Page(jobs=[now]) if now else Page(gone=[job.job_id])

    def rights(self) -> Iterator[Right]:
        """Asks for each right by the call that needs it. In a region that does not answer none can be asked for; its
        lists say why.
        """
        silent: set[str] = set()
        for stream in self.streams():
            region, which = stream.about
            for one in rights_of(which, stream.name, describes=not self._whose):
                held = None if region in silent else self._holds(region, which, one.name)
                if held is None:
                    silent.add(region)
                yield msgspec.structs.replace(one, held=held)

    def _holds(self, region: str, which: List, name: str) -> bool | None:
        try:
            if name == right(which.listing):
                self._clients.ask(region, which.listing, MaxResults=1, **self._of(which))
            else:
                self._clients.ask(region, which.describing, **{which.job: _NOBODY})
        except DeniedError:
            return False
        except AbsentError:
            return True
        except CannotReadError:
            return None
        return True

    def _of(self, which: List) -> dict[str, Any]:
        """Returns the parameter that says whose jobs are asked for. Reports are always the account's own."""
        return self._whose if which.describing else {}

    def _pages(self, region: str, which: List, parameters: dict[str, Any]) -> Iterator[Page]:
        clock = 0

        def ask(token: Hashable | None) -> Answer[msgspec.Raw]:
            nonlocal clock
            more = {**self._of(which), **parameters, **({"NextToken": token} if token else {})}
            answered = self._clients.ask(region, which.listing, MaxResults=_PAGE, **more)
            clock = answered.clock
            return page_of(answered.body, which, region)

        for records in walk(ask, f"{which.name} in {region}"):
            jobs, refused = readable(records, lambda raw: self._listed(region, which, bytes(raw)))
            yield Page(jobs=jobs, refused=refused, clock=clock)

    def _listed(self, region: str, which: List, raw: bytes) -> Job | None:
        """Returns the job of a record of a list; None if it is a part of another one.

        The list of backups does not count the parts of a job, and a look at that job does.
        """
        record = record_of(raw, which, region)
        if is_part(record):
            return None
        hidden = which.hides_parts and record.get("IsParent") and record.get("CompletionDate") and not self._whose
        if hidden and (described := self._described(region, which, str(record.get(which.job)))):
            return _described_job(region, which, described)
        return _made(region, which, record, raw)

    def _again(self, region: str, which: List, job: Job, look: Look) -> Job | None:
        """Returns a job that had not ended as it is now; None if it is not there any more."""
        _, account, _, name = job.job_id.split(":", 3)
        if not which.describing:
            return None  # its list was read from before it began
        if not self._whose:
            raw = self._described(region, which, name)
            return _described_job(region, which, raw) if raw else None
        # Single jobs can only be asked for in the own account.
        around = {"ByAccountId": account, which.since: ticks.to_datetime((job.start or look.now - REMEMBERS) - _AROUND)}
        if job.start:
            around[which.before] = ticks.to_datetime(job.start + _AROUND)
        every = (one for page in self._pages(region, which, around) for one in page.jobs)
        return next((one for one in every if one.job_id == job.job_id), None)

    def _described(self, region: str, which: List, name: str) -> bytes | None:
        """Returns the record of one job; None if there is none."""
        try:
            return one_of(self._clients.ask(region, which.describing, **{which.job: name}).body, which, region)
        except AbsentError:
            return None


def _since(which: List, look: Look) -> Iterator[dict[str, Any]]:
    """Gives the questions that together find what has changed since the last look, no job twice."""
    if not which.describing:
        first = min([look.since, *(job.start - _AROUND for job in look.unfinished if job.start)])
        yield {which.since: ticks.to_datetime(first)}
        return
    since = ticks.to_datetime(look.since)
    yield {which.since: since}
    yield {which.before: since, which.ended: since}


def _described_job(region: str, which: List, raw: bytes) -> Job:
    return _made(region, which, record_of(raw, which, region), raw)


def _made(region: str, which: List, record: dict[str, Any], raw: bytes) -> Job:
    return job_of(record, raw_json(raw), which, region)
