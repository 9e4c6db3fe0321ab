"""What each rule makes of mails in its sender's words."""

from typing import Any

import msgspec
import pytest
from mail_samples import FOLDER, SAMPLES, Sample

from jobreport.inbox.mail.rules import RULES, read
from jobreport.inbox.report import Reading, ReportedJob, UnreadableError
from jobreport.model import ticks

COUNTS = ("failed", "successful", "skipped", "total", "size")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_mail_is_read_by_the_rule_of_its_sender_alone(sample: Sample) -> None:
    mail = sample.mail
    assert [rule.name.replace("-", "_") for rule in RULES if rule.matches(mail)] == [sample.sender]
    if words := sample.expected.get("unreadable"):
        with pytest.raises(UnreadableError, match=words):
            read(mail)
        return
    found = read(mail)
    if words := sample.expected.get("ignored"):
        assert words in found.ignored
        assert found.jobs == ()
    else:
        assert [differences(job, one) for job, one in zip(found.jobs, expected(sample, found), strict=True)] == [
            {} for _ in found.jobs
        ]


def expected(sample: Sample, found: Reading) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = sample.expected["jobs"]
    assert len(jobs) == len(found.jobs)
    return jobs


def differences(job: ReportedJob, wanted: dict[str, Any]) -> dict[str, Any]:
    """What a job has otherwise than a sample says."""
    odd: dict[str, Any] = {}
    for name, value in wanted.items():
        if name == "comments":
            if value not in job.comments:
                odd[name] = job.comments
        elif name == "states":
            if job.state.name not in value:
                odd[name] = job.state.name
        elif (has := told(job, name)) != value:
            odd[name] = has
    return odd


def told(job: ReportedJob, name: str) -> Any:
    if name in COUNTS:
        return getattr(job.counts, name) if job.counts is not None else None
    if name in {"start", "finish"}:
        return ticks.to_iso(getattr(job, name), digits=0)
    value = getattr(job, name)
    return value.name if name in {"state", "type", "service"} and value is not None else value


def test_every_rule_has_samples_and_says_where_its_words_come_from() -> None:
    assert {rule.name.replace("-", "_") for rule in RULES} == {path.name for path in FOLDER.iterdir()}
    for rule in RULES:
        assert rule.sender
        assert rule.languages
        assert rule.wording
    good = {sample.sender for sample in SAMPLES if sample.expected.get("success")}
    assert {path.name for path in FOLDER.iterdir()} - good == {"backuppc"}, "it writes only of what went wrong"


def test_a_mail_that_no_rule_knows_is_unreadable() -> None:
    stranger = msgspec.structs.replace(SAMPLES[0].mail, subject="Hello", text="Hello", sender="anna@example.com")
    with pytest.raises(UnreadableError, match="no rule knows such a mail"):
        read(msgspec.structs.replace(stranger, headers={}))
