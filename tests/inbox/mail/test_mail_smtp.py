"""Mails by SMTP: what comes of one, who may send, what is answered, and that hostile ones change only a count."""

import smtplib
import socket

import pytest
from mail_house import SENDER, house, mail, rules
from test_mail_message import multipart, nested

from clocks import Clock
from connecting import PATIENCE
from jobreport.identity import inboxes
from jobreport.inbox.mail import session, smtp, taking
from jobreport.inbox.mail.message import MOST_BYTES
from jobreport.inbox.mail.networks import Network
from jobreport.inbox.mail.smtp import Settings
from jobreport.inbox.report import UnreadableError
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.server.rate_limit import RateLimit
from jobreport.store import Store
from jobreport.store.registry import unread

STORED = (250, "2.0.0 stored")
UNKNOWN = (550, "5.1.1 no such address")
LOCAL = Settings(networks=(Network("127.0.0.0/8", "default"),))


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock.now = ticks.from_iso("2026-11-29T21:05:00Z")


def test_a_mail_is_a_job_that_ended_when_it_was_written(store: Store) -> None:
    with house(store) as running:
        assert running.send(mail(), f"{running.address.upper()}@Jobs.test") == STORED
    (job,) = running.jobs()
    assert (job.state, job.plan, job.origin, job.comments) == (
        JobState.Successful,
        "nightly",
        "inbox/nas-2",
        "All done.",
    )
    assert ticks.to_iso(job.finish, digits=0) == "2026-11-29T21:00:00Z"
    assert '"messageId":"1@nas"' in job.raw
    assert running.address not in job.raw
    assert running.counted() == {f"inbox:{running.inbox.inbox}": (1, 0)}


def test_the_same_mail_twice_counts_once_however_late_and_by_whatever_way(store: Store, clock: Clock) -> None:
    with house(store) as running:
        for way in ("by mx1", "by mx2"):
            assert running.send(b"Received: " + way.encode() + b"\r\n" + mail()) == STORED
            clock.pass_by(4 * 3600)
        assert len(running.jobs()) == 1
        # Some senders give each mail the same ID.
        assert running.send(mail(Date="Mon, 30 Nov 2026 01:00:00 +0000")) == STORED
    assert len(running.jobs()) == 2


def test_a_mail_without_id_and_date_counts_once_for_a_while(store: Store, clock: Clock) -> None:
    bare = mail(Date="", Message_ID="")
    with house(store) as running:
        for _ in range(2):
            running.send(bare)
            clock.pass_by(30)
        clock.pass_by(24 * 3600)
        running.send(bare)
    first, second = running.jobs()
    assert second.finish - first.finish > 24 * 3600 * ticks.PER_SECOND


@pytest.mark.parametrize(
    ("date", "finish"),
    [
        ("Sun, 29 Nov 2026 21:07:00 +0000", "2026-11-29T21:05:00Z"),  # a clock that is fast
        ("Fri, 27 Nov 2026 21:00:00 +0000", "2026-11-27T21:00:00Z"),  # it waited for us
        ("Sat, 01 Jan 2000 00:10:00 +0000", "2026-11-29T21:05:00Z"),  # a clock that was never set
        ("Sat, 05 Jan 2030 00:10:00 +0000", "2026-11-29T21:05:00Z"),
    ],
)
def test_a_date_is_believed_that_can_be(store: Store, date: str, finish: str) -> None:
    with house(store) as running:
        running.send(mail(Date=date))
    assert ticks.to_iso(running.jobs()[0].finish, digits=0) == finish


def test_an_inbox_has_several_addresses(store: Store) -> None:
    with house(store, LOCAL) as running:
        for number, to in enumerate(
            [
                f"{running.address}@jobs.test",
                f"backup+{running.address.replace('-', '')}@jobs.test",
                f"{running.key}.nas-2@jobs.test",
                f"backup+{running.key}.NAS-2@jobs.test",
                "nas-2@whatever.test",
                "Backup+NAS-2@whatever.test",
            ]
        ):
            assert running.send(mail(Message_ID=f"<{number}@nas>"), to) == STORED, to
    assert len(running.jobs()) == 6


@pytest.mark.parametrize("of", ["", "other"])
def test_a_slug_alone_is_an_address_only_in_a_network_of_its_tenant(store: Store, of: str) -> None:
    inboxes.create(store, "elsewhere", inboxes.Settings(), tenant="other", secret=None)
    with house(store, Settings(networks=(Network("127.0.0.0/8", of),))) as running:
        assert running.send(mail(), "nas-2@jobs.test") == UNKNOWN
        assert running.send(mail(), "elsewhere@jobs.test") == (STORED if of else UNKNOWN)
        assert running.send(mail(), f"{running.address}@jobs.test") == STORED
    assert len(running.jobs()) == 1


