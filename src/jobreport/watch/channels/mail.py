"""The kind `mail`: sends a letter by SMTP, to each receiver by itself.

All letters about an incident refer to one another, so a mail program shows them as one thread. A letter that is sent
once more has the Message-ID that it had.
"""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Annotated, Final, Literal

import msgspec

from jobreport.hosts import is_loopback
from jobreport.model import ticks
from jobreport.model.message import Message
from jobreport.watch.channels import identities, letter, secret_lines
from jobreport.watch.channels.base import Kind, UndeliveredError

STEP_SECONDS: Final = 20
"""How long the server may take for each answer."""
MOST_RECEIVERS: Final = 50

_PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}
_PERMANENT: Final = 500
_SHUTS: Final = 421
_SHOWN: Final = 200

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
MailAddress = Annotated[
    str,
    msgspec.Meta(
        max_length=254,
        pattern=r"^[!#-'*+\-/-9=?A-Z^-~.]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$",
        description="a mail address in ASCII, such as backup@example.com",
    ),
]


def _policy() -> "EmailPolicy[EmailMessage]":
    """Returns how letters are written: what names other letters is folded as a name, however long the domain is."""
    headers = HeaderRegistry()
    for name in ("in-reply-to", "references"):
        headers.map_to_type(name, MessageIDHeader)  # type: ignore[arg-type]  # which is made a header there
    return EmailPolicy(header_factory=headers)


_POLICY: Final = _policy()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a channel of this kind. `port` is None for the usual one of `security`."""

    host: Line
    sender: MailAddress = msgspec.field(name="from")
    to: list[MailAddress]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca: str = ""
    user: str = ""
    password_file: str = ""

    def __post_init__(self) -> None:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError('security = "none" is for a server on this machine only, such as 127.0.0.1')
        if bool(self.user) != bool(self.password_file):
            raise ValueError("user and password_file go together")
        if not 1 <= len(self.to) <= MOST_RECEIVERS or len({*self.to}) < len(self.to):
            raise ValueError(f"to must have 1 to {MOST_RECEIVERS} different addresses")


KEYS: Final = {
    "host": "The server that takes mails.",
    "from": "The address of the sender.",
    "to": "A list of addresses. Each gets its own letter.",
    "port": "Its port; by default 587, with `tls` 465, with `none` 25.",
    "security": "`starttls` (the default), `tls`, or `none` for a server on this machine.",
    "ca": "A PEM file with the authority of its certificate; by default those that this machine trusts.",
    "user": "The name to sign in with; by default it does not sign in.",
    "password_file": "A file with the password.",
}


class Mail:
    """A channel by which letters are sent."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def receivers(self) -> Sequence[str]:
        """Returns the addresses."""
        return self._settings.to

    def send(self, message: Message, receiver: str) -> None:
        """Sends the letter to one address. Raises UndeliveredError."""
        with self._connected() as server:
            try:
                server.send_message(written(message, self._settings), self._settings.sender, [receiver])
            except smtplib.SMTPRecipientsRefused as error:
                code, reply = error.recipients[receiver]
                raise _refused(f"{receiver} was refused", code, reply) from None
            except smtplib.SMTPDataError as error:
                raise _refused("the letter was refused", error.smtp_code, error.smtp_error) from None

    @contextmanager
    def _connected(self) -> "Iterator[smtplib.SMTP]":
        """Gives a connection that is signed in. Its errors within the block are those of the channel."""
        about = f"the mail server {self._settings.host}"
        try:
            server = self._opened()
            try:
                yield server
            finally:
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
        except UndeliveredError:
            raise
        except smtplib.SMTPAuthenticationError as error:
            raise UndeliveredError(f"{about} does not take the password: {_said(error.smtp_error)}") from None
        except smtplib.SMTPSenderRefused as error:
            raise UndeliveredError(f"{about} refuses the sender: {error.smtp_code} {_said(error.smtp_error)}") from None
        except smtplib.SMTPResponseException as error:
            raise UndeliveredError(f"{about} answers {error.smtp_code} {_said(error.smtp_error)}") from None
        except smtplib.SMTPException as error:
            raise UndeliveredError(f"{about}: {_said(str(error))}") from None
        except ssl.SSLError as error:
            raise UndeliveredError(f"{about}: no TLS: {error.reason or 'it did not agree'}") from None
        except OSError as error:
            raise UndeliveredError(f"{about} cannot be reached: {error.strerror or 'it did not answer'}") from None

    def _opened(self) -> smtplib.SMTP:
        told = self._settings
        password = secret_lines.only("password_file", told.password_file) if told.password_file else ""
        tls = ssl.create_default_context(cafile=told.ca or None)
        where = (told.host, told.port or _PORTS[told.security])
        # Named here, for otherwise a slow name service is asked what this machine is called.
        name = told.sender.rpartition("@")[2]
        if told.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(*where, local_hostname=name, timeout=STEP_SECONDS, context=tls)
        else:
            server = smtplib.SMTP(*where, local_hostname=name, timeout=STEP_SECONDS)
        try:
            if told.security == "starttls":
                server.starttls(context=tls)
            if told.user:
                server.login(told.user, password)
        except BaseException:
            server.close()
            raise
        return server


def written(message: Message, settings: Settings) -> EmailMessage:
    """Returns the letter."""
    domain = settings.sender.rpartition("@")[2]
    thread, own = (f"<{one(message)}@{domain}>" for one in (identities.of_incident, identities.of_message))
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address("Jobreport", addr_spec=settings.sender)
    mail["To"] = ", ".join(settings.to)
    mail["Subject"] = letter.headline(message)
    mail["Date"] = format_datetime(ticks.to_datetime(message.at))
    mail["Message-ID"] = own
    if message.incident:
        # Nobody has a letter of this ID; each is an answer to it, also the first, which may have been lost.
        mail["In-Reply-To"] = mail["References"] = thread
    mail["Auto-Submitted"] = "auto-generated"
    mail["Jobreport-Step"] = message.step.value
    mail.set_content(letter.text(message))
    mail.add_alternative(letter.html(message), subtype="html")
    for file in message.files:
        kind, _, rest = file.media_type.partition("/")
        mail.add_attachment(file.content, maintype=kind, subtype=rest.partition(";")[0], filename=file.name)
    return mail


def _refused(what: str, code: int, reply: bytes | str) -> UndeliveredError:
    why = f"{what}: {code} {_said(reply)}"
    return UndeliveredError(why, alone=code != _SHUTS, for_good=code >= _PERMANENT)


def _said(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return letter.one_line(text)[:_SHOWN]


KIND: Final = Kind(name="mail", about="letters by SMTP", settings=Settings, keys=KEYS, open=Mail)
