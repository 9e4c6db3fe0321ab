"""Reads a body by a mapping that a test writes, as a server would."""

from pathlib import Path
from typing import Any

import msgspec

from jobreport.configuration.file import Configuration
from jobreport.inbox.report import Reading, ReportedJob
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.mapping import DocumentMapping

PLAIN = """
[mapping.fields]
state = "status"
[mapping.states]
ok = "Successful"
warn = "Exception"
bad = "Failed"
"""


def mapping(text: str) -> DocumentMapping:
    (table,) = Configuration(Path("jobreport.toml"), f'[[mapping]]\nname = "m"\n{text}').tables("mapping")
    return DocumentMapping(table)


def delivery(body: Any, content_type: str = "application/json", **headers: str) -> Delivery:
    return Delivery(
        method="POST",
        headers={"content-type": content_type, **headers},
        query=(("site", "b"),),
        content_type=content_type.partition(";")[0],
        body=body if isinstance(body, bytes) else msgspec.json.encode(body),
    )


def read(text: str, body: Any, content_type: str = "application/json", **headers: str) -> Reading:
    return mapping(text).read(delivery(body, content_type, **headers))


def job(text: str, body: Any, content_type: str = "application/json", **headers: str) -> ReportedJob:
    (one,) = read(text, body, content_type, **headers).jobs
    return one
