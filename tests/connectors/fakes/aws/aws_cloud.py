"""What AWS Backup has, and how it answers a call: filters, pages, rights, and what goes wrong there."""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from fakes.aws.aws_records import ACCOUNT, seconds
from fakes.aws.service_model import wrong_answer, wrong_error, wrong_query

from jobreport.model import ticks

_PATHS: Final = {
    "backup-jobs": ("BackupJobs", "BackupJobId"),
    "copy-jobs": ("CopyJobs", "CopyJobId"),
    "restore-jobs": ("RestoreJobs", "RestoreJobId"),
    "audit/report-jobs": ("ReportJobs", "ReportJobId"),
}
_SECTION: Final = re.compile(r"/(backup-jobs|copy-jobs|restore-jobs|audit/report-jobs)(?:/([^/]*))?/?")
_WRAPPED: Final = {"CopyJobs": "CopyJob", "ReportJobs": "ReportJob"}
_MOST: Final = 1000
_REMEMBERS: Final = 30 * ticks.PER_DAY


class RefusedError(Exception):
    """An error as AWS tells it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class Cloud:
    """The lists of all regions, of all accounts of an organisation.

    `now` is its clock (ticks). `page`: the most jobs that it gives at once. `denied` are calls in regions for which
    there is no right, such as `ListCopyJobs in eu-central-1`; `closed` are regions that the account has not enabled.
    `trouble` are errors that come instead of the next answers to a call (None: a good one). `repeats`: each page names
    itself as the next. `again`: so many jobs of a page stand on the next one, too. `instead` is sent in the place of
    any answer, and `elsewhere` is where any caller is sent. `beyond` are IDs of jobs that the model does not know all
    about. `checks`: answers are held against the model. `asked` are all calls, and `faults` what of them or of the
    answers the model does not have.
    """

    now: Callable[[], int]
    page: int = _MOST
    checks: bool = True
    jobs: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    trouble: dict[str, list[RefusedError | None]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    repeats: bool = False
    again: int = 0
    instead: bytes = b""
    elsewhere: str = ""
    beyond: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    _lists: dict[tuple[str, str, str], list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def put(self, region: str, *records: dict[str, Any]) -> None:
        """Adds jobs, or replaces those that have the same IDs."""
        for record in records:
            items, key = next((items, key) for items, key in _PATHS.values() if key in record)
            every = self.jobs[region, items]
            every[:] = [one for one in every if one[key] != record[key]]
            every.append(record)

    def calls(self, call: str) -> list[dict[str, str]]:
        """The queries of a call so far."""
        return [query for _, name, query in self.asked if name == call]

    def answer(self, region: str, path: str, query: dict[str, str]) -> Any:
        """Answers a request. Raises RefusedError."""
        match = _SECTION.fullmatch(path)
        assert match, path
        items, key = _PATHS[match[1]]
        call = f"Describe{key.removesuffix('Id')}" if match[2] else f"List{items}"
        self.asked.append((region, call, query))
        self.faults += wrong_query(call, query)
        try:
            self._refuse(region, call)
            found = self._one(region, items, key, match[2]) if match[2] else self._list(region, items, query)
        except RefusedError as refusal:
            self.faults += wrong_error(call, refusal.code)
            raise
        if self.checks:
            records = found.get(items, [found.get(_WRAPPED.get(items, ""), found)])
            known = [one for one in records if one[key] not in self.beyond]
            if items in found:
                self.faults += wrong_answer(call, found | {items: known})
            elif known:
                self.faults += wrong_answer(call, found)
        return found

    def _refuse(self, region: str, call: str) -> None:
        if region in self.closed:
            raise RefusedError(403, "UnrecognizedClientException")
        if f"{call} in {region}" in self.denied:
            raise RefusedError(403, "AccessDeniedException")
        if (waiting := self.trouble.get(call)) and (refusal := waiting.pop(0)):
            raise refusal

    def _one(self, region: str, items: str, key: str, job: str) -> dict[str, Any]:
        """A single job; AWS tells of one only to its own account."""
        for record in self.jobs[region, items]:
            if record[key] == job and record.get("AccountId", ACCOUNT) == ACCOUNT:
                whole = record | self.parts.get(job, {})
                return {_WRAPPED[items]: whole} if items in _WRAPPED else whole
        raise RefusedError(400, "ResourceNotFoundException")

    def _list(self, region: str, items: str, query: dict[str, str]) -> dict[str, Any]:
        asked = {name[0].lower() + name[1:]: value for name, value in query.items()}
        token, most = asked.pop("nextToken", ""), min(int(asked.pop("maxResults", _MOST)), self.page)
        first, which = 0, (region, items, json.dumps(asked))
        if token:
            offset, of = json.loads(base64.b64decode(token))
            if of != asked:
                raise RefusedError(400, "InvalidParameterValueException")
            first = offset if not self.repeats else 0
        else:
            self._lists[which] = self._found(region, items, asked)
        found = self._lists[which]
        answer: dict[str, Any] = {items: found[max(0, first - self.again) : first + most]}
        if first + most < len(found):
            answer["NextToken"] = base64.b64encode(json.dumps([first + most, asked]).encode()).decode()
        return answer

    def _found(self, region: str, items: str, asked: dict[str, str]) -> list[dict[str, Any]]:
        whose = asked.get("accountId", ACCOUNT)
        begun, ended = ("CreationTime", "") if items == "ReportJobs" else ("CreationDate", "CompletionDate")
        after = _at(asked, "createdAfter", "creationAfter") or 0
        before = _at(asked, "createdBefore", "creationBefore") or float("inf")
        completed = _at(asked, "completeAfter") or 0
        oldest = seconds(self.now() - _REMEMBERS)
        found = [
            one
            for one in self.jobs[region, items]
            if after <= one[begun] <= before
            and one[begun] >= oldest
            and (not completed or one.get(ended, 0) >= completed)
            and (whose == "*" or one.get("AccountId", ACCOUNT) == whose)
        ]
        return sorted(found, key=lambda one: -one[begun])


def _at(asked: dict[str, str], *names: str) -> float | None:
    text = next((asked[name] for name in names if name in asked), None)
    return None if text is None else seconds(ticks.from_iso(text))
