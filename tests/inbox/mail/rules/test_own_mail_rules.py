"""Rules for mails in `jobreport.toml`: what they find, what they refuse, and that no mail keeps them busy for long."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_samples import SAMPLES

from jobreport.configuration.file import Configuration, ConfigurationError
from jobreport.inbox.mail.message import Mail, parse
from jobreport.inbox.mail.rules import RULES, read
from jobreport.inbox.mail.rules.own import OwnRule
from jobreport.inbox.mail.rules.registry import MailRules, rules_of
from jobreport.inbox.patterns import Budget
from jobreport.inbox.report import ReportedJob, UnreadableError
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType

RULE = r"""
from = '@nas\.example\.com$'
subject = '^\[(?<resource>\w+)\] Sync (?<plan>.+): (?<state>\w+)$'
find = [
  '^Started: (?<start>.+)$',
  '^Took: (?<duration>.+)$',
  '^Files: (?<successful>[\d,]+) copied, (?<failed>\d+) failed',
  '^(?<comments>Error: .+)$',
]
states = { done = "Successful", trouble = "Failed" }
zone = "Europe/Berlin"
"""
BODY = "Started: 2026-11-29 02:00:00\nTook: 1h30m\nFiles: 1,204 copied, 0 failed\n"
EVERY = r"""
subject = '^Night of (?<description>\S+): (?<state>\w+)$'
each = '^(?<plan>\w+)\t(?<state>\w+)\t(?<size>[^\t]+)$'
states = { ok = "Successful", bad = "Failed" }
"""


def mail(subject: str, text: str = "", sender: str = "admin@nas.example.com") -> Mail:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = sender, subject, "<1@nas.example.com>"
    message.set_content(text)
    return parse(message.as_bytes())


def rules(text: str, name: str = "own") -> MailRules:
    return rules_of(Configuration(Path("jobreport.toml"), f'[[rule]]\nname = "{name}"\n{text}'))


def rule(text: str) -> OwnRule:
    (table,) = Configuration(Path("jobreport.toml"), f'[[rule]]\nname = "own"\n{text}').tables("rule")
    return OwnRule(table)


def job(text: str, *words: str) -> ReportedJob:
    (one,) = rules(text).read(mail(*words)).jobs
    return one


def test_named_groups_are_the_fields_of_a_job() -> None:
    found = job(RULE, "[nas2] Sync photos: done", BODY)
    assert found.state is JobState.Successful
    assert (found.plan, found.resource) == ("photos", "nas2")
    assert ticks.to_iso(found.start, digits=0) == "2026-11-29T01:00:00Z"
    assert ticks.to_iso(found.finish, digits=0) == "2026-11-29T02:30:00Z"
    assert found.counts is not None
    assert (found.counts.successful, found.counts.failed, found.counts.total) == (1204, 0, 1204)


def test_what_may_be_missing_is_left_to_the_inbox_or_has_its_default() -> None:
    found = job(f'{RULE}defaults = {{ type = "FileBackup", comments = "no error is told" }}', "[a] Sync b: done")
    assert (found.start, found.finish, found.counts) == (0, 0, None)
    assert (found.service, found.type, found.comments) == (None, JobType.FileBackup, "no error is told")


def test_words_for_services_and_types_are_translated() -> None:
    text = """
    body = '^(?<service>\\w+) (?<type>\\w+) (?<state>\\w+)$'
    services = { machine = "VM" }
    types = { copy = "Backup" }
    """
    found = job(text, "x", "machine copy Successful")
    assert (found.service, found.type) == (ServiceType.VM, JobType.Backup)


@pytest.mark.parametrize("word", ["finished", "DONE!", "0"])
def test_a_word_that_the_table_does_not_have_is_an_exception_that_names_it(word: str) -> None:
    found = job(RULE.replace(r"(?<state>\w+)", "(?<state>.+)"), f"[nas2] Sync photos: {word}", BODY)
    assert found.state is JobState.Exception
    assert found.comments == f"unknown state {word!r}"


def test_subject_and_text_that_tell_two_states_are_an_exception() -> None:
    text = RULE.replace("find = [", "find = [\n  '^Result: (?<state>.+)$',")
    assert job(text, "[nas2] Sync photos: Done", "Result: done").state is JobState.Successful
    for result in ("trouble", "who knows"):
        found = job(text, "[nas2] Sync photos: done", f"Result: {result}")
        assert found.state is JobState.Exception
        assert f"several states: '{result}', 'done'" in found.comments


def test_each_of_several_jobs_has_what_is_told_of_it_and_of_all() -> None:
    one, two = rules(EVERY).read(mail("Night of Sunday: bad", "fs\tok\t2 KiB\ndb\tbad\t0\nsum\t2\n")).jobs
    assert (one.plan, one.state, one.description) == ("fs", JobState.Successful, "Sunday")
    assert one.counts is not None
    assert one.counts.size == 2048
    assert (two.plan, two.state) == ("db", JobState.Failed)


def test_several_jobs_without_a_state_of_their_own_have_the_mails() -> None:
    text = EVERY.replace(r"(?<state>\w+)\t(?<size>", r"\w+\t(?<size>")
    one, two = rules(text).read(mail("Night of Sunday: bad", "fs\tok\t2 KiB\ndb\tbad\t0\n")).jobs
    assert one.state is two.state is JobState.Failed


def test_a_key_for_all_jobs_of_a_mail_is_one_for_each() -> None:
    text = EVERY.replace("(?<description>", "(?<key>")
    one, two = rules(text).read(mail("Night of 77: bad", "fs\tok\t2 KiB\ndb\tbad\t0\n")).jobs
    assert (one.key, two.key) == ("77/1", "77/2")


def test_a_mail_in_which_no_state_or_none_of_several_jobs_is_found_is_unreadable() -> None:
    with pytest.raises(UnreadableError, match="the rule own finds no state in it"):
        job("subject = '^Sync(: (?<state>.+))?'\n", "Sync")
    with pytest.raises(UnreadableError, match="each of the rule own finds nothing in it"):
        rules(EVERY).read(mail("Night of Sunday: ok", "fs: ok"))


@pytest.mark.parametrize(
    "other",
    [
        mail("[nas2] Sync photos: done", BODY, "admin@nas.example.org"),
        mail("[nas2] Copy photos: done", BODY),
    ],
)
def test_a_mail_that_lacks_what_must_be_found_is_left_to_other_rules(other: Mail) -> None:
    assert rule(RULE).read(other) is None
    with pytest.raises(UnreadableError, match="no rule knows such a mail"):
        rules(RULE).read(other)
    with pytest.raises(UnreadableError, match="it is no mail that the rule own is for"):
        rules(RULE).read_by("own", other)


def test_own_rules_come_before_those_of_known_senders_in_their_order() -> None:
    sample = next(one for one in SAMPLES if one.name == "urbackup/file_ok")
    text = f"""body = '(?<state>backup)'\nstates = {{ backup = "Failed" }}\n[[rule]]\nname = "second"\n{EVERY}"""
    own = rules(text)
    assert read(sample.mail).jobs[0].state is JobState.Successful
    assert own.read(sample.mail).jobs[0].state is JobState.Failed
    assert own.read_by("urbackup", sample.mail) == read(sample.mail)
    assert own.names == sorted(["own", "second", *(one.name for one in RULES)])
    with pytest.raises(UnreadableError, match="there is no rule 'urbackups': did you mean urbackup"):
        own.read_by("urbackups", sample.mail)


def test_blanks_that_html_keeps_from_breaking_are_blanks() -> None:
    assert job(RULE, "[nas2] Sync\xa0photos: done", "Took:\xa090s").state is JobState.Successful


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("find = ['(?<state>.)']", "must say which mails it reads, by at least one of from, subject and body"),
        ("subject = 'Sync'", r"by a group (?<state>…) in one of its expressions"),
        ("subject = '(?<state>.'", "line 3: rule 'own', subject: is no regular expression: missing )"),
        ("subject = '(?<stat>.)'", "subject: is no field of a job: did you mean state"),
        ("subject = '(?<state>.)'\nfind = ['(?<plan>.)', 'x']", "find: has an expression without a named group"),
        ("subject = '(?<state>.)'\neach = 'x'", "each: has an expression without a named group"),
        (f"subject = '(?<state>.){'x' * 2000}'", "subject: is longer than 2,000 characters"),
        ("subject = '(?<state>.)'\nstates = { '*' = 'Successful' }", "must not be Successful"),
        ("subject = '(?<state>.)'\nstates = { ok = 'Well' }", "states.ok: "),
        ("subject = '(?<state>.)'\nzone = 'Berlin'", "zone: "),
        ("sender = 'x'", "sender: is no key here"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        rule(text)
    assert words in str(error.value)


def test_no_own_rule_has_the_name_of_a_known_senders() -> None:
    with pytest.raises(ConfigurationError, match="line 2: rule 'veeam', name: is the rule of a known sender already"):
        rules(EVERY, "veeam")


@pytest.mark.parametrize("expression", [r"(?<state>(x+x+)+y)", r"^(?<state>(\w+\s?)*)$"])
def test_an_expression_that_never_ends_makes_the_mail_unreadable(expression: str) -> None:
    text = f"subject = 'Sync'\nbody = '{expression}'"
    with pytest.raises(UnreadableError, match="the rule own takes longer than 2 s at this mail"):
        rule(text).read(mail("Sync", "x" * 5_000 + "-"), Budget(0.02))


def test_the_time_is_that_of_all_rules_for_a_mail() -> None:
    with pytest.raises(UnreadableError, match="takes longer"):
        rule(RULE).read(mail("[nas2] Sync photos: done", BODY), Budget(0))


@given(
    st.sampled_from(["done", "trouble", "Done", "don", "done.", "", "0"]),
    st.lists(st.sampled_from(["Result: done", "Result: trouble", "Result:", "Result: dones", "Took: 5m", "Took: x"])),
)
def test_no_mail_is_a_success_unless_each_state_that_it_tells_is_one(word: str, text: list[str]) -> None:
    own = RULE.replace("find = [", "find = [\n  '^Result: (?<state>.+)$',").replace(r"(?<state>\w+)$", "(?<state>.*)$")
    try:
        reading = rule(own).read(mail(f"[a] Sync b: {word}", "\n".join(text)))
    except UnreadableError:
        return
    if reading is None:
        return
    first = next((line[8:] for line in text if line.startswith("Result: ")), "")
    assert (reading.jobs[0].state is JobState.Successful) == ({word.casefold(), first} in ({"done"}, {"done", ""}))


def test_the_rule_in_the_reference_reads_such_a_mail() -> None:
    page = (Path(__file__).parents[4] / "docs/reference/mail-rules.md").read_text(encoding="utf-8")
    own = rules_of(Configuration(Path("jobreport.toml"), page.partition("```toml\n")[2].partition("```")[0]))
    (found,) = own.read(mail("[nas2] Sync photos: partly", BODY)).jobs
    assert (found.state, found.plan, found.resource) == (JobState.Exception, "photos", "nas2")
    assert ticks.to_iso(found.finish, digits=0) == "2026-11-29T02:30:00Z"