def test_an_address_that_there_is_not_is_told_as_such_and_counted(store: Store) -> None:
    with house(store) as running:
        one = running.address
        nearly = one[:-1] + ("0" if one[-1] != "0" else "1")
        for to in (nearly, "nas-2", "postmaster", f"{running.key}.other", f"{running.key[:-1]}x.nas-2", "a.b.c", "+"):
            assert running.send(mail(), f"{to}@jobs.test") == UNKNOWN
        with running.client() as client:
            client.helo()
            client.mail(SENDER)
            answers = [client.docmd("RCPT", f"TO:<{number}@jobs.test>")[0] for number in range(5)]
        assert answers == [550, 550, 550, 550, 421]
        inboxes.rotate(store, running.inbox, None)
        assert running.send(mail(), f"{one}@jobs.test") == UNKNOWN  # the server knew it, but looks again
    assert running.jobs() == []
    assert running.counted() == {"inbox:": (0, 13)}


def test_a_mail_that_nobody_reads_is_kept_without_the_secret_and_read_when_there_is_a_rule(store: Store) -> None:
    with house(store) as running:
        content = mail("Sicherung fertig", To=f"{running.address}@jobs.test", X_Copy=running.address.upper())
        assert running.send(content) == STORED
        assert running.send(content) == STORED
        (kept,) = running.unread()
        assert running.jobs() == []
        assert b"Sicherung fertig" in kept
        assert running.address.encode() not in kept.lower()
        with store.reading() as transaction:
            (number,) = unread.ids(transaction, running.inbox.tenant)
            found = unread.get(transaction, running.inbox.tenant, number)
        assert found is not None
        assert (found.kind, found.why, found.times) == ("mail", "no rule knows such a mail", 2)
        with pytest.raises(UnreadableError):
            taking.again(store, rules, running.inbox, found)
        taking.again(
            store, lambda one: rules(taking.parse(mail())) if one.subject else rules(one), running.inbox, found
        )
    assert running.unread() == []
    assert [job.state for job in running.jobs()] == [JobState.Successful]


def test_a_test_of_the_notification_is_no_job_and_is_not_unread(store: Store) -> None:
    with house(store) as running:
        assert running.send(mail("Test")) == STORED
    assert (running.jobs(), running.unread()) == ([], [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (multipart(10_000), "554 5.6.0 the mail has more than 50 parts"),
        (nested(1_000), "554 5.6.0 the mail has more than 50 parts"),
        (nested(1_000, b"message/rfc822\r\n\r\n"), "554 5.6.0 the mail has more than 50 parts"),
        (b"hello", "554 5.6.0 this is no mail"),
        (b"S: x\r\n" + b"\r\n" * 200_000, "554 5.6.0 the mail has 200,00"),
        (b"Subject: x\r\n\r\n" + b"x" * 12 * 2**20, "552 5.3.4 a mail may have 10,485,760 bytes"),
        (b"Subject: x\r\n\r\n" + b"\r\n" * 12 * 2**20, "552 5.3.4 a mail may have 10,485,760 bytes"),
        (b"Subject: x\r\n\r\n" + b"x" * 50 * 2**20, "552 5.3.4 a mail may have 10,485,760 bytes"),
    ],
)
def test_a_hostile_mail_changes_nothing_but_a_count(store: Store, content: bytes, said: str) -> None:
    with house(store) as running:
        code, words = running.send(content)
        assert f"{code} {words}".startswith(said)
        assert running.send(mail()) == STORED
    assert len(running.jobs()) == 1
    assert running.unread() == []
    assert running.counted()[f"inbox:{running.inbox.inbox}"] == (1, int(code == 554))


def test_a_mail_that_says_that_it_is_too_long_is_not_received(store: Store) -> None:
    with house(store) as running, running.client() as client:
        client.ehlo()
        assert client.mail(SENDER, [f"SIZE={MOST_BYTES + 1}"])[0] == 552
        assert client.esmtp_features["size"] == str(MOST_BYTES)
        assert "auth" not in client.esmtp_features


def test_lines_are_taken_as_they_are(store: Store) -> None:
    """Dots that the protocol adds, lines longer than it allows, bytes that are no text, and no line end at the end."""
    odd = b"Subject: Backup odd\r\n\r\n.\r\n..\r\n.a\r\n" + b"y" * 200_000 + b"\r\n\xff\0\r\n" + b"." * 70_000
    with house(store) as running:
        assert running.send(odd) == STORED
    (job,) = running.jobs()
    assert job.raw.startswith('{"mail":{"subject":"Backup odd","text":".\\n..\\n.a\\nyyyy')


