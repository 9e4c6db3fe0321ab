"""Limits of senders of pings, webhooks and mails."""

from typing import Final

from blocks.limits.rows import MIB, Rows
from jobreport.api import inbox
from jobreport.identity import inboxes
from jobreport.inbox import filing
from jobreport.inbox import report as inbox_report
from jobreport.inbox.mail import message, session, smtp
from jobreport.inbox.pings import body
from jobreport.inbox.webhooks import base as webhooks
from jobreport.inbox.webhooks import expressions
from jobreport.server.rate_limit import ALL_PINGS, KEY_PINGS, PINGS
from jobreport.store.registry import unread

ROWS: Final[Rows] = [
    (
        "Pings of an address",
        f"{PINGS.requests} in {PINGS.seconds} seconds or as `--ping-limit` says, of each worker",
        "429",
    ),
    ("Pings of all addresses below a ping key", f"{KEY_PINGS} times as many", "429"),
    ("Pings of all addresses together", f"{ALL_PINGS} times as many", "429"),
    (
        "Body of a ping that is kept, and that is read",
        f"{body.LIMIT:,} bytes, {inbox.MOST_READ // MIB} MiB",
        "ignored",
    ),
    ("Body of a webhook", f"{webhooks.MAX_BODY // MIB} MiB", "413"),
    ("Jobs of a webhook or a mail", f"{inbox_report.MAX_JOBS:,}", "kept unread"),
    ("Records of several jobs in one", f"{filing.MOST_RAW // MIB} MiB", "those of later jobs are left out"),
    (
        "Unread of an inbox",
        f"{unread.MAX_KEPT:,}, and {unread.MAX_BYTES // MIB} MiB",
        "503, 452",
    ),
    (
        "Unread of all inboxes of a tenant",
        f"{unread.MAX_KEPT_OF_TENANT:,}, and {unread.MAX_BYTES_OF_TENANT // MIB} MiB",
        "503, 452",
    ),
    ("Expression of a mapping", f"{expressions.MAX_EXPRESSION:,} characters", "not taken"),
    ("Text in which its patterns look", f"{expressions.MOST_SEARCHED:,} characters", "the rest is left out"),
    ("Mails to an address", "count as its pings", "450"),
    (
        "A mail, its lines, its parts, and the characters of its texts",
        f"{message.MOST_BYTES // MIB} MiB, {message.MOST_LINES:,}, {message.MOST_PARTS}, {message.MOST_TEXT:,}",
        "552, 554",
    ),
    (
        "Arrival of a mail, and silence of its sender",
        f"{session.MAIL_SECONDS} seconds, {session.IDLE_SECONDS} seconds",
        "closed",
    ),
    ("Recipients of a mail", f"{session.MOST_RECIPIENTS}", "452"),
    (
        "Connections for mails of a worker, and of one sender",
        f"{smtp.MOST_CONNECTIONS}, {smtp.MOST_OF_A_PEER}",
        "421",
    ),
    (
        "Unknown addresses in a connection for mails, and commands of a kind",
        f"{session.MOST_UNKNOWN}, {session.MOST_COMMANDS}",
        "421",
    ),
    ("Inboxes of a tenant that pings make", f"{inboxes.MAX_INBOXES:,}", "404"),
    ("Run of an inbox", f"{inboxes.LEAST_LONGEST} seconds to {inboxes.MOST_LONGEST // 3600} hours", ""),
]
