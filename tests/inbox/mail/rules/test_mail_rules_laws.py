"""Laws of all rules: no mail breaks them, none is a success that does not say so, and none takes long."""

import importlib
import pkgutil
import re
from re import _constants as codes  # type: ignore[attr-defined]  # the parser of `re` has no public name
from re import _parser as expressions  # type: ignore[attr-defined]  # nor has this
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_samples import SAMPLES, Sample

from jobreport.inbox.mail import rules
from jobreport.inbox.mail.message import Mail
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.catalog import JobState
from jobreport.model.job import TEXT_LIMITS

GOOD = [sample for sample in SAMPLES if sample.expected.get("success")]
IN_SUBJECT_ALONE = {"macrium", "urbackup"}
"""Senders whose text may say nothing of a success that their subject tells."""


def reading(mail: Mail) -> Reading:
    """What comes of a mail; nothing, if it is unreadable. The rules themselves are asked, for nothing else may fail."""
    matching = [rule for rule in rules.RULES if rule.matches(mail)]
    if len(matching) != 1:
        return Reading()
    try:
        found = matching[0].read(mail)
    except UnreadableError:
        return Reading()
    for job in found.jobs:
        for name in ("plan", "resource", "description", "comments"):
            assert len(getattr(job, name)) <= TEXT_LIMITS[name]
        assert job.start <= job.finish or not job.finish
        assert job.start >= 0
        if job.counts is not None:
            assert min(msgspec.structs.astuple(job.counts)) >= 0
            assert not (job.state is JobState.Successful and job.counts.failed)
            assert not (job.state is JobState.Failed and job.counts.successful)
    keys = [job.key for job in found.jobs]
    assert len(keys) == 1 or len({*keys}) == len(keys)
    return found


def succeeds(mail: Mail) -> bool:
    return any(job.state in {JobState.Successful, JobState.Skipped} for job in reading(mail).jobs)


@pytest.mark.parametrize("sample", GOOD, ids=lambda sample: sample.name)
def test_a_mail_without_its_word_of_success_is_none(sample: Sample) -> None:
    mail = sample.mail
    assert succeeds(mail)
    words = re.compile("|".join(map(re.escape, sample.expected["success"])), re.IGNORECASE)
    silent = msgspec.structs.replace(mail, text=words.sub("", mail.text))
    assert not succeeds(msgspec.structs.replace(silent, subject=words.sub("", mail.subject)))
    if sample.sender not in IN_SUBJECT_ALONE:
        assert not succeeds(silent)
    other = msgspec.structs.replace(mail, text=words.sub("rescheduled", mail.text))
    assert not succeeds(msgspec.structs.replace(other, subject=words.sub("rescheduled", mail.subject)))


@pytest.mark.parametrize("sample", GOOD, ids=lambda sample: sample.name)
def test_a_mail_that_ends_early_breaks_nothing(sample: Sample) -> None:
    mail = sample.mail
    lines = mail.text.splitlines(keepends=True)
    for end in range(len(lines)):
        reading(msgspec.structs.replace(mail, text="".join(lines[:end])))
        reading(msgspec.structs.replace(mail, text="".join(lines[end:])))


WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(("\t", ":", "-1", "(", "\x00", "\ud7ff", "0x", "٣", "²", "'", '"', "\u0131", "ß" * 50, "1e999 TB")),
    st.sampled_from(("99999999999999999999999", "31/02/2026 25:61", "Date/Time: 9999-12-31 23:59:59", "00:00:00")),
    st.sampled_from(("Success\t", "VMID NAME STATUS TIME SIZE", "Termination:", "Message:", "Status:")),
    st.sampled_from(("Run Time (hrs:min)   99999:99", "Backup started at 0001-01-01 00:00:00")),
)


@given(st.sampled_from(SAMPLES), st.data())
def test_a_changed_mail_gives_a_reading_or_is_unreadable(sample: Sample, data: st.DataObject) -> None:
    mail = sample.mail
    lines = mail.text.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(0, len(lines) - 1)))
        match data.draw(st.integers(0, 4)):
            case 0:
                del lines[place : place + 1]
            case 1:
                lines.insert(place, data.draw(WORDS))
            case 2:
                lines[place : place + 1] = lines[place : place + 1] * 2
            case 3:
                cut = data.draw(st.integers(0, 40))
                lines[place : place + 1] = [line[cut:] + data.draw(WORDS) for line in lines[place : place + 1]]
            case _:
                lines[place : place + 1] = [line.replace(" ", data.draw(WORDS), 1) for line in lines[place : place + 1]]
    subject = data.draw(st.one_of(st.just(mail.subject), WORDS.map(lambda word: mail.subject + word), WORDS))
    headers = data.draw(
        st.sampled_from((mail.headers, {}, {**mail.headers, "date": "Sun, 99 Foo 2026 99:99:99 +9999"}))
    )
    date = data.draw(st.sampled_from((mail.date, 0)))
    changed = msgspec.structs.replace(mail, text="\n".join(lines), subject=subject, headers=headers, date=date)
    reading(changed)


FILLINGS = ("a", " ", "\n", "(a", ": ", "1,", "a b", "\n\t", "\nVMID NAME\n", "é")


@pytest.mark.parametrize("sender", sorted({sample.sender for sample in SAMPLES}))
def test_a_long_hostile_mail_is_read_in_time(sender: str) -> None:
    """It is the end of the tests that would not come if an expression went over the same text again and again."""
    sample = next(one for one in SAMPLES if one.sender == sender)
    mail = sample.mail
    for filling in FILLINGS:
        much = filling * (60_000 // len(filling))
        reading(msgspec.structs.replace(mail, text=mail.text + much, subject=mail.subject + much[:2_000]))
        reading(msgspec.structs.replace(mail, text=much[:9_000] + mail.text))
        reading(msgspec.structs.replace(mail, text=mail.text.replace(" ", much[:500])))


def patterns() -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for module in pkgutil.iter_modules(rules.__path__, f"{rules.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                found.append((f"{module.name.rpartition('.')[2]}.{name}", value))
    return found


@pytest.mark.parametrize(("name", "pattern"), patterns(), ids=lambda value: value if isinstance(value, str) else "")
def test_an_expression_repeats_nothing_without_an_end(name: str, pattern: re.Pattern[str]) -> None:
    """So no text takes longer than its length times a number that the expression itself sets."""
    tree = expressions.parse(pattern.pattern, pattern.flags)
    assert endless(tree) == [], name


def endless(tree: Any) -> list[str]:
    """The repeats in an expression that have no end, and those inside another that is long."""
    found: list[str] = []
    for operation, argument in tree:
        if operation in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
            _, most, inner = argument
            if most is codes.MAXREPEAT:
                found.append(f"endless repeat of {inner}")
            if most > 3 and any(one[0] in {codes.MAX_REPEAT, codes.MIN_REPEAT} for one in inner):
                found.append(f"repeat in a repeat: {inner}")
            found += endless(inner)
        elif operation is codes.SUBPATTERN:
            found += endless(argument[-1])
        elif operation is codes.BRANCH:
            for branch in argument[1]:
                found += endless(branch)
        elif operation in {codes.ASSERT, codes.ASSERT_NOT}:
            found += endless(argument[1])
    return found
