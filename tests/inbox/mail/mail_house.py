"""A mail server in this process, with a store and an inbox, and mails that a sender of the tests' own writes."""

import asyncio
import contextlib
import smtplib
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage

from connecting import PATIENCE
from jobreport.identity import inboxes
from jobreport.identity.addresses import Addresses
from jobreport.identity.keys.encryption import SecretKey
from jobreport.identity.oauth.sign_ins import SignIns
from jobreport.inbox.mail.delivery_agent import DeliveryAgent
from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.smtp import MailServer, Settings
from jobreport.inbox.report import Reading, ReportedJob, UnreadableError
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobQuery, Sort, SortKey
from jobreport.server.mail_limits import MailLimits
from jobreport.server.rate_limit import PingLimits, RateLimit
from jobreport.store import Store
from jobreport.store.registry import unread
from jobreport.store.registry.inboxes import Inbox
from serving import SECRET_KEY

SENDER = "nas@example.test"


def rules(mail: Mail) -> Reading:
    """What the tests' own sender writes: a subject such as `Backup ok`, or a test."""
    match mail.subject.split():
        case ["Backup", word]:
            state = {"ok": JobState.Successful, "bad": JobState.Failed}.get(word, JobState.Exception)
            return Reading(jobs=(ReportedJob(state=state, comments=mail.text),))
        case ["Test"]:
            return Reading(ignored="a test of the notification")
    raise UnreadableError("no rule knows such a mail")


def mail(subject: str = "Backup ok", text: str = "All done.", **headers: str) -> bytes:
    """A mail as bytes, with a Message-ID and a date unless they are given as empty."""
    message = EmailMessage()
    more = {"From": SENDER, "Subject": subject, "Date": "Sun, 29 Nov 2026 21:00:00 +0000", "Message-ID": "<1@nas>"}
    for name, value in (more | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        if value:
            message[name] = value
    message.set_content(text)
    return message.as_bytes()


class House:
    """A store with the inbox nas-2 of the tenant default, and a server of mails on a port of its own."""

    def __init__(self, store: Store, settings: Settings, rate: RateLimit) -> None:
        self.store, self.sign_ins = store, SignIns()
        secret = SecretKey(SECRET_KEY)
        self.inbox, self.address = inboxes.create(
            store, "nas-2", inboxes.Settings(plan="nightly"), tenant="default", secret=secret
        )
        self.key = inboxes.ping_key(store, secret, tenant="default")
        self.agent = DeliveryAgent(store, Addresses(store), self.sign_ins, rules)
        self.server = MailServer(self.agent, MailLimits(PingLimits(rate)), settings)
        self.port = 0

    def client(self) -> smtplib.SMTP:
        """A connection."""
        return smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE)

    def send(self, content: bytes, to: str = "", sender: str = SENDER) -> tuple[int, str]:
        """Sends a mail to the inbox's own address, or another. Returns what was answered at last."""
        with self.client() as client:
            client.ehlo()
            code, said = client.mail(sender)
            if code == 250:
                code, said = client.rcpt(to or f"{self.address}@jobs.test")
            if code == 250:
                code, said = client.data(content)
        return code, said.decode()

    def talk(self, *lines: bytes) -> bytes:
        """Says lines at once, however long they are, and hears what is answered until the end.

        The server may end it before all was said; then what it answered last may be lost on the way.
        """
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as talking:
            heard = b""
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                talking.sendall(b"".join(line + b"\r\n" for line in lines))
                while piece := talking.recv(65536):
                    heard += piece
        return heard

    def jobs(self) -> list[Job]:
        """The jobs of the inbox's tenant, the oldest first."""
        return jobs(self.store, self.inbox)

    def unread(self) -> list[bytes]:
        """What is kept unread, the newest first."""
        return kept(self.store, self.inbox)

    def counted(self) -> dict[str, tuple[int, int]]:
        """How many mails were taken and refused, by what stands in the place of an app."""
        return {client: count for (client, _, _), count in self.sign_ins._counts.items()}


def jobs(store: Store, inbox: Inbox) -> list[Job]:
    """The jobs of an inbox's tenant, the oldest first."""
    page = store.list_jobs(inbox.tenant, JobQuery(sort=Sort(SortKey.START, descending=False), size=1000))
    return [found.current.job for line in page.lines if (found := store.history(inbox.tenant, line.job_id))]


def kept(store: Store, inbox: Inbox) -> list[bytes]:
    """What is kept unread of an inbox, the newest first."""
    with store.reading() as transaction:
        found = [unread.get(transaction, inbox.tenant, one) for one in unread.ids(transaction, inbox.tenant)]
    return [one.content for one in found if one]


@contextlib.contextmanager
def house(store: Store, settings: Settings | None = None, rate: RateLimit | None = None) -> Iterator[House]:
    """Runs a server of mails in a thread."""
    made = House(store, settings or Settings(), rate or RateLimit(1000, 1))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    listener = socket.create_server(("127.0.0.1", 0))
    made.port = listener.getsockname()[1]
    try:
        asyncio.run_coroutine_threadsafe(made.server.start(listener), loop).result(PATIENCE)
        yield made
        asyncio.run_coroutine_threadsafe(made.server.stop(PATIENCE), loop).result(PATIENCE)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
