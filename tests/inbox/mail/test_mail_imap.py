"""A mailbox of a real IMAP server: what is read and moved, what stays, and that a killed reader reads nothing twice."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from dovecot import USER, Dovecot, dovecot
from mail_house import House, jobs, kept, mail, rules

from jobreport.identity.addresses import Addresses
from jobreport.inbox.mail import collecting
from jobreport.inbox.mail.collecting import Collector
from jobreport.inbox.mail.imap import Connection, connected
from jobreport.inbox.mail.mailbox import Mailbox, MailboxError
from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.smtp import Settings
from jobreport.inbox.report import Reading
from jobreport.model.catalog import JobState
from jobreport.server.rate_limit import RateLimit
from jobreport.services.mailboxes import mailbox
from jobreport.store import Store, open_store
from jobreport.store.admin import leases
from jobreport.store.registry import unread

DONE, REFUSED = "Jobreport", "Jobreport refused"


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    with dovecot() as found:
        yield found


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    running.empty()
    return running


@pytest.fixture
def store(new_store: str) -> Iterator[Store]:
    """A store by the real time: the server of the mailbox goes by it."""
    with closing(open_store(new_store)) as opened:
        yield opened


@pytest.fixture
def house(store: Store) -> House:
    return House(store, Settings(), RateLimit(1000, 1))


def box(server: Dovecot, **more: Any) -> Mailbox:
    said = {"host": "127.0.0.1", "port": server.tls, "user": USER, "ca": str(server.ca)}
    return Mailbox(name="backup", **said | {"password_file": str(server.password_file)} | more)


def collector(house: House) -> Collector:
    return Collector(house.store, Addresses(house.store), house.sign_ins, rules)


def read(house: House, one: Mailbox) -> None:
    for _ in collector(house).collect(one):
        pass


def test_mails_are_read_and_moved_and_nothing_is_deleted(server: Dovecot, house: House) -> None:
    to = f"backup+{house.address}@example.test"
    server.put(
        mail("Backup ok", To=to, Message_ID="<1@nas>"),
        mail("Backup bad", To="someone@example.test", Delivered_To=to, Message_ID="<2@nas>"),
        mail("Sicherung fertig", To=to),
        mail("Backup ok", To="someone@example.test"),
        mail("Backup ok", To="backup+nas-2@example.test"),
    )
    read(house, box(server))
    assert sorted(job.state.name for job in house.jobs()) == ["Failed", "Successful"]
    (left,) = house.unread()
    assert b"Sicherung fertig" in left
    assert house.address.encode() not in left
    assert server.subjects() == []
    assert sorted(server.subjects(DONE)) == ["Backup bad", "Backup ok", "Sicherung fertig"]
    assert server.subjects(REFUSED) == ["Backup ok", "Backup ok"]
    assert house.counted() == {f"inbox:{house.inbox.inbox}": (3, 0), "inbox:": (0, 2)}
    read(house, box(server))
    assert len(house.jobs()) == 2


def test_a_mailbox_of_a_tenant_knows_its_inboxes_by_their_slugs(server: Dovecot, house: House) -> None:
    server.put(mail("Backup ok", To="backup+nas-2@example.test"), mail("Backup bad", To="nas-2@example.test"))
    read(house, box(server, tenant="default"))
    assert [job.state for job in house.jobs()] == [JobState.Successful]
    assert server.subjects(REFUSED) == ["Backup bad"]
    server.put(mail("Backup bad", To="nas-2@example.test"))
    read(house, box(server, tenant="default", inbox="nas-2"))
    assert len(house.jobs()) == 2


def test_mails_that_were_stored_and_not_moved_count_once(server: Dovecot, house: House) -> None:
    """A reader was killed between the two; or somebody moved them back."""
    bare = mail("Backup bad", To="x@example.test", Message_ID="", Date="")
    server.put(mail(To="x@example.test"), bare, mail("unknown", To="x@example.test"))
    one = box(server, tenant="default", inbox="nas-2")
    for _ in range(2):
        read(house, one)
        assert server.subjects() == []
        server.back(DONE)
        assert len(server.subjects()) == 3
    read(house, one)
    assert (len(house.jobs()), len(house.unread()), server.subjects()) == (2, 1, [])


def test_a_server_that_cannot_move_copies_and_takes_the_one_away_or_that_is_told(server: Dovecot) -> None:
    server.put(mail("first"), mail("second"))
    with connected(box(server), writing=True) as connection:
        connection.make(DONE)
        first = connection.uids()[0]
        copies = Connection(connection._imap, frozenset({"UIDPLUS"}))
        copies.move(first, DONE)
        with pytest.raises(MailboxError, match="cannot move a mail"):
            Connection(connection._imap, frozenset()).move(connection.uids()[0], DONE)
    assert (server.subjects(), server.subjects(DONE)) == (["second"], ["first"])


def test_what_is_looked_at_stays_as_it_is(server: Dovecot, house: House) -> None:
    server.put(mail(To=f"{house.address}@example.test"), mail("unknown", To="nobody@example.test"), b"no mail at all")
    looks = list(collector(house).looks(box(server), 20))
    assert [look.inbox.name if look.inbox else "" for look in looks] == ["nas-2", "", ""]
    assert looks[0].reading is not None
    assert looks[0].reading.jobs[0].state is JobState.Successful
    assert [look.why[:20] for look in looks] == ["", "no rule knows such a", "this is no mail: it "]
    assert (len(server.subjects()), server.seen(), house.jobs(), house.unread()) == (3, 0, [], [])


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_each_security_is_spoken(server: Dovecot, house: House, security: str) -> None:
    port = server.tls if security == "tls" else server.plain
    server.put(mail(To="x@example.test"))
    read(house, box(server, security=security, port=port, tenant="default", inbox="nas-2"))
    assert len(house.jobs()) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"user": "nobody@example.test"}, "does not let nobody@example.test in: "),
        ({"ca": ""}, "cannot be reached: its certificate is not trusted: "),
        ({"host": "localhost.invalid"}, "localhost.invalid:"),
        ({"folder": "Elsewhere"}, "the folder 'Elsewhere' cannot be opened: Mailbox doesn't exist"),
        ({"password_file": "/none"}, "password_file: cannot read /none: No such file or directory"),
    ],
)
def test_what_cannot_be_is_said_without_the_password(
    server: Dovecot, house: House, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(MailboxError) as raised:
        read(house, box(server, **more))
    assert said in str(raised.value)
    assert "pass" not in str(raised.value).replace("password_file", "")


def test_only_allowed_senders_and_no_hostile_mail_are_taken(server: Dovecot, house: House) -> None:
    one = box(server, tenant="default", inbox="nas-2", senders=["NAS@example.test"])
    parts = b"Subject: hostile\r\nFrom: nas@example.test\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    server.put(mail(To="x@y.test"), mail("other", From="evil@y.test"), parts + b"--x\r\n\r\nhello\r\n" * 10_000)
    read(house, one)
    assert [job.state for job in house.jobs()] == [JobState.Successful]
    assert sorted(server.subjects(REFUSED)) == ["hostile", "other"]
    assert house.counted() == {f"inbox:{house.inbox.inbox}": (1, 2)}


def test_a_mail_for_which_there_is_no_room_stays(
    server: Dovecot, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "MAX_KEPT", 1)
    server.put(mail("one", To="x@y.test"), mail("two", To="x@y.test"), mail(To="x@y.test"))
    read(house, box(server, tenant="default", inbox="nas-2"))
    assert server.subjects() == ["two"]
    assert (len(jobs(house.store, house.inbox)), len(kept(house.store, house.inbox))) == (1, 1)


def test_a_mail_at_which_a_rule_fails_stays_and_the_others_are_read(
    server: Dovecot, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "MOST_AT_ONCE", 1)  # those that stay are none of these

    def fails(one: Mail) -> Reading:
        if one.subject == "odd":
            raise ZeroDivisionError
        return rules(one)

    server.put(mail("odd", To="x@y.test"), mail(To="x@y.test"))
    for _ in Collector(house.store, Addresses(house.store), house.sign_ins, fails).collect(
        box(server, tenant="default", inbox="nas-2")
    ):
        pass
    assert (server.subjects(), server.subjects(DONE), len(house.jobs())) == (["odd"], ["Backup ok"], 1)


def test_one_process_of_a_store_reads_a_mailbox_and_another_goes_on(server: Dovecot, house: House) -> None:
    server.put(mail(To="x@y.test"))
    one = box(server, tenant="default", inbox="nas-2")
    service = mailbox(house.store, collector(house), one)
    assert leases.acquire(house.store, "mailbox backup", 600)
    work = service.work()
    assert work is not None
    assert list(work) == []
    assert house.jobs() == []
    leases.release(house.store, "mailbox backup")
    work = service.work()
    assert work is not None
    assert list(work) == [None]
    assert len(house.jobs()) == 1
    assert leases.acquire(house.store, "mailbox backup", 1)