def test_who_goes_amid_a_mail_has_sent_none(store: Store) -> None:
    with house(store) as running:
        begun = f"HELO x\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{running.address}@x>\r\nDATA\r\n".encode()
        with socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE) as talking:
            talking.sendall(begun)
            while b"354" not in talking.recv(65536):
                pass
            talking.sendall(mail())
        assert running.send(mail(Message_ID="<2@nas>")) == STORED
    assert ['"messageId":"2@nas"' in job.raw for job in running.jobs()] == [True]


def test_one_mail_for_two_inboxes_is_a_job_of_each(store: Store) -> None:
    other, address = inboxes.create(store, "other", inboxes.Settings(plan="other"), tenant="default", secret=None)
    with house(store) as running, running.client() as client:
        assert client.sendmail(
            SENDER, [f"{running.address}@x", f"{address}@x", f"{address[:-2]}@x"], mail()
        ).keys() == {f"{address[:-2]}@x"}
    assert sorted(job.plan for job in running.jobs()) == ["nightly", "other"]
    assert other.tenant == running.inbox.tenant


def test_a_mail_for_two_inboxes_is_kept_without_the_secret_of_either(store: Store) -> None:
    _, address = inboxes.create(store, "other", inboxes.Settings(plan="other"), tenant="default", secret=None)
    with house(store) as running, running.client() as client:
        both = [f"{running.address.replace('-', '')}@x", f"{address}@x"]
        client.sendmail(SENDER, both, mail("odd", To=f"{running.address}@x, {address}@x"))
        assert [content.count(b"***@x") for content in running.unread()] == [2, 2]


def test_only_allowed_senders_and_networks_are_heard(store: Store) -> None:
    allowed = Settings(senders=("nas@example.test", "@acme.test"))
    with house(store, allowed) as running:
        assert running.send(mail(), sender="NAS@example.test") == STORED
        assert running.send(mail(), sender="any@acme.test") == STORED
        for other in ("nas@example.test.evil", "any@evil-acme.test", "x@sub.acme.test"):
            assert running.send(mail(), sender=other) == (550, "5.7.1 no mails are taken of this sender")
        running.server.networks = (Network("10.0.0.0/8"),)
        with pytest.raises(smtplib.SMTPConnectError, match="from this network"):
            running.client()


def test_an_address_takes_so_many_mails_and_no_more(store: Store) -> None:
    with house(store, rate=RateLimit(2, 3600)) as running:
        assert [running.send(mail())[0] for _ in range(3)] == [250, 250, 450]


def test_connections_are_limited_and_silent_ones_are_closed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "MOST_OF_A_PEER", 2)
    monkeypatch.setattr(session, "IDLE_SECONDS", 0.3)
    with house(store) as running:
        silent = [socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE) for _ in range(2)]
        for one in silent:
            assert one.recv(100).startswith(b"220 ")
        with pytest.raises(smtplib.SMTPConnectError, match="too many connections"):
            running.client()
        for one in silent:
            assert one.recv(100) == b""
            one.close()
        assert running.send(mail()) == STORED


def test_a_full_inbox_asks_the_sender_to_come_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "MAX_KEPT", 1)
    with house(store) as running:
        assert running.send(mail("one")) == STORED
        assert running.send(mail("two"))[0] == 452
        assert running.send(mail()) == STORED
    assert (len(running.unread()), len(running.jobs())) == (1, 1)


def test_a_mail_is_never_answered_by_250_that_the_store_did_not_take(store: Store) -> None:
    with house(store) as running:
        assert running.send(mail()) == STORED
        with store.writing() as transaction:
            transaction.exec_driver_sql("CREATE TRIGGER no BEFORE INSERT ON job BEGIN SELECT RAISE(ABORT, 'no'); END")
        code, said = running.send(mail(Message_ID="<2@nas>"))
    assert (code, said) == (451, "4.3.0 the mail cannot be stored now; send it again later")


def test_nonsense_is_answered_and_ends(store: Store) -> None:
    with house(store) as running:
        for said in (b"\xff\xfe\x00", b"GET / HTTP/1.1", b"EHLO " + b"x" * 200_000, b"DATA", b"RCPT TO:<x@y>"):
            assert b"Traceback" not in running.talk(said, b"QUIT")
        running.talk(b"EHLO x", *[b"NOOP"] * 150)
        with running.client() as client:
            client.ehlo()
            # One by one: what a server answered last is lost where more is sent after it has closed.
            refused = next(answer for answer in (client.noop() for _ in range(150)) if answer[0] != 250)
        assert refused == (421, b"4.7.0 NOOP sent too many times")
        assert running.send(mail()) == STORED
