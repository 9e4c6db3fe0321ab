"""Letters: each receiver gets its own, a thread for each incident, and what a server may answer."""

import socket
from pathlib import Path

import pytest

from certificates import for_this_machine
from jobreport.model.message import Step
from jobreport.watch.channels import mail
from jobreport.watch.channels.base import UndeliveredError
from jobreport.watch.channels.mail import Mail, Settings
from receivers import MailHouse, mail_house, message, secret

ANNA, BEN = "anna@example.test", "ben@example.test"


def channel(house: MailHouse, **more: object) -> Mail:
    told = {"host": "127.0.0.1", "port": house.port, "security": "none", "sender": "backup@jobs.test"}
    return Mail(Settings(**{**told, "to": [ANNA, BEN], **more}))


def fault(to: Mail, receiver: str = ANNA) -> UndeliveredError:
    with pytest.raises(UndeliveredError) as raised:
        to.send(message(), receiver)
    return raised.value


def test_a_letter_says_it_as_text_and_as_html_to_each_receiver_by_itself() -> None:
    with mail_house() as house:
        to = channel(house)
        assert to.receivers() == [ANNA, BEN]
        for receiver in to.receivers():
            to.send(message(), receiver)
        first, second = house.letters
    assert (first.to, second.to) == ((ANNA,), (BEN,))
    mail = first.mail
    assert mail["Subject"] == f"[Müller & Söhne] {message().subject}"
    assert (mail["From"].addresses[0].addr_spec, mail["To"]) == ("backup@jobs.test", f"{ANNA}, {BEN}")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(("plain",)).get_content().splitlines() == [
        message().subject,
        "",
        "- web-1:/home: expected 02:00, 1 h grace",
        "- <b>web-2</b>: no data since 02:10",
        "and 10 more",
        "",
        "Ticket: OPS-4711",
        "",
        "https://jobs.example.com/incidents/i1?a=1&b=2",
        "",
        "-- ",
        "Jobreport, Müller & Söhne, 2025-11-29T08:00:00Z",
    ]
    html = mail.get_body(("html",)).get_content()
    assert "&lt;b&gt;web-2&lt;/b&gt;" in html
    assert 'href="https://jobs.example.com/incidents/i1?a=1&amp;b=2"' in html
    assert "<b>" not in html


def test_a_repeated_letter_has_its_message_id_and_those_of_an_incident_are_one_thread() -> None:
    with mail_house() as house:
        to = channel(house)
        for one in (message(), message(), message("i1.closed", step=Step.CLOSED), message("i2.opened")):
            to.send(one, ANNA)
        to.send(message("i1.opened", tenant=2), ANNA)
        to.send(message("digest"), ANNA)
        opened, again, closed, other, of_other_tenant, digest = [letter.mail for letter in house.letters]
    assert opened["Message-ID"] == again["Message-ID"]
    assert len({mail["Message-ID"] for mail in (opened, closed, other, of_other_tenant, digest)}) == 5
    assert opened["References"] == closed["References"] == closed["In-Reply-To"]
    assert len({mail["References"] for mail in (opened, other, of_other_tenant)}) == 3
    assert digest["References"] is None


def test_a_line_end_in_a_text_makes_no_header() -> None:
    with mail_house() as house:
        channel(house).send(message(subject="one\r\nBcc: eve@example.test\n\u2028two", tenant_name="a\r\nb"), ANNA)
    (letter,) = house.letters
    assert letter.mail["Subject"] == "[a b] one Bcc: eve@example.test two"
    assert letter.mail["Bcc"] is None


@pytest.mark.parametrize(
    ("answer", "alone", "for_good"),
    [
        ("550 5.1.1 no such mailbox", True, True),
        ("451 4.7.1 greylisted, come again", True, False),
        ("421 4.3.2 shutting down", False, False),
    ],
)
def test_a_receiver_that_is_refused_is_told_from_a_server_that_takes_nothing(
    answer: str, alone: bool, for_good: bool
) -> None:
    with mail_house() as house:
        house.refused[ANNA] = answer
        found = fault(channel(house))
        if alone:
            channel(house).send(message(), BEN)
    assert (found.alone, found.for_good) == (alone, for_good)
    assert answer.partition(" ")[0] in found.why
    assert len(house.letters) == int(alone)


def test_a_letter_that_is_refused_is_not_tried_again() -> None:
    with mail_house() as house:
        house.after_data = "554 5.7.1 looks like spam\x1b[31m"
        found = fault(channel(house))
    assert (found.why, found.alone, found.for_good) == (
        "the letter was refused: 554 5.7.1 looks like spam [31m",
        True,
        True,
    )


# The tests' own server has no TLS, of which its library warns.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_who_must_sign_in_does_so_with_the_password_of_the_file(tmp_path: Path) -> None:
    right, wrong = secret(tmp_path, "correct horse"), secret(tmp_path, "battery staple")
    with mail_house("correct horse") as house:
        channel(house, user="backup", password_file=right).send(message(), ANNA)
        found = fault(channel(house, user="backup", password_file=wrong))
        assert "does not take the password" in found.why
        assert "battery" not in found.why
        assert not found.alone
        assert "530" in fault(channel(house)).why
        missing = fault(channel(house, user="backup", password_file=str(tmp_path / "none")))
        assert missing.why.startswith("password_file: cannot read ")
    assert len(house.letters) == 1


def test_a_server_that_is_not_there_or_speaks_no_tls_is_said_to_be_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with mail_house() as house:
        found = fault(channel(house, security="starttls"))
        assert "STARTTLS" in found.why
        refused = fault(channel(house, port=free))
    assert (refused.why, refused.alone) == ("the mail server 127.0.0.1 cannot be reached: Connection refused", False)
    assert not house.letters


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_letter_goes_by_tls_to_a_server_whose_authority_is_known(tmp_path: Path, security: str) -> None:
    cert, key = for_this_machine(tmp_path)
    with mail_house(tls=(security, cert, key)) as house:
        channel(house, security=security, ca=str(cert)).send(message(), ANNA)
        found = fault(channel(house, security=security))
    assert len(house.letters) == 1
    assert found.why == "the mail server 127.0.0.1: no TLS: CERTIFICATE_VERIFY_FAILED"


def test_a_server_that_goes_silent_or_breaks_off_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "STEP_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        house = MailHouse()
        house.port = silent.getsockname()[1]
        assert fault(channel(house)).why == "the mail server 127.0.0.1: Connection unexpectedly closed: timed out"
    with mail_house() as house:
        house.cuts = True
        found = fault(channel(house))
    assert (found.why, found.alone) == ("the mail server 127.0.0.1: Connection unexpectedly closed", False)


def test_the_letters_of_an_incident_are_one_thread_however_long_the_domain_is() -> None:
    domain = f"{'x' * 60}.{'y' * 60}.example"
    told = Settings(host="127.0.0.1", sender=f"backup@{domain}", to=[ANNA], security="none")
    raw = mail.written(message(), told).as_bytes()
    for name in (b"In-Reply-To", b"References"):
        assert b"\n%b: <inc_" % name in raw
    assert raw.count(f"@{domain}>".encode()) >= 3
